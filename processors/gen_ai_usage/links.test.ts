import type { Call } from '../../genai/call.ts'
import { ItemBatch } from '../../otlp/batch.ts'
import { KeyTable } from '../../otlp/keys.ts'
import { testHost } from '../../test/support/host.ts'
import { type SpanSpec, traceRequest } from '../../test/support/spans.ts'
import { factory } from './index.ts'
import { Links } from './links.ts'
import { PassedSpans } from './passed-spans.ts'
import { keyHigh, keyLow, spanKey, useTrace } from './span-keys.ts'
import { feeder } from './testing/golden.ts'

const hex = (n: number, digits: number): string => n.toString(16).padStart(digits, '0')
const trace = (n: number): string => hex(n, 32)
const span = (n: number): string => hex(n, 16)

const chat = (id: number, more: SpanSpec): SpanSpec => ({
  id: span(id),
  ...more,
  attributes: {
    'gen_ai.operation.name': 'chat',
    'gen_ai.request.model': 'm',
    'gen_ai.usage.input_tokens': 10,
    'gen_ai.usage.output_tokens': 5,
  },
})
const plain = (id: number, more: SpanSpec): SpanSpec => ({ id: span(id), ...more, attributes: { 'http.route': '/' } })

function start() {
  const feed = feeder(factory.create({ max_entries: 4096, rollup_grace: 60_000, signal_of_record: {} }, testHost()))
  const send = (...list: SpanSpec[]): readonly Call[] => feed(traceRequest(list), 'traces').calls
  // Until a call was met, nothing is kept at all.
  send(chat(1, { trace: trace(1), parent: span(2) }))
  return send
}

test('a mark climbs through spans that came before any call of their trace', () => {
  const send = start()
  send(
    plain(20, { trace: trace(9), parent: span(30) }),
    plain(11, { trace: trace(7), parent: span(12) }),
    plain(12, { trace: trace(7), parent: span(13) }),
    plain(21, { trace: trace(9) }),
  )
  send(plain(13, { trace: trace(7), parent: span(14) }))
  expect(send(chat(10, { trace: trace(7), parent: span(11) })).map((call) => call.bill)).toEqual(['billed'])
  expect(send(chat(14, { trace: trace(7) })).map((call) => call.bill)).toEqual(['rollup'])
})

test('once a call was met, later spans of its trace carry the mark on', () => {
  const send = start()
  send(chat(10, { trace: trace(7), parent: span(11) }))
  send(plain(11, { trace: trace(7), parent: span(12) }))
  send(plain(12, { trace: trace(7), parent: span(14) }))
  expect(send(chat(14, { trace: trace(7) })).map((call) => call.bill)).toEqual(['rollup'])
})

test('a span that was billed is taken back when the way down to a call shows only later', () => {
  const send = start()
  expect(send(chat(14, { trace: trace(7) })).map((call) => call.bill)).toEqual(['billed'])
  send(chat(10, { trace: trace(7), parent: span(11) }))
  const last = send(plain(11, { trace: trace(7), parent: span(14) }))
  expect(last.map((call) => [call.bill, call.correctionOf !== undefined])).toEqual([['billed', true]])
})

/** What stands in the table for spans 1 … count of a trace after a call is met in it. */
function kept(links: Links, items: ItemBatch, count: number): number {
  const asked = request(items, [{ id: span(0xffff), trace: trace(7) }])
  links.meetTrace(asked.bytes, asked.index.itemTrace[0] as number)
  let found = 0
  for (let n = 1; n <= count; n++) {
    const one = request(items, [{ id: span(n), trace: trace(7), parent: span(n + 1) }])
    useTrace(one.view, one.index.itemTrace[0] as number)
    spanKey(one.view, one.index.itemParent[0] as number)
    const parent = [keyLow, keyHigh]
    spanKey(one.view, one.index.itemSpan[0] as number)
    const is = [links.table.stateOf(keyLow, keyHigh), links.table.valueOf(keyLow, keyHigh)]
    if (is[0] === parent[0] && is[1] === parent[1]) found++
  }
  return found
}

function request(items: ItemBatch, list: readonly SpanSpec[]): ItemBatch {
  items.load(traceRequest(list), 'traces')
  return items
}

test('at least 65,536 spans are kept aside, in runs as long or as short as they come', () => {
  for (const length of [1, 3, 512]) {
    const items = new ItemBatch(new KeyTable(['a']))
    const links = new Links(65_536)
    const mine = Array.from({ length: 100 }, (_, n) => ({ id: span(n + 1), trace: trace(7), parent: span(n + 2) }))
    expect(links.pass(request(items, mine))).toBe(true)
    const others = Array.from({ length: 512 }, (_, n) => ({
      id: span(n + 1000),
      trace: trace(100 + Math.floor(n / length)),
      parent: span(1),
    }))
    // Their 512 spans over and over: as many as may come before the first are forgotten.
    request(items, others)
    for (let n = 0; n < 127; n++) expect(links.pass(items)).toBe(true)
    expect(kept(links, new ItemBatch(new KeyTable(['a'])), 100)).toBe(100)
  }
})

test('what is older is forgotten, and its place in the ring is nobody else’s', () => {
  const items = new ItemBatch(new KeyTable(['a']))
  const links = new Links(65_536)
  links.pass(request(items, [{ id: span(1), trace: trace(7), parent: span(2) }]))
  request(
    items,
    Array.from({ length: 512 }, (_, n) => ({ id: span(n + 9), trace: trace(n + 50), parent: span(3) })),
  )
  for (let n = 0; n < 130; n++) links.pass(items)
  expect(kept(links, new ItemBatch(new KeyTable(['a'])), 5)).toBe(0)
})

test('what was handed out is gone, and what shares its chain is not', () => {
  const items = new ItemBatch(new KeyTable(['a']))
  const passed = new PassedSpans()
  const add = (id: number, traceId: number): void => {
    request(items, [{ id: span(id), trace: trace(traceId), parent: span(1) }])
    // One bucket for all of them.
    passed.add(items, 0, 1, items.index.itemTrace[0] as number, 0)
  }
  for (const [id, traceId] of [
    [10, 7],
    [11, 8],
    [12, 7],
    [13, 7],
    [14, 9],
  ] as const)
    add(id, traceId)
  const taken = (traceId: number): number => {
    request(items, [{ id: span(99), trace: trace(traceId) }])
    let count = 0
    passed.take(items.bytes, items.index.itemTrace[0] as number, 0, () => count++)
    return count
  }
  expect([taken(7), taken(7), taken(9), taken(8), taken(8), taken(9)]).toEqual([3, 0, 1, 1, 0, 0])
  add(15, 7)
  expect([taken(8), taken(7), taken(7)]).toEqual([0, 1, 0])
})

test('a batch in whose traces a call was met is not put aside', () => {
  const items = new ItemBatch(new KeyTable(['a']))
  const links = new Links(4096)
  const list = [plain(1, { trace: trace(3), parent: span(2) }), plain(2, { trace: trace(7), parent: span(3) })]
  expect(links.pass(request(items, list))).toBe(true)
  links.meetTrace(items.bytes, items.index.itemTrace[1] as number)
  expect(links.pass(items)).toBe(false)
  // A trace is known for as long as the table of spans may know anything of it: spans that come keep it known.
  for (let n = 0; n < 4; n++) {
    links.turn()
    expect(links.pass(items)).toBe(false)
  }
  links.turn()
  links.turn()
  expect(links.pass(items)).toBe(true)
})
