import { hashKey } from '../../genai/call-key.ts'
import { SeenKeys } from './seen-keys.ts'

const HOUR = 3_600_000

test('a million keys of the shapes that providers give do not collide', () => {
  const seen = new SeenKeys(HOUR, 10_000_000)
  let taken = 0
  for (let i = 0; i < 250_000; i++) {
    taken += Number(seen.add(hashKey(`openai|chatcmpl-${i}`), 0))
    taken += Number(seen.add(hashKey(`anthropic|msg_01${i.toString(36).padStart(22, '0')}`), 0))
    taken += Number(
      seen.add(hashKey(`${i.toString(16).padStart(32, '0')}/${(i * 7).toString(16).padStart(16, '0')}`), 0),
    )
    taken += Number(seen.add(hashKey(String.fromCharCode(i & 0xffff, i >> 16)), 0))
  }
  expect(taken).toBe(1_000_000)
  expect(seen.size).toBe(1_000_000)
})

test('a key is remembered for its time, and longer while nothing new comes', () => {
  const seen = new SeenKeys(26 * HOUR, 1000)
  expect(seen.add(hashKey('a'), 0)).toBe(true)
  expect(seen.add(hashKey('b'), 26 * HOUR)).toBe(true)
  expect(seen.add(hashKey('a'), 51 * HOUR)).toBe(false)
  expect(seen.add(hashKey('c'), 52 * HOUR)).toBe(true)
  expect(seen.add(hashKey('a'), 52 * HOUR)).toBe(true)
  expect(seen.add(hashKey('b'), 52 * HOUR)).toBe(false)
  expect(seen.forgottenEarly).toBe(0)
})

test('the bound holds, and what is forgotten early is counted', () => {
  const seen = new SeenKeys(HOUR, 1000)
  for (let i = 0; i < 5000; i++) seen.add(hashKey(`k${i}`), 0)
  expect(seen.size).toBeLessThanOrEqual(1000)
  expect(seen.add(hashKey('k4999'), 0)).toBe(false)
  expect(seen.add(hashKey('k0'), 0)).toBe(true)
  expect(seen.forgottenEarly).toBeGreaterThanOrEqual(4000)
})

test('chunks rebuild both generations with their ages', () => {
  const seen = new SeenKeys(HOUR, 200_000)
  for (let i = 0; i < 120_000; i++) seen.add(hashKey(`k${i}`), i)
  const copy = new SeenKeys(HOUR, 200_000)
  for (const chunk of seen.chunks()) copy.restore(Buffer.from(chunk))
  expect(copy.size).toBe(seen.size)
  for (let i = 0; i < 120_000; i++) {
    if (copy.add(hashKey(`k${i}`), 120_000) !== seen.add(hashKey(`k${i}`), 120_000)) throw new Error(`k${i} differs`)
  }
})

test('chunks are of the keys as they were, however many come while they are made', () => {
  const seen = new SeenKeys(HOUR, 1_000_000)
  for (let i = 0; i < 40_000; i++) seen.add(hashKey(`k${i}`), 0)
  const copy = new SeenKeys(HOUR, 1_000_000)
  let next = 40_000
  for (const chunk of seen.chunks()) {
    copy.restore(Buffer.from(chunk))
    // The table grows, and what is new in it stands anywhere.
    for (const until = next + 60_000; next < until; next++) seen.add(hashKey(`k${next}`), 0)
  }
  expect(copy.size).toBe(40_000)
  for (let i = 0; i < 40_000; i++) if (copy.add(hashKey(`k${i}`), 0)) throw new Error(`k${i} was forgotten`)
})
