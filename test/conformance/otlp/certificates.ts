import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const opensslPresent: boolean = spawnSync('openssl', ['version']).status === 0

export interface Certificate {
  readonly certFile: string
  readonly keyFile: string
  readonly cert: string
  readonly key: string
}

/** A certificate authority in a folder of its own, made anew for each run: nothing secret lies in the repository. */
export class Authority {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'otlp-ca-'))
  readonly certificate: Certificate
  private serial = 1

  constructor() {
    mkdirSync(join(this.folder, 'new'))
    writeFileSync(join(this.folder, 'index.txt'), '')
    this.certificate = this.paths('ca')
    const { keyFile, certFile } = this.certificate
    this.openssl(`req -x509 ${KEY} -nodes -keyout ${keyFile} -out ${certFile} -days 2 -subj /CN=test-authority`)
  }

  /** A certificate for localhost; `expired`: it ended yesterday. */
  issue(name: string, expired = false): Certificate {
    const paths = this.paths(name)
    const request = join(this.folder, `${name}.csr`)
    const settings = join(this.folder, `${name}.cnf`)
    writeFileSync(settings, this.settings())
    this.openssl(`req ${KEY} -nodes -keyout ${paths.keyFile} -out ${request} -subj /CN=${name}`)
    const dates = expired ? '-startdate 20200101000000Z -enddate 20200102000000Z' : '-days 2'
    writeFileSync(join(this.folder, 'serial'), String(1000 + this.serial++))
    this.openssl(`ca -batch -config ${settings} -extensions ext ${dates} -in ${request} -out ${paths.certFile} -notext`)
    return paths
  }

  remove(): void {
    rmSync(this.folder, { recursive: true })
  }

  private openssl(line: string): void {
    execFileSync('openssl', line.split(' '), { stdio: 'pipe' })
  }

  private paths(name: string): Certificate {
    const [certFile, keyFile] = [join(this.folder, `${name}.crt`), join(this.folder, `${name}.key`)]
    return {
      ...{ certFile, keyFile },
      get cert() {
        return readFileSync(certFile, 'utf8')
      },
      get key() {
        return readFileSync(keyFile, 'utf8')
      },
    }
  }

  private settings(): string {
    const { certFile, keyFile } = this.certificate
    return [
      '[ca]',
      'default_ca = this',
      '[this]',
      `database = ${this.folder}/index.txt`,
      `serial = ${this.folder}/serial`,
      `new_certs_dir = ${this.folder}/new`,
      `certificate = ${certFile}`,
      `private_key = ${keyFile}`,
      'default_md = sha256',
      'policy = any',
      'unique_subject = no',
      '[any]',
      'commonName = supplied',
      '[ext]',
      'subjectAltName = DNS:localhost,IP:127.0.0.1',
      '',
    ].join('\n')
  }
}

const KEY = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1'
