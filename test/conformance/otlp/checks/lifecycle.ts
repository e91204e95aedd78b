import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { call, frame, openSession } from '../client/grpc.ts'
import { send } from '../client/http.ts'
import { type Check, grpcOf, httpOf, launchOf, PROTO, pause, skip } from '../context.ts'
import { marker, protoRequest } from '../samples.ts'

export const lifecycle: readonly Check[] = [
  {
    number: 49,
    title: 'a port in use or a bad TLS file: the start fails, and what was open is closed',
    async run(context) {
      const launch = launchOf(context)
      const taken = createServer().listen(0, '127.0.0.1')
      await new Promise((resolve) => taken.once('listening', resolve))
      const { port } = taken.address() as { port: number }
      const free = await freePort()
      try {
        await assert.rejects(
          launch({ grpc: { endpoint: `127.0.0.1:${free}` }, http: { endpoint: `127.0.0.1:${port}` }, fails: true }),
          'started on a port in use',
        )
        await assert.rejects(
          openSession({ address: `127.0.0.1:${free}` }),
          /ECONNREFUSED/,
          'the other listener is still open',
        )
        const tls = { cert_file: '/does/not/exist.crt', key_file: '/does/not/exist.key' }
        await assert.rejects(
          launch({ grpc: { endpoint: `127.0.0.1:${free}` }, http: { tls }, fails: true }),
          'started without its certificate',
        )
        await assert.rejects(
          openSession({ address: `127.0.0.1:${free}` }),
          /ECONNREFUSED/,
          'the other listener is still open',
        )
      } finally {
        taken.close()
      }
    },
  },
  {
    number: 50,
    title: 'SIGTERM under load: what was accepted is delivered, and nothing is accepted afterwards',
    async run(context) {
      const target = await launchOf(context)({})
      const forwarded = target.forwarded ?? skip('the far end of the target is not seen')
      const load = { over: false, accepted: new Set<string>() }
      const senders = [
        ...Array.from({ length: 3 }, () => sendUntilRefused(load, (mark) => overHttp(target, mark))),
        sendUntilRefused(load, await overGrpc(target)),
      ]
      await pause(500)
      const code = await target.stop()
      load.over = true
      await Promise.all(senders)
      assert.equal(code, 0, 'exit code')
      assert.ok(load.accepted.size > 20, `only ${load.accepted.size} requests were accepted before the end`)
      for (const mark of load.accepted)
        assert.ok(await forwarded.find('traces', mark, 0), `${mark} was accepted and is gone`)
      await assert.rejects(
        send(httpOf(target), { headers: PROTO, body: protoRequest('traces', marker()) }),
        'it still accepts',
      )
    },
  },
]

interface Load {
  over: boolean
  readonly accepted: Set<string>
}

/** Goes on until the target is gone; remembers what it said it has taken. */
async function sendUntilRefused(load: Load, sendOne: (mark: string) => Promise<boolean>): Promise<void> {
  let failures = 0
  while (!load.over && failures < 3) {
    const mark = marker()
    if (await sendOne(mark).catch(() => false)) load.accepted.add(mark)
    else failures++
  }
}

const overHttp = async (target: Parameters<typeof httpOf>[0], mark: string): Promise<boolean> =>
  (await send(httpOf(target), { headers: PROTO, body: protoRequest('traces', mark), timeoutMs: 8000 })).status === 200

async function overGrpc(target: Parameters<typeof grpcOf>[0]): Promise<(mark: string) => Promise<boolean>> {
  const session = await openSession(grpcOf(target))
  return async (mark) =>
    (await call(session, { data: frame(protoRequest('traces', mark)), timeoutMs: 8000 })).code === 0
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => probe.once('listening', resolve))
  const { port } = probe.address() as { port: number }
  await new Promise((resolve) => probe.close(resolve))
  return port
}
