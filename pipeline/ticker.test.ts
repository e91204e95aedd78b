import { testHost } from '../test/support/host.ts'
import { traceRequest } from '../test/support/spans.ts'
import type { Batch } from './batch.ts'
import type { Outcome, Processor } from './component.ts'
import { Pipeline } from './pipeline.ts'
import type { Accepted } from './queue/index.ts'
import { Ticker } from './ticker.ts'

/** Holds back a note of every batch with items for a minute, and lets it go as a verdict. */
class Holder implements Processor {
  private readonly now: () => number
  private held: { readonly at: number; readonly items: number }[] = []
  private closing = false

  constructor(now: () => number) {
    this.now = now
  }
  async start(): Promise<void> {}
  async shutdown(): Promise<void> {}
  dueMs(): number | undefined {
    const first = this.held[0]
    return first === undefined ? undefined : this.closing ? 0 : first.at + 60_000
  }
  release(): void {
    this.closing = true
  }
  process(batch: Batch): void {
    const due = this.held.filter(({ at }) => this.closing || at + 60_000 <= this.now())
    this.held = this.held.filter((one) => !due.includes(one))
    for (const { items } of due) {
      batch.verdicts.push({
        timeMs: 0,
        kind: 'manual',
        level: 'warn',
        action: 'signal',
        detector: '',
        reason: `held ${items}`,
        scope: {},
        run: undefined,
        agent: undefined,
        spanId: '',
        spanTimeMs: 0,
        evidence: {},
        liftedBy: '',
      })
    }
    if (batch.items.count > 0) this.held.push({ at: this.now(), items: batch.items.count })
  }
}

function start() {
  const host = testHost()
  const taken: Accepted[] = []
  const room = { full: false }
  const pipeline = new Pipeline({
    id: 'traces',
    signal: 'traces',
    processors: [{ id: 'holder', processor: new Holder(() => host.clock.now()) }],
    enforcers: [],
    sink: {
      admits: () => !room.full,
      append(batch) {
        taken.push(batch)
        return undefined
      },
    },
    metrics: host.metrics,
    log: host.log,
  })
  const ticker = new Ticker(pipeline, { clock: host.clock, log: host.log })
  const said = () => taken.map(({ items, verdicts }) => [items, ...verdicts.map(({ reason }) => reason)])
  return { host, pipeline, ticker, room, said, send: () => pipeline.consume(traceRequest([{ id: '1' }])) }
}

test('what is held back goes when it is due although nothing comes, and nothing is written when there is nothing', async () => {
  const { host, ticker, said, send } = start()
  await ticker.start()
  host.clock.advance(5000)
  send()
  host.clock.advance(59_000)
  expect(said()).toEqual([[1]])
  host.clock.advance(2000)
  expect(said()).toEqual([[1], [0, 'held 1']])
  host.clock.advance(600_000)
  expect(said()).toHaveLength(2)
})

test('at the end everything that is held back goes, once, and no timer is left', async () => {
  const { host, ticker, said, send } = start()
  await ticker.start()
  send()
  await ticker.shutdown()
  await ticker.shutdown()
  expect(said()).toEqual([[1], [0, 'held 1']])
  host.clock.advance(600_000)
  expect(said()).toHaveLength(2)
})

test('a full queue makes it wait, at the end too', async () => {
  const { host, ticker, room, said, send } = start()
  await ticker.start()
  send()
  room.full = true
  host.clock.advance(61_000)
  expect(said()).toEqual([[1]])
  const stopping = ticker.shutdown()
  await settled()
  room.full = false
  host.clock.advance(100)
  await stopping
  expect(said()).toEqual([[1], [0, 'held 1']])
})

test('a queue that never has room is said', async () => {
  const { host, ticker, room, send } = start()
  send()
  room.full = true
  const stopping = ticker.shutdown()
  for (let i = 0; i < 25; i++) {
    await settled()
    host.clock.advance(100)
  }
  await stopping
  expect(host.lines.at(-1)?.message).toContain('the queue stayed full')
})

test('shutdown before start is safe', async () => {
  const outcomes: Outcome[] = []
  const ticker = new Ticker(
    {
      tick: () => ({ kind: 'accepted' }),
      drain: () => {
        outcomes.push({ kind: 'accepted' })
        return { kind: 'accepted' }
      },
    },
    testHost(),
  )
  await ticker.shutdown()
  expect(outcomes).toHaveLength(1)
})

const settled = async (): Promise<void> => {
  for (let i = 0; i < 10; i++) await Promise.resolve()
}
