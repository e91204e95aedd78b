import fc from '../../test/support/property.ts'
import { FrameBuffer, scanFrames } from './frames.ts'
import { type Settled, SettlementReader, SettlementWriter } from './settlements.ts'

const word = fc.integer({ min: 0, max: 0xffffffff })
const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.constantFrom('a', 'b', '', 'x'.repeat(200)))
const entry = fc.record({
  key: fc.record({ high: word, low: word }),
  subject: fc.dictionary(fc.constantFrom('run', 'agent', 'team', 'é'), text),
  pico: fc.oneof(fc.maxSafeInteger(), fc.bigInt({ min: 2n ** 53n, max: 2n ** 90n })),
  tokens: fc.maxSafeInteger(),
  timeMs: fc.double({ noNaN: true }),
  nowMs: fc.nat(),
})
const KEYS: readonly (readonly string[])[] = [[], ['run'], ['agent', 'é', 'run']]
const step = fc.record({ entry, keys: fc.nat(KEYS.length - 1), after: fc.constantFrom('', '', '', 'end', 'forget') })

const expected = ({ subject, ...rest }: Settled, keys: readonly string[]): Settled => ({
  ...rest,
  subject: Object.fromEntries(
    keys.flatMap((key) => {
      const value = subject[key]
      return value === undefined || value === '' ? [] : [[key, value.toWellFormed()]]
    }),
  ),
})

test('what was written is what is read, whatever the settlements and wherever a record ends', () => {
  const property = fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
    const frames = new FrameBuffer()
    const writer = new SettlementWriter(frames)
    const wanted: Settled[] = []
    for (const { entry, keys, after } of steps) {
      writer.add(entry, KEYS[keys] ?? [])
      wanted.push(expected(entry, KEYS[keys] ?? []))
      if (after !== '') writer.end()
      if (after === 'forget') writer.forget()
    }
    writer.end()
    const reader = new SettlementReader()
    const got: Settled[] = []
    const { kind } = scanFrames(frames.bytes(), (frame) => reader.read(frame, (one) => got.push(one)))
    expect(kind).toBe('clean')
    expect(got).toEqual(wanted)
  })
  fc.assert(property, { numRuns: 300 })
})

test('a table of values does not grow for ever, and a record that nobody ends is ended', () => {
  const frames = new FrameBuffer()
  const writer = new SettlementWriter(frames)
  for (let i = 0; i < 60_000; i++) {
    const key = { high: i, low: i }
    writer.add({ key, subject: { run: `run-${i}` }, pico: i, tokens: i, timeMs: 0, nowMs: 0 }, ['run'])
    if (i % 100 === 0) writer.end()
  }
  for (let i = 0; i < 60_000; i++) {
    writer.add({ key: { high: i, low: 1 }, subject: {}, pico: i, tokens: i, timeMs: 0, nowMs: 0 }, ['run'])
  }
  writer.end()
  const reader = new SettlementReader()
  let read = 0
  let largest = 0
  scanFrames(frames.bytes(), (frame) => {
    largest = Math.max(largest, frame.length)
    reader.read(frame, ({ subject, pico }) => {
      if (read < 60_000 && subject['run'] !== `run-${pico}`) throw new Error(`${pico} is of ${subject['run']}`)
      read++
    })
  })
  expect(read).toBe(120_000)
  expect(largest).toBeLessThan(1.1 * 1024 * 1024)
})
