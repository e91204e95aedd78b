import { copyFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:tls'
import { manualClock } from '../../pipeline/runtime/manual-clock.ts'
import { Authority, type Certificate, opensslPresent } from '../../test/conformance/otlp/certificates.ts'
import { call, frame, openSession } from '../../test/conformance/otlp/client/grpc.ts'
import { send } from '../../test/conformance/otlp/client/http.ts'
import { type Place, socketOf, type TlsMaterial } from '../../test/conformance/otlp/client/place.ts'
import { exchange } from '../../test/conformance/otlp/client/raw.ts'
import { traceRequest } from '../../test/support/spans.ts'
import { type Running, type StartOptions, start } from './testing/harness.ts'

const span = traceRequest([{ name: 'one' }])

// Certificates are made by the openssl command; without it there are none to test with.
const suite = opensslPresent ? describe : describe.skip

suite('TLS (needs the openssl command)', () => {
  let ca: Authority
  let other: Authority
  let server: Certificate
  let client: Certificate
  beforeAll(() => {
    ca = new Authority()
    other = new Authority()
    server = ca.issue('server')
    client = ca.issue('client')
  }, 30_000)
  afterAll(() => {
    ca?.remove()
    other?.remove()
  })

  const material = (more: TlsMaterial = {}): TlsMaterial => ({ ca: ca.certificate.cert, ...more })
  const files = (c: Certificate): object => ({ cert_file: c.certFile, key_file: c.keyFile })

  /** Starts with this TLS block on both protocols. */
  async function served(tls: object, use: (running: Running) => Promise<void>, more: StartOptions = {}): Promise<void> {
    const running = await start({ grpc: { tls }, http: { tls }, ...more })
    try {
      await use(running)
    } finally {
      const stopped = running.stop()
      const { clock } = more
      for (let i = 0; i < 20 && clock !== undefined && 'advance' in clock; i++) {
        ;(clock.advance as (ms: number) => void)(1000)
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      await stopped
    }
  }

  const overHttp = (place: Place, tls?: TlsMaterial) =>
    send({ ...place, tls }, { headers: { 'content-type': 'application/x-protobuf' }, body: span }).then(
      (a) => a.status,
      () => 'refused',
    )
  const overGrpc = async (place: Place, tls?: TlsMaterial): Promise<number | 'refused'> => {
    try {
      const session = await openSession({ ...place, tls })
      try {
        return (await call(session, { data: frame(span) })).code
      } finally {
        session.destroy()
      }
    } catch {
      return 'refused'
    }
  }
  const both = async ({ http, grpc }: Running, tls?: TlsMaterial) => [
    await overHttp(http, tls),
    await overGrpc(grpc, tls),
  ]

  test('serves whoever trusts its certificate, and nobody in clear text', async () => {
    await served(files(server), async (running) => {
      expect(await both(running, material())).toEqual([200, 0])
      expect(await both(running, { ca: other.certificate.cert })).toEqual(['refused', 'refused'])
      expect(await both(running)).toEqual(['refused', 'refused'])
      expect(await exchange(running.http, 'nonsense').catch(() => '')).not.toMatch(/200/)
      expect(await both(running, material())).toEqual([200, 0])
    })
  })

  test('takes PEM texts instead of files', async () => {
    await served({ cert_pem: server.cert, key_pem: server.key }, async (running) =>
      expect(await both(running, material())).toEqual([200, 0]),
    )
  })

  test('with client_ca_file, only clients of that authority get in', async () => {
    const expired = ca.issue('expired', true)
    const stranger = other.issue('stranger')
    await served({ ...files(server), client_ca_file: ca.certificate.certFile }, async (running) => {
      const withCert = ({ cert, key }: Certificate) => both(running, material({ cert, key }))
      expect(await withCert(client)).toEqual([200, 0])
      expect(await both(running, material())).toEqual(['refused', 'refused'])
      expect(await withCert(stranger)).toEqual(['refused', 'refused'])
      expect(await withCert(expired)).toEqual(['refused', 'refused'])
      expect(running.recorder.received).toHaveLength(2)
      expect(await withCert(client)).toEqual([200, 0])
    })
  }, 20_000)

  test('reload_interval brings renewed certificates in; unusable ones stay out', async () => {
    const live: Certificate = { ...server, certFile: `${ca.folder}/live.crt`, keyFile: `${ca.folder}/live.key` }
    const install = (c: Certificate) => {
      copyFileSync(c.certFile, live.certFile)
      copyFileSync(c.keyFile, live.keyFile)
    }
    install(other.issue('old'))
    const clock = manualClock()
    await served(
      { ...files(live), reload_interval: '1h' },
      async (running) => {
        const reloaded = async (want: readonly unknown[]) => {
          clock.advance(3_600_000)
          for (let i = 0; i < 200; i++) {
            const got = await both(running, material())
            if (JSON.stringify(got) === JSON.stringify(want)) return
            await new Promise((resolve) => setTimeout(resolve, 10))
          }
          throw new Error(`never ${JSON.stringify(want)}`)
        }
        expect(await both(running, material())).toEqual(['refused', 'refused'])
        install(server)
        expect(await both(running, material())).toEqual(['refused', 'refused'])
        await reloaded([200, 0])
        writeFileSync(live.certFile, 'not a certificate')
        clock.advance(3_600_000)
        while (running.host.lines.filter((l) => l.level === 'warn').length < 2)
          await new Promise((resolve) => setTimeout(resolve, 5))
        expect(await both(running, material())).toEqual([200, 0])
      },
      { clock },
    )
  }, 20_000)

  test('min_version, max_version, cipher_suites and curve_preferences', async () => {
    const spoken = async (tls: object, ask: object): Promise<string | null> => {
      let result: string | null = null
      await served({ ...files(server), ...tls }, async ({ http }) => {
        result = await new Promise((resolve) => {
          const socket = connect({
            ...(socketOf(http) as { host: string; port: number }),
            ca: ca.certificate.cert,
            servername: 'localhost',
            ...ask,
          })
          socket.on('secureConnect', () => {
            resolve(`${socket.getProtocol()} ${socket.getCipher().standardName}`)
            socket.destroy()
          })
          socket.on('error', () => resolve('refused'))
        })
      })
      return result
    }
    expect(await spoken({}, { maxVersion: 'TLSv1.2' })).toMatch(/^TLSv1\.2 /)
    expect(await spoken({ min_version: '1.3' }, { maxVersion: 'TLSv1.2' })).toBe('refused')
    expect(await spoken({ max_version: '1.2' }, {})).toMatch(/^TLSv1\.2 /)
    for (const suite of [
      'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
      'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
      'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256',
    ]) {
      expect(await spoken({ cipher_suites: [suite], max_version: '1.2' }, {})).toBe(`TLSv1.2 ${suite}`)
    }
    expect(await spoken({ curve_preferences: ['P256'] }, { ecdhCurve: 'P-256' })).toMatch(/^TLSv1\.3/)
    expect(await spoken({ curve_preferences: ['X25519'] }, { ecdhCurve: 'P-256' })).toBe('refused')
  }, 30_000)

  test('files that cannot be used: start fails and says which', async () => {
    const check = async (tls: object, message: RegExp) => {
      await expect(start({ grpc: {}, http: { tls } })).rejects.toThrow(message)
      await expect(start({ grpc: { tls } })).rejects.toThrow(message)
    }
    await check(
      { cert_file: '/no/such.crt', key_file: server.keyFile },
      /tls\.cert_file: cannot read \/no\/such\.crt: ENOENT/,
    )
    await check({ cert_file: server.certFile, key_file: '/no/such.key' }, /tls\.key_file: cannot read \/no\/such\.key/)
    await check({ ...files(server), client_ca_file: '/no/ca.pem' }, /tls\.client_ca_file: cannot read/)
    await check(
      { cert_file: server.certFile, key_file: client.keyFile },
      /certificate and key cannot be used.*belong together/,
    )
    await check({ cert_file: server.keyFile, key_file: server.keyFile }, /cannot be used/)
    await check({ ...files(server), cipher_suites: ['TLS_NONE'] }, /cipher_suites: TLS_NONE is unknown/)
  })
})
