import fc from '../../test/support/property.ts'
import { countItems, subset } from './split.ts'
import { idsIn, request, requestOfGroups } from './testing/requests.ts'

const REQUESTS = [
  request(['a']),
  request(['a', 'b', 'c', 'd'], 200),
  requestOfGroups(['a', 'b', 'c']),
  Buffer.concat([request(['a', 'b']), request([]), requestOfGroups(['c', 'd']), request(['e'])]),
]

test('any range of items is taken with the groups around it, and nothing else', () => {
  for (const whole of REQUESTS) {
    const ids = idsIn(whole)
    expect(countItems(whole)).toBe(ids.length)
    for (let from = 0; from <= ids.length; from++) {
      for (let to = from; to <= ids.length; to++) {
        const part = subset(whole, from, to)
        expect(idsIn(part)).toEqual(ids.slice(from, to))
        expect(countItems(part)).toBe(to - from)
      }
    }
  }
})

test('all items are the request itself but for groups that are empty', () => {
  for (const whole of REQUESTS.slice(0, 3)) expect(subset(whole, 0, countItems(whole))).toEqual(whole)
})

test('resource, scope, schema and unknown fields stay with their items', () => {
  const unknown = Buffer.from([0x7a, 2, 0x68, 0x69])
  const whole = Buffer.concat([request(['a', 'b']), unknown])
  const part = subset(whole, 1, 2)
  expect(part.includes('https://schema')).toBe(true)
  expect(part.includes('test')).toBe(true)
  expect(part.subarray(-4)).toEqual(unknown)
})

test('bytes that are no request are an error or have no items; never more than that', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const buffer = Buffer.from(bytes)
      let count: number
      try {
        count = countItems(buffer)
      } catch {
        return
      }
      expect(countItems(subset(buffer, 0, count >> 1)) + countItems(subset(buffer, count >> 1, count))).toBe(count)
    }),
    { numRuns: 2000 },
  )
})
