import assert from 'node:assert/strict'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { Authority, opensslPresent } from '../certificates.ts'
import { call, EXPORT, frame, type GrpcAnswer, openSession } from '../client/grpc.ts'
import { send } from '../client/http.ts'
import type { Place, TlsMaterial } from '../client/place.ts'
import {
  type Check,
  type Context,
  grpcOf,
  httpOf,
  PROTO,
  pause,
  SIGNALS,
  skip,
  type Target,
  withLaunched,
} from '../context.ts'
import { marker, paddedRequest, protoRequest } from '../samples.ts'
import { snappyFramed } from '../stored.ts'

const MIB = 1024 * 1024
type Session = Awaited<ReturnType<typeof openSession>>

async function withSession(place: Place, use: (session: Session) => Promise<void>): Promise<void> {
  const session = await openSession(place)
  try {
    await use(session)
  } finally {
    session.destroy()
  }
}

const shown = (answer: GrpcAnswer): string =>
  `HTTP ${answer.httpStatus}, grpc-status ${answer.code}, ${JSON.stringify(answer.message)}`

function assertCode(answer: GrpcAnswer, code: number, what: string): void {
  assert.equal(answer.code, code, `${what}: ${shown(answer)}`)
}

export const grpc: readonly Check[] = [
  {
    number: 36,
    title: 'Export of each service is OK with an empty response message',
    async run(context) {
      await withSession(grpcOf(context), async (session) => {
        for (const signal of SIGNALS) {
          const mark = marker()
          const answer = await call(session, { path: EXPORT[signal], data: frame(protoRequest(signal, mark)) })
          assertCode(answer, 0, signal)
          assert.equal(answer.body?.length, 0, 'response message')
          if (context.forwarded !== undefined)
            assert.ok(await context.forwarded.find(signal, mark), `${signal} did not arrive`)
        }
      })
    },
  },
  {
    number: 37,
    title: 'gzip messages; other encodings as grpc-accept-encoding says, else UNIMPLEMENTED',
    async run(context) {
      await withSession(grpcOf(context), async (session) => {
        const packed = (encoding: string, pack: (plain: Buffer) => Buffer) =>
          call(session, {
            data: frame(pack(protoRequest('traces', marker())), 1),
            headers: { 'grpc-encoding': encoding },
          })
        assertCode(await packed('gzip', gzipSync), 0, 'gzip')
        const unknown = await packed('made-up', (plain) => plain)
        assertCode(unknown, 12, 'an unknown encoding')
        const offered = (unknown.headers['grpc-accept-encoding'] ?? '').split(',').map((name) => name.trim())
        const others = { deflate: deflateSync, zstd: zstdCompressSync, snappy: snappyFramed }
        for (const [name, pack] of Object.entries(others)) {
          const answer = await packed(name, pack)
          if (answer.code !== 0 || offered.includes(name)) assertCode(answer, offered.includes(name) ? 0 : 12, name)
        }
      })
    },
  },
  {
    number: 38,
    title: 'a message over the limit, also only after decompression, is RESOURCE_EXHAUSTED without RetryInfo',
    async run(context) {
      const check = async (target: Target, limit: number) => {
        await withSession(grpcOf(target), async (session) => {
          assertCode(
            await call(session, { data: frame(paddedRequest('traces', marker(), limit)) }),
            0,
            'exactly the limit',
          )
          const over = paddedRequest('traces', marker(), limit + 1)
          const plain = await call(session, { data: frame(over) })
          const packed = await call(session, { data: frame(gzipSync(over), 1), headers: { 'grpc-encoding': 'gzip' } })
          for (const answer of [plain, packed]) {
            assertCode(answer, 8, 'one byte more')
            assert.equal(answer.headers['grpc-status-details-bin'], undefined, 'RetryInfo would make it retryable')
          }
          assertCode(await call(session, { data: frame(protoRequest('traces', marker())) }), 0, 'afterwards')
        })
      }
      if (context.launch === undefined) return check(context, context.grpcLimit)
      await withLaunched(context, { grpc: { max_recv_msg_size_mib: 1 } }, async (target) => check(target, MIB))
    },
  },
  {
    number: 39,
    title: 'malformed bytes are INTERNAL or INVALID_ARGUMENT, and the connection lives',
    async run(context) {
      await withSession(grpcOf(context), async (session) => {
        for (const body of [Buffer.from('garbage that is no message'), Buffer.alloc(64, 0xff)]) {
          const { code } = await call(session, { data: frame(body) })
          assert.ok(code === 3 || code === 13, `grpc-status ${code}`)
        }
        const short = await call(session, { data: frame(protoRequest('traces', marker())).subarray(0, 20) })
        assert.notEqual(short.code, 0, 'a message that is cut off')
        assertCode(await call(session, { data: frame(protoRequest('traces', marker())) }), 0, 'afterwards')
      })
    },
  },
  {
    number: 40,
    title: 'unknown services and methods are UNIMPLEMENTED',
    async run(context) {
      await withSession(grpcOf(context), async (session) => {
        for (const path of ['/opentelemetry.proto.collector.trace.v1.TraceService/Import', '/my.Service/Export', '/']) {
          assertCode(await call(session, { path, data: frame(protoRequest('traces', marker())) }), 12, path)
        }
      })
    },
  },
  {
    number: 41,
    title: '100 calls at once, pings, and max_connection_age lose no call',
    async run(context) {
      const grpcPlace = grpcOf(context)
      await withSession(grpcPlace, async (session) => {
        const answers = await Promise.all(
          Array.from({ length: 100 }, () => call(session, { data: frame(protoRequest('traces', marker())) })),
        )
        for (const answer of answers) assertCode(answer, 0, 'one of 100')
        await new Promise<void>((resolve, reject) =>
          session.ping((error) => (error === null ? resolve() : reject(error))),
        )
      })
      await agedConnections(context)
    },
  },
  {
    number: 42,
    title: 'unix sockets, for gRPC and HTTP',
    async run(context) {
      const folder = mkdtempSync(join(tmpdir(), 'otlp-uds-'))
      try {
        const grpcPath = join(folder, 'grpc.sock')
        const httpPath = join(folder, 'http.sock')
        const blocks = {
          grpc: { endpoint: grpcPath, transport: 'unix' },
          http: { endpoint: httpPath, transport: 'unix' },
        }
        await withLaunched(context, blocks, async () => {
          const answer = await send({ address: httpPath }, { headers: PROTO, body: protoRequest('traces', marker()) })
          assert.equal(answer.status, 200)
          await withSession({ address: grpcPath }, async (session) => {
            assertCode(await call(session, { data: frame(protoRequest('traces', marker())) }), 0, 'unix socket')
          })
        })
      } finally {
        rmSync(folder, { recursive: true })
      }
    },
  },
  {
    number: 43,
    title: 'TLS and mTLS: clients with a good certificate get in, those with none, a foreign or an expired one do not',
    async run(context) {
      if (!opensslPresent) skip('the openssl command is not installed')
      if (context.launch === undefined) skip('needs a target with a config of its own; give --command')
      const [ca, other] = [new Authority(), new Authority()]
      try {
        await checkTls(context, ca, other)
      } finally {
        ca.remove()
        other.remove()
      }
    },
  },
]

/** One client that goes on calling while its connections are ended under it. */
async function agedConnections(context: Context): Promise<void> {
  if (context.launch === undefined) return
  const server_parameters = { max_connection_age: '200ms', max_connection_age_grace: '2s' }
  await withLaunched(context, { grpc: { keepalive: { server_parameters } } }, async (target) => {
    let session = await openSession(grpcOf(target))
    let ended = 0
    const end = performance.now() + 1500
    for (let i = 0; performance.now() < end; i++) {
      if (session.closed || session.destroyed) {
        ended++
        session = await openSession(grpcOf(target))
      }
      const [answer, error] = await call(session, { data: frame(protoRequest('traces', marker())) }).then(
        (done) => [done, ''] as const,
        (reason: unknown) => [undefined, String(reason)] as const,
      )
      // Refused, or met by a closed connection: it was never processed, and a client sends it again by itself.
      if (answer === undefined && (session.closed || session.destroyed || error.includes('REFUSED_STREAM'))) continue
      assert.ok(answer, `call ${i}: ${error}`)
      assertCode(answer, 0, `call ${i}`)
    }
    session.destroy()
    assert.ok(ended >= 1, 'no connection was ended by its age')
  })
}

async function checkTls(context: Context, ca: Authority, other: Authority): Promise<void> {
  const server = ca.issue('server')
  const [good, expired, foreign] = [ca.issue('good'), ca.issue('expired', true), other.issue('foreign')]
  const tls = { cert_file: server.certFile, key_file: server.keyFile }
  const mutual = { ...tls, client_ca_file: ca.certificate.certFile }
  const trust: TlsMaterial = { ca: ca.certificate.cert }
  const check = async (block: object, material: TlsMaterial | undefined, works: boolean, what: string) => {
    await withLaunched(context, { grpc: { tls: block }, http: { tls: block } }, async (target) => {
      const overHttp = await send(
        { ...httpOf(target), tls: material },
        { headers: PROTO, body: protoRequest('traces', marker()) },
      ).then(
        (a) => a.status,
        () => 0,
      )
      // Some servers say in clear text that they want TLS.
      assert.equal(overHttp === 200, works, `HTTP, ${what}: ${overHttp}`)
      let code = -1
      await withSession({ ...grpcOf(target), tls: material }, async (session) => {
        code = (await call(session, { data: frame(protoRequest('traces', marker())) })).code
      }).catch(() => undefined)
      assert.equal(code, works ? 0 : -1, `gRPC, ${what}`)
    })
  }
  await check(tls, trust, true, 'a client that trusts the authority')
  await check(tls, { ca: other.certificate.cert }, false, 'a client that does not')
  await check(tls, undefined, false, 'clear text')
  await check(mutual, { ...trust, cert: good.cert, key: good.key }, true, 'a good client certificate')
  await check(mutual, trust, false, 'no client certificate')
  await check(mutual, { ...trust, cert: foreign.cert, key: foreign.key }, false, 'a foreign client certificate')
  await check(mutual, { ...trust, cert: expired.cert, key: expired.key }, false, 'an expired client certificate')
  await renewedCertificates(context, ca, other)
}

/** With `reload_interval` a certificate that is renewed on disk is served without a restart. */
async function renewedCertificates(context: Context, ca: Authority, other: Authority): Promise<void> {
  const [live, next] = [ca.issue('live'), other.issue('next')]
  const tls = { cert_file: live.certFile, key_file: live.keyFile, reload_interval: '500ms' }
  await withLaunched(context, { grpc: { tls }, http: { tls } }, async (target) => {
    const works = async (authority: Authority): Promise<boolean> => {
      const material = { ca: authority.certificate.cert }
      const request = { headers: PROTO, body: protoRequest('traces', marker()) }
      const answers = await Promise.allSettled([
        send({ ...httpOf(target), tls: material }, request),
        withSession({ ...grpcOf(target), tls: material }, async () => {}),
      ])
      return answers.every(({ status }) => status === 'fulfilled')
    }
    assert.ok(await works(ca), 'before')
    copyFileSync(next.keyFile, live.keyFile)
    copyFileSync(next.certFile, live.certFile)
    for (const end = performance.now() + 10_000; !(await works(other)); await pause(200))
      assert.ok(performance.now() < end, 'the renewed certificate is not served')
    assert.ok(!(await works(ca)), 'the old certificate is still served')
  })
}
