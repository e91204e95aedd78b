import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Authority } from '../conformance/otlp/certificates.ts'
import { interop, python, runProgram, testWith } from '../support/programs.ts'
import { freePorts, type RunningSidecar, startSidecar } from '../support/sidecar.ts'

/**
 * The official gRPC clients of three languages against the gRPC server of the sidecar, which is written on node:http2: each
 * calls it plain, compressed, over TLS with and without a certificate of its own, over a unix socket, with keepalive pings,
 * through connections that are ended by age, with messages too large, deadlines too short, and methods that are not there.
 */
interface Case {
  readonly name: string
  readonly target: string
  readonly calls?: number
  readonly gap_ms?: number
  readonly timeout_ms?: number
  readonly keepalive_ms?: number
  readonly compression?: 'gzip' | 'deflate'
  readonly size?: number
  readonly method?: string
  readonly tls?: { readonly ca: string; readonly cert?: string; readonly key?: string }
}

const UNKNOWN_METHOD = '/opentelemetry.proto.collector.trace.v1.TraceService/Import'
const UNKNOWN_SERVICE = '/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export'
const MIB = 1024 * 1024

let folder: string
let ca: Authority
let other: Authority
let sidecar: RunningSidecar
let targets: Readonly<Record<'plain' | 'aged' | 'tls' | 'mtls' | 'unix', string>>
let certificates: Readonly<Record<'good' | 'expired' | 'foreign', { readonly cert: string; readonly key: string }>>

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tokenfuse-interop-'))
  ;[ca, other] = [new Authority(), new Authority()]
  const server = ca.issue('server')
  const files = ({ certFile, keyFile }: { certFile: string; keyFile: string }) => ({ cert: certFile, key: keyFile })
  certificates = {
    good: files(ca.issue('good')),
    expired: files(ca.issue('expired', true)),
    foreign: files(other.issue('foreign')),
  }
  const [aged = 0, tls = 0, mtls = 0] = await freePorts(3)
  const socket = join(folder, 'otlp.sock')
  const pair = `cert_file: "${server.certFile}", key_file: "${server.keyFile}"`
  sidecar = await startSidecar(`
receivers:
  otlp/aged:
    protocols:
      grpc:
        endpoint: "127.0.0.1:${aged}"
        keepalive: { server_parameters: { max_connection_age: 300ms, max_connection_age_grace: 5s } }
  otlp/tls: { protocols: { grpc: { endpoint: "127.0.0.1:${tls}", tls: { ${pair} } } } }
  otlp/mtls: { protocols: { grpc: { endpoint: "127.0.0.1:${mtls}", tls: { ${pair}, client_ca_file: "${ca.certificate.certFile}" } } } }
  otlp/unix: { protocols: { grpc: { endpoint: "${socket}", transport: unix } } }
service: { pipelines: { traces: { receivers: [otlp, otlp/aged, otlp/tls, otlp/mtls, otlp/unix], exporters: [file] } } }
`)
  const at = (port: number): string => `localhost:${port}`
  targets = {
    plain: sidecar.grpc.replace('http://', ''),
    aged: `127.0.0.1:${aged}`,
    tls: at(tls),
    mtls: at(mtls),
    unix: `unix:${socket}`,
  }
}, 60_000)
afterAll(async () => {
  await sidecar?.stop()
  sidecar?.remove()
  for (const authority of [ca, other]) authority?.remove()
  rmSync(folder, { recursive: true, force: true })
})

/** @param keepaliveMs the least that the language's library allows, and the pause in which it then pings. */
function cases(compressions: readonly ('gzip' | 'deflate')[], keepaliveMs: number, pauseMs: number): Map<Case, object> {
  const { plain, aged, tls, mtls, unix } = targets
  const trust = { ca: ca.certificate.certFile }
  const all = new Map<Case, object>()
  const check = (spec: Case, want: object): void => void all.set(spec, want)
  check({ name: 'plain', target: plain, calls: 50 }, { OK: 50 })
  for (const compression of compressions) {
    check({ name: compression, target: plain, compression, calls: 10 }, { OK: 10 })
    // 6 MiB of one letter are small until they are unpacked.
    check({ name: `${compression}, too large`, target: plain, compression, size: 6 * MIB }, { RESOURCE_EXHAUSTED: 1 })
    check({ name: `${compression}, large`, target: plain, compression, size: 3 * MIB }, { OK: 1 })
  }
  check({ name: 'large', target: plain, size: 3 * MIB, calls: 3 }, { OK: 3 })
  check({ name: 'too large', target: plain, size: 5 * MIB, calls: 3 }, { RESOURCE_EXHAUSTED: 3 })
  // So large that nobody is faster than the clock.
  check({ name: 'deadline', target: plain, size: 3 * MIB, timeout_ms: 0.001 }, { DEADLINE_EXCEEDED: 1 })
  check({ name: 'unknown method', target: plain, method: UNKNOWN_METHOD }, { UNIMPLEMENTED: 1 })
  check({ name: 'unknown service', target: plain, method: UNKNOWN_SERVICE }, { UNIMPLEMENTED: 1 })
  check({ name: 'keepalive', target: plain, calls: 2, gap_ms: pauseMs, keepalive_ms: keepaliveMs }, { OK: 2 })
  check({ name: 'connections ended by age', target: aged, calls: 80, gap_ms: 25 }, { OK: 80 })
  check({ name: 'unix socket', target: unix, calls: 5 }, { OK: 5 })
  check({ name: 'TLS', target: tls, tls: trust, calls: 5 }, { OK: 5 })
  check({ name: 'TLS, another authority', target: tls, tls: { ca: other.certificate.certFile } }, { UNAVAILABLE: 1 })
  check({ name: 'mTLS', target: mtls, tls: { ...trust, ...certificates.good }, calls: 5 }, { OK: 5 })
  check({ name: 'mTLS without a certificate', target: mtls, tls: trust }, { UNAVAILABLE: 1 })
  check({ name: 'mTLS, expired', target: mtls, tls: { ...trust, ...certificates.expired } }, { UNAVAILABLE: 1 })
  check({ name: 'mTLS, foreign', target: mtls, tls: { ...trust, ...certificates.foreign } }, { UNAVAILABLE: 1 })
  return all
}

async function run(command: string, args: readonly string[], all: ReadonlyMap<Case, object>): Promise<void> {
  // Go's library takes whole milliseconds; the least there is.
  const specs = [...all.keys()].map((spec) =>
    spec.timeout_ms !== undefined && command === interop ? { ...spec, timeout_ms: 1 } : spec,
  )
  const { code, stdout, stderr } = await runProgram(command, args, { stdin: JSON.stringify(specs) })
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
  const got = JSON.parse(stdout) as Record<string, Record<string, number>>
  const upper = (counts: Record<string, number>): object =>
    Object.fromEntries(Object.entries(counts).map(([name, n]) => [codeName(name), n]))
  const table = Object.fromEntries(Object.entries(got).map(([name, counts]) => [name, upper(counts)]))
  expect(table).toEqual(Object.fromEntries([...all].map(([{ name }, want]) => [name, want])))
}

/** Go says `ResourceExhausted` where the others say `RESOURCE_EXHAUSTED`. */
const codeName = (name: string): string =>
  /^[A-Z_]+$/.test(name) ? name : name.replace(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter}`).toUpperCase()

const script = (name: string): string => join(import.meta.dirname, 'interop', name)

test('JavaScript: @grpc/grpc-js', async () => {
  await run(process.execPath, ['--no-warnings', script('client.mjs')], cases(['gzip', 'deflate'], 200, 1500))
}, 60_000)

testWith('python')(
  'Python: grpcio and the stubs of opentelemetry-proto',
  async () => {
    await run(python, [script('client.py')], cases(['gzip', 'deflate'], 200, 1500))
  },
  60_000,
)

testWith('interop')(
  'Go: google.golang.org/grpc and go.opentelemetry.io/proto/otlp',
  async () => {
    // grpc-go pings every ten seconds at most.
    await run(interop, [], cases(['gzip'], 10_000, 11_500))
  },
  90_000,
)
