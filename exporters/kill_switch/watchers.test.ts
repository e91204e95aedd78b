import { get, type IncomingMessage } from 'node:http'
import { budget } from '../../extensions/ledger/testing/open-ledger.ts'
import { type Started, started, stopAll } from './testing/started.ts'

afterEach(stopAll)

interface Watching {
  readonly events: { readonly id?: string; readonly event?: string; readonly data?: unknown }[]
  readonly response: IncomingMessage
  /** Resolves when there are this many events. */
  until(count: number): Promise<void>
  readonly closed: Promise<void>
}

/** An EventSource in short. */
function watch(from: Started, lastId?: string): Promise<Watching> {
  const headers = lastId === undefined ? {} : { 'last-event-id': lastId }
  return new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port: from.port, path: '/v1/watch', headers }, (response) => {
      const events: Watching['events'] = []
      let waiting: (() => void) | undefined
      let text = ''
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString()
        const blocks = text.split('\n\n')
        text = blocks.pop() ?? ''
        for (const block of blocks) {
          const lines = new Map(
            block
              .split('\n')
              .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)] as const),
          )
          if (!lines.has('data')) continue
          const id = lines.get('id')
          events.push({
            ...(id === undefined ? {} : { id }),
            event: lines.get('event') ?? '',
            data: JSON.parse(lines.get('data') ?? ''),
          })
        }
        waiting?.()
      })
      response.on('error', () => undefined)
      const closed = new Promise<void>((done) => response.on('close', done))
      const until = (count: number) =>
        new Promise<void>((done) => {
          waiting = () => events.length >= count && done()
          waiting()
        })
      resolve({ events, response, until, closed })
    })
    request.on('error', reject)
  })
}

const order = (run: string) => ({ scope: { run }, reason: 'r', code: 'killed', actor: 'a', untilMs: undefined })

test('first what is in force, then what happens, as JSON with ids', async () => {
  const on = await started({ budgets: [budget()] })
  const before = on.ledger.kill(order('r0'))
  const watching = await watch(on)
  const kill = on.ledger.kill(order('r1'))
  on.ledger.resume(kill.id, 'a')
  on.ledger.override('cap', 7_000_000_000n, undefined, 'a')
  on.killSwitch.enforce({
    ...{
      timeMs: 0,
      kind: 'loop',
      level: 'warn',
      action: 'signal',
      detector: 'd',
      reason: 'r',
      scope: { run: 'r' },
      run: 'r',
    },
    ...{ agent: undefined, spanId: '', spanTimeMs: 0, evidence: { big: 2n ** 60n, text: 'a\nb' }, liftedBy: '' },
  })
  await watching.until(5)
  expect(watching.events.map(({ event }) => event)).toEqual(['kills', 'kill', 'resume', 'override', 'verdict'])
  expect(watching.events[0]?.data).toMatchObject([{ id: before.id }])
  expect(watching.events[1]?.data).toMatchObject({ id: kill.id, scope: { run: 'r1' }, until: null })
  expect(watching.events[2]?.data).toEqual({ id: kill.id })
  expect(watching.events[3]?.data).toEqual({ budget: 'cap', limit_usd: '7' })
  expect(watching.events[4]?.data).toMatchObject({
    detector: 'd',
    evidence: { big: '1152921504606846976', text: 'a\nb' },
  })
  const ids = watching.events.slice(1).map(({ id }) => Number(id))
  expect(ids).toEqual([...ids].sort((a, b) => a - b))
  expect(on.host.metric('tokenfuse_control_watchers')).toBe(1)
})

test('who comes back with its last id misses nothing and gets nothing twice', async () => {
  const on = await started()
  const first = await watch(on)
  on.ledger.kill(order('r1'))
  on.ledger.kill(order('r2'))
  await first.until(3)
  first.response.destroy()
  on.ledger.kill(order('r3'))
  const second = await watch(on, first.events[1]?.id)
  on.ledger.kill(order('r4'))
  await second.until(4)
  expect(second.events.slice(1).map(({ data }) => (data as { scope: { run: string } }).scope.run)).toEqual([
    'r2',
    'r3',
    'r4',
  ])
  // An id that is none, or from another life: nothing is replayed, the kills in force come anyway.
  for (const id of ['abc', '-1', '9'.repeat(16)]) {
    const odd = await watch(on, id)
    await odd.until(1)
    expect([id, odd.events.length]).toEqual([id, 1])
    expect(odd.events[0]?.data).toHaveLength(4)
  }
})

test('silence is broken, the end is told, and the number is bounded', async () => {
  const on = await started()
  const watching = await watch(on)
  let raw = ''
  watching.response.on('data', (chunk: Buffer) => {
    raw += chunk.toString()
  })
  const beat = new Promise((resolve) => watching.response.once('data', resolve))
  on.host.clock.advance(15_000)
  await beat
  expect(raw).toBe(':\n\n')
  const more = await Promise.all(Array.from({ length: 255 }, () => watch(on)))
  const refused = await on.ask('GET', '/v1/watch')
  expect([refused.status, refused.headers['retry-after']]).toEqual([503, '5'])
  await on.killSwitch.shutdown()
  await Promise.all([watching, ...more].map(({ closed }) => closed))
})

test('a watcher that does not read is cut off and holds nobody up', async () => {
  const on = await started()
  const slow = await watch(on)
  slow.response.pause()
  const quick = await watch(on)
  for (let i = 0; i < 12_000 && on.host.metric('tokenfuse_control_watchers') === 2; i++) {
    on.ledger.kill({ ...order(`r${i}`), reason: 'x'.repeat(1000) })
    if (i % 100 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  expect(on.host.metric('tokenfuse_control_watchers')).toBe(1)
  expect(quick.events.length).toBeGreaterThan(100)
}, 20_000)
