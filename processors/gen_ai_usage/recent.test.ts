import { Call } from '../../genai/call.ts'
import { Recent } from './recent.ts'
import { keyHigh, keyLow, spanKey, useTrace } from './span-keys.ts'

function idsOf(n: number): Buffer {
  const bytes = Buffer.alloc(100)
  bytes.writeUInt32BE(7, 0)
  bytes.writeUInt32BE(n + 1, 16)
  bytes.writeUInt32BE(n + 1_000_001, 24)
  bytes.write(`resp-${n}`, 32)
  return bytes
}

function callOf(n: number): Call {
  const call = new Call('span', n, { bytes: idsOf(n), trace: 0, span: 16, parent: 24 })
  call.responseIdAt = 32
  call.responseIdLength = `resp-${n}`.length
  call.provider = 'openai'
  call.requestModel = 'gpt-5'
  call.usage = { input: n, output: 0, other: n % 2 === 0 ? { images: 1 } : undefined }
  call.reportedPico = n % 3 === 0 ? 2n ** 70n : undefined
  call.cost = {
    status: 'priced',
    pico: n % 5 === 0 ? 2n ** 60n + BigInt(n) : n * 1000,
    card: 'openai/gpt-5@1',
    bookVersion: '1',
    layer: 'book',
    reason: n % 7 === 0 ? 'why' : undefined,
    lines: [],
  }
  return call
}

function keyOf(n: number): { low: number; high: number } {
  const bytes = idsOf(n)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  useTrace(view, 0)
  spanKey(view, 16)
  return { low: keyLow, high: keyHigh }
}

const facts = (call: Call | undefined) =>
  call === undefined
    ? undefined
    : {
        key: call.key,
        ids: [call.traceId, call.spanId, call.parentSpanId],
        usage: JSON.parse(JSON.stringify(call.usage)) as unknown,
        cost: call.cost,
        reported: call.reportedPico,
        model: call.model,
      }

/** Batches of `size` calls, numbered from 1 on; call n of all is the call with number n. */
function filled(batches: number, size: number): Recent {
  const recent = new Recent()
  for (let b = 0; b < batches; b++) {
    recent.enter()
    recent.add(
      b + 1,
      Array.from({ length: size }, (_, i) => callOf(b * size + i)),
    )
  }
  return recent
}

const found = (recent: Recent, n: number, size: number) => {
  const { low, high } = keyOf(n)
  return recent.find(Math.floor(n / size) + 1, low, high)
}

test.each([
  ['single calls', 1500, 1, 1024],
  ['small batches', 1200, 5, 1024 * 5],
  ['batches that make the table grow', 700, 20, 14_000],
  ['more calls than it remembers', 300, 100, 16_384],
])('%s: the last ones are read back as they were', (_, batches, size, kept) => {
  const recent = filled(batches, size)
  const all = batches * size
  for (const n of [all - 1, all - size - 1, all - Math.floor(kept / 2), all - kept + size * 2])
    expect(facts(found(recent, n, size))).toEqual(facts(callOf(n)))
  for (const n of [0, all - kept - size * 2]) if (n >= 0 && all > kept) expect(found(recent, n, size)).toBeUndefined()
})

test('large batches after many small ones', () => {
  const recent = filled(5000, 1)
  for (let b = 0; b < 20; b++) {
    recent.enter()
    recent.add(
      5001 + b,
      Array.from({ length: 400 }, (_, i) => callOf(10_000 + b * 400 + i)),
    )
  }
  for (const n of [10_000, 12_345, 17_999]) {
    const { low, high } = keyOf(n)
    expect(facts(recent.find(5001 + Math.floor((n - 10_000) / 400), low, high))).toEqual(facts(callOf(n)))
  }
  expect(facts(found(recent, 4500, 1))).toEqual(facts(callOf(4500)))
})

test('what was read again stands for its row until that is used for something else', () => {
  const recent = filled(3, 4)
  const again = callOf(99)
  recent.replace(2, 1, again)
  expect(recent.at(2, 1)).toBe(again)
  expect(facts(recent.at(2, 2))).toEqual(facts(callOf(6)))
  const latest = callOf(98)
  recent.replace(3, 0, latest)
  expect(recent.at(3, 0)).toBe(latest)
  recent.enter()
  expect(facts(recent.at(3, 0))).toEqual(facts(latest))
})

test('only what was billed is remembered', () => {
  const recent = new Recent()
  const calls = [callOf(0), callOf(1), callOf(2)]
  ;(calls[1] as Call).bill = 'duplicate'
  recent.add(1, calls)
  recent.enter()
  expect(recent.at(1, 1)).toBeUndefined()
  expect(facts(recent.at(1, 2))).toEqual(facts(callOf(2)))
})
