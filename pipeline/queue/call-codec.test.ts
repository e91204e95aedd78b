import { Call, NO_TAGS, type Tags } from '../../genai/call.ts'
import { RARE_METERS, type Usage } from '../../genai/usage.ts'
import type { Verdict } from '../../genai/verdict.ts'
import fc from '../../test/support/property.ts'
import { DERIVED_VERSION, decodeDerived, detachIds, encodeDerived } from './call-codec.ts'

const text = fc.string({ unit: 'grapheme', maxLength: 80 })
const maybe = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(one, { nil: undefined })
const quantity = fc.oneof(
  fc.nat(),
  fc.constantFrom(0, -0, -1, 0.5, 2 ** 31, 2 ** 53 - 1, 1e300),
  fc.double({ noNaN: true }),
)
const pico = fc.oneof(fc.maxSafeInteger(), fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }))

const usage: fc.Arbitrary<Usage> = fc.record(
  {
    input: quantity,
    cacheRead: quantity,
    cacheWrite: quantity,
    cacheWrite5m: quantity,
    cacheWrite1h: quantity,
    output: quantity,
    reasoning: quantity,
    other: fc.dictionary(fc.constantFrom(...RARE_METERS), quantity),
  },
  { requiredKeys: [] },
)
const cost = fc.record({
  status: fc.constantFrom('priced', 'reported', 'free', 'estimated', 'unpriced'),
  pico: maybe(pico),
  card: maybe(text),
  bookVersion: text,
  layer: fc.constantFrom('reported', 'contract', 'user', 'book', 'estimate', 'none'),
  reason: maybe(text),
  lines: fc.array(fc.record({ meter: text, quantity, unit: text, unitPriceUsd: text, pico }), { maxLength: 4 }),
})
const tags: fc.Arbitrary<Tags> = fc.oneof(
  fc.constant(NO_TAGS),
  fc.record({
    run: maybe(text),
    agent: maybe(text),
    workflow: maybe(text),
    step: maybe(text),
    customer: maybe(text),
    businessUnit: maybe(text),
    extra: maybe(fc.dictionary(text, text)),
  }),
)
/** Every field that a call has besides what its constructor takes. */
const fields = fc.record({
  startMs: quantity,
  endMs: quantity,
  dialect: text,
  role: fc.constantFrom('inference', 'embeddings', 'rerank', 'image', 'audio'),
  operation: text,
  provider: text,
  requestModel: maybe(text),
  responseModel: maybe(text),
  responseId: maybe(text),
  serviceTier: maybe(text),
  speed: maybe(text),
  inferenceGeo: maybe(text),
  region: maybe(text),
  conversation: maybe(text),
  serviceName: maybe(text),
  agentId: maybe(text),
  errorType: maybe(text),
  resendCount: quantity,
  usage,
  flags: fc.array(text, { maxLength: 3 }),
  reportedPico: maybe(pico),
  reportedIsBilled: fc.boolean(),
  isByok: fc.boolean(),
  bill: fc.constantFrom('billed', 'superseded', 'rollup', 'duplicate', 'not_billable'),
  cost: maybe(cost),
  tags,
  correctionOf: maybe(text),
})
const SOURCE = Buffer.from(Array.from({ length: 64 }, (_, i) => i + 1))
const place = fc.constantFrom(-1, 0, 7)
const call = fc
  .tuple(fc.constantFrom('span' as const, 'log' as const, 'proxy' as const), fc.nat(), place, place, place, fields)
  .map(([signal, item, trace, span, parent, values]) =>
    Object.assign(new Call(signal, item, { bytes: SOURCE, trace, span, parent }), values),
  )
/** Neighbours that share values, as calls of one batch do. */
const calls = fc
  .array(fc.tuple(call, fc.boolean()), { maxLength: 6 })
  .map((pairs) =>
    pairs.map(([one, like], i) => (like && i > 0 ? Object.assign(one, pick(pairs[i - 1]?.[0] ?? one)) : one)),
  )
const pick = ({ provider, requestModel, tags, cost, flags }: Call) => ({ provider, requestModel, tags, cost, flags })

const shown = (one: Call): object => ({
  ...Object.fromEntries(Object.entries(one).filter(([name]) => !name.startsWith('responseId'))),
  responseId: one.responseId,
  resendCount: one.resendCount + 0,
  ids: [one.traceId, one.spanId, one.parentSpanId],
  signal: one.signal,
  item: one.item,
  usage: Object.fromEntries(Object.entries(one.usage).filter(([, value]) => value !== undefined)),
})

test('what comes back is what was written, for any calls', () => {
  fc.assert(
    fc.property(calls, (list) => {
      const want = list.map(shown)
      const bytes = encodeDerived(list, [])
      expect(list.map(shown)).toEqual(want)
      const { calls: back, verdicts } = decodeDerived(bytes, DERIVED_VERSION)
      expect(back.map(shown)).toEqual(want)
      expect(back.map((one) => one.key)).toEqual(list.map((one) => one.key))
      expect(verdicts).toEqual([])
    }),
    { numRuns: 300 },
  )
})

test('every field of a call is written: a new one must be added to the codec and to this test', () => {
  const bare = new Call('span', 0, { bytes: SOURCE, trace: 0, span: 0, parent: 0 })
  const [sample] = fc.sample(fields, 1)
  const known = Object.keys(shown(Object.assign(bare, sample)))
  expect(known.sort()).toEqual([...Object.keys(sample ?? {}), 'ids', 'item', 'signal'].sort())
})

test('the bytes of the request are not needed afterwards', () => {
  for (const detach of [(list: Call[]) => void encodeDerived(list, []), (list: Call[]) => detachIds(list)]) {
    const source = Buffer.from(SOURCE)
    const list = [0, 1].map((i) => new Call('span', i, { bytes: source, trace: i, span: 20, parent: -1 }))
    for (const one of list) Object.assign(one, { responseIdAt: 40, responseIdLength: 9 })
    const copies = list.map((one) =>
      Object.assign(new Call('span', one.item, one.ids), { responseIdAt: 40, responseIdLength: 9 }),
    )
    const before = copies.map(shown)
    detach(list)
    source.fill(0)
    expect(list.map(shown)).toEqual(before)
    expect(list.every((one) => one.ids.bytes !== source)).toBe(true)
  }
})

test('cost lines are asked for once per call', () => {
  let asked = 0
  const one = new Call('span', 0, { bytes: SOURCE, trace: 0, span: 0, parent: 0 })
  one.cost = {
    status: 'priced',
    pico: 1,
    card: 'c',
    bookVersion: '1',
    layer: 'book',
    reason: undefined,
    get lines() {
      asked++
      return [{ meter: 'input', quantity: 1, unit: 'token', unitPriceUsd: '1', pico: 1 }]
    },
  }
  encodeDerived([one, one, one], [])
  expect(asked).toBe(3)
})

test('damaged bytes are an error, never a wrong call and never endless', () => {
  const [list = []] = fc.sample(fc.array(call, { minLength: 2, maxLength: 2 }), { numRuns: 1, seed: 3 })
  const bytes = encodeDerived(list, [])
  const understood: number[] = []
  for (let cut = 1; cut < bytes.length; cut++) {
    try {
      decodeDerived(Buffer.from(bytes.subarray(0, cut)), DERIVED_VERSION)
      understood.push(cut)
    } catch {
      // As it should be.
    }
  }
  expect(understood).toEqual([])
  for (let at = 0; at < bytes.length; at++) {
    const damaged = Buffer.from(bytes)
    damaged[at] = (damaged[at] as number) ^ 0xff
    try {
      decodeDerived(damaged, DERIVED_VERSION)
    } catch {
      // The checksum of the record finds what looks right here.
    }
  }
  expect(() => decodeDerived(bytes, DERIVED_VERSION + 1)).toThrow('format')
})

test('verdicts come back as they were', () => {
  const verdict: Verdict = {
    timeMs: 1.5,
    kind: 'anomaly',
    level: 'warn',
    action: 'signal',
    detector: 'd',
    reason: 'weil „so“',
    scope: { run: 'r' },
    run: 'r',
    agent: 'a',
    spanId: '',
    spanTimeMs: 0,
    evidence: { list: [1, 'b'], nested: { n: 1 } },
    untilMs: 5,
    liftedBy: 'x',
  }
  expect(decodeDerived(encodeDerived([], [verdict]), DERIVED_VERSION)).toEqual({ calls: [], verdicts: [verdict] })
  expect(encodeDerived([], [])).toHaveLength(0)
})
