import type { Call } from '../../genai/call.ts'
import { totalInput, totalOutput } from '../../genai/usage.ts'
import { testHost } from '../../test/support/host.ts'
import { type AttributeValues, type SpanSpec, traceRequest } from '../../test/support/spans.ts'
import type { Config } from './config.ts'
import { factory } from './index.ts'
import { feeder } from './testing/golden.ts'

/** One iteration: its number (also its time), the totals it reports, and what else is to be different. */
type Iteration = readonly [number, number, number, (SpanSpec & { readonly usage?: AttributeValues })?]

let serial = 0
function chat([time, input, output, more = {}]: Iteration): SpanSpec {
  const { usage = {}, ...rest } = more
  return {
    id: (++serial).toString(16),
    parent: 'ff',
    name: 'gen_ai.chat',
    scope: 'holmesgpt',
    start: time * 1000,
    end: time * 1000 + 900,
    ...rest,
    attributes: {
      'gen_ai.system': 'litellm',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.usage.input_tokens': input,
      'gen_ai.usage.output_tokens': output,
      ...(rest.scope === undefined ? { 'holmesgpt.iteration': time } : {}),
      ...usage,
      ...rest.attributes,
    },
  }
}

const start = (settings: Partial<Config> = {}) => {
  const feed = feeder(factory.create({ max_entries: 4096, ...settings }, testHost()))
  return (...spans: SpanSpec[]): readonly Call[] => feed(traceRequest(spans), 'traces').calls
}
const told = ({ bill, usage, flags }: Call): string =>
  [bill, `${totalInput(usage)}/${totalOutput(usage)}`, ...flags].join(' ')

/** Each iteration in a request of its own, and all of them in one: the same becomes of them. */
function check(iterations: readonly Iteration[], want: readonly string[], settings: Partial<Config> = {}): void {
  const apart = start(settings)
  const spans = iterations.map(chat)
  expect(spans.flatMap((span) => apart(span)).map(told)).toEqual(want)
  expect(
    start(settings)(...spans)
      .map(told)
      .slice(0, want.length),
  ).toEqual(want)
}

test('what a running total grew by is billed', () => {
  check(
    [
      [1, 1200, 60],
      [2, 2700, 140],
      [3, 4500, 300],
      [4, 6000, 420],
      [5, 8000, 600],
    ],
    [
      'billed 1200/60',
      'billed 1500/80 running_total',
      'billed 1800/160 running_total',
      'billed 1500/120 running_total',
      'billed 2000/180 running_total',
    ],
  )
})

test('a total that falls is a new one, whichever half of it falls', () => {
  check(
    [
      [1, 1200, 60],
      [2, 700, 40],
      [3, 1500, 90],
      [4, 1600, 10],
    ],
    ['billed 1200/60', 'billed 700/40', 'billed 800/50 running_total', 'billed 1600/10'],
  )
})

test('a total from before the last one is in that one: no charge', () => {
  check(
    [
      [1, 1200, 60],
      [3, 4500, 300],
      [2, 2700, 140],
      [4, 5000, 310],
    ],
    [
      'billed 1200/60',
      'billed 3300/240 running_total',
      'duplicate 2700/140 running_total_late',
      'billed 500/10 running_total',
    ],
  )
})

test('a total that stands still is a call that used nothing', () => {
  check(
    [
      [1, 1200, 60],
      [2, 1200, 60],
    ],
    ['billed 1200/60', 'billed 0/0 running_total'],
  )
})

test('the same span again is a duplicate and moves nothing', () => {
  const send = start()
  const [first, second] = [chat([1, 1200, 60]), chat([2, 2700, 140])]
  send(first)
  send(second)
  expect(send(second, first).map(told)).toEqual(['duplicate 2700/140', expect.stringMatching(/^duplicate 1200\/60/)])
  expect(send(chat([3, 3000, 150])).map(told)).toEqual(['billed 300/10 running_total'])
})

test('every run, scope and model has a total of its own', () => {
  const other = { parent: 'fe' }
  check(
    [
      [1, 1200, 60],
      [2, 500, 20, other],
      [3, 1700, 80],
      [4, 900, 50, other],
      [5, 2000, 100, { attributes: { 'gen_ai.request.model': 'gpt-4o-mini' } }],
      [6, 2500, 120, { version: '2' }],
      [7, 1800, 90],
    ],
    [
      'billed 1200/60',
      'billed 500/20',
      'billed 500/20 running_total',
      'billed 400/30 running_total',
      'billed 2000/100',
      'billed 2500/120',
      'billed 100/10 running_total',
    ],
  )
})

test('without times only a fall tells', () => {
  const timeless = { start: -1_763_900_000_000, end: -1_763_900_000_000 }
  check(
    [
      [1, 1200, 60, timeless],
      [2, 2700, 140, timeless],
      [3, 500, 30, timeless],
    ],
    ['billed 1200/60', 'billed 1500/80 running_total', 'billed 500/30'],
  )
})

test('each bucket by itself; one that shrinks has not grown, and is noted', () => {
  const send = start({ running_totals: { mine: 'trace' } })
  const mine = (time: number, input: number, output: number, cached: number): SpanSpec =>
    chat([time, input, output, { scope: 'mine', usage: { 'gen_ai.usage.cache_read.input_tokens': cached } }])
  send(mine(1, 1000, 50, 0))
  const [second] = send(mine(2, 3000, 90, 1800))
  expect(second?.usage).toMatchObject({ input: 200, cacheRead: 1800, output: 40 })
  const [third] = send(mine(3, 4000, 100, 3500))
  expect(third?.usage).toMatchObject({ input: 0, cacheRead: 1700, output: 10 })
  expect(third?.flags).toContain('clamped')
})

test('a version that splits off the cache reports each call by itself', () => {
  const usage = { 'gen_ai.usage.cache_read_input_tokens': 0, 'gen_ai.usage.cache_creation_input_tokens': 0 }
  const calls = start()(chat([1, 1200, 60, { usage }]), chat([2, 1500, 80, { usage }]))
  expect(calls.map(({ dialect, usage: { input } }) => [dialect, input])).toEqual([
    ['holmesgpt', 1200],
    ['holmesgpt', 1500],
  ])
})

test('what is not known to report running totals is billed as it stands, and flagged', () => {
  const unknown = { scope: 'someone' }
  const iterations: Iteration[] = [1, 2, 3, 4, 5].map((n) => [n, n * 1000, n * 50, unknown])
  const calls = iterations.flatMap((one) => start()(chat(one)))
  expect(calls.map(({ usage }) => usage.input)).toEqual([1000, 2000, 3000, 4000, 5000])
  const together = start()(...iterations.map(chat))
  expect(together.at(-1)?.flags).toContain('cumulative_suspect')
})

test('a scope that the configuration names is read as it says', () => {
  const spans = (more: SpanSpec): Iteration[] => [
    [1, 1000, 50, { scope: 'mine', ...more }],
    [2, 1500, 70, { scope: 'mine', parent: 'fe', ...more }],
  ]
  const grown = ['billed 1000/50', 'billed 500/20 running_total']
  const whole = ['billed 1000/50', 'billed 1500/70']
  check(spans({}), grown, { running_totals: { mine: 'trace' } })
  check(spans({}), whole, { running_totals: { mine: 'parent' } })
  check(spans({}), whole, { running_totals: { theirs: 'trace' } })
  const conversation = { attributes: { 'gen_ai.conversation.id': 'c1' } }
  const [first, second] = spans(conversation) as [Iteration, Iteration]
  const elsewhere: Iteration = [second[0], second[1], second[2], { ...second[3], trace: 'bb' }]
  check([first, elsewhere], grown, { running_totals: { mine: 'conversation' } })
  check([first, elsewhere], whole, { running_totals: { mine: 'trace' } })
})

test('what it grew by is what is taken back when a call turns up below', () => {
  const send = start()
  send(chat([1, 1200, 60]))
  send(chat([2, 2700, 140, { id: 'a1' }]))
  const calls = send({ ...chat([2, 1500, 99]), id: 'a2', parent: 'a1', scope: 'litellm', attributes: below })
  expect(calls.map(({ bill, usage, correctionOf }) => [bill, usage.input, correctionOf !== undefined])).toEqual([
    ['billed', 1500, false],
    ['billed', -1500, true],
  ])
  expect(send(chat([3, 3000, 150])).map(told)).toEqual(['billed 300/10 running_total'])
})
const below = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.request.model': 'gpt-4o',
  'gen_ai.usage.input_tokens': 1500,
  'gen_ai.usage.output_tokens': 99,
}

test('the totals that are remembered are bounded; a run that was forgotten begins anew', () => {
  const send = start()
  const runs = 4200
  for (let from = 0; from < runs; from += 300) {
    send(...Array.from({ length: 300 }, (_, i) => chat([1, 1000, 50, { parent: (0x10000 + from + i).toString(16) }])))
  }
  const last = (0x10000 + runs - 1).toString(16)
  const first = (0x10000).toString(16)
  expect(send(chat([2, 1500, 70, { parent: last }])).map(told)).toEqual(['billed 500/20 running_total'])
  expect(send(chat([2, 1500, 70, { parent: first }])).map(told)).toEqual(['billed 1500/70'])
})
