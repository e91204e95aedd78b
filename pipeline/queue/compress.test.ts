import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { compress, hasZstd } from './compress.ts'

/** Compressible, and different for each seed. */
function text(bytes: number, seed: number): Buffer {
  const words = Array.from({ length: 97 }, (_, i) => `attribute-${(i * 2_654_435_761 + seed) % 9973} `)
  const parts: string[] = []
  for (let size = 0, i = seed; size < bytes; i++) {
    const word = words[(i * i) % words.length] as string
    parts.push(word)
    size += word.length
  }
  return Buffer.from(parts.join('')).subarray(0, bytes)
}

test('bodies of all sizes, many at once, each on its own', async () => {
  const bodies = [0, 1, 1000, 65_535, 65_536, 70_000, 131_071, 131_072, 300_000, 4_000_000].flatMap((size) =>
    [1, 2, 3].map((seed) => text(size, seed)),
  )
  for (let round = 0; round < 3; round++) {
    const packed = await Promise.all(bodies.map((body) => compress(body, 'gzip', 1)))
    for (const [i, body] of bodies.entries()) expect(gunzipSync(packed[i] as Buffer).equals(body)).toBe(true)
  }
})

test('a body comes out the same whatever was compressed before it, at each level', async () => {
  const body = text(200_000, 7)
  for (const level of [1, 6]) {
    const first = await compress(body, 'gzip', level)
    await compress(text(500_000, 8), 'gzip', level)
    expect((await compress(body, 'gzip', level)).equals(first)).toBe(true)
  }
  const [fast, small] = await Promise.all([1, 9].map((level) => compress(body, 'gzip', level)))
  expect((small as Buffer).length).toBeLessThan((fast as Buffer).length)
})

test('what does not shrink', async () => {
  const body = Buffer.alloc(300_000)
  for (let i = 0, n = 1; i < body.length; i++, n = (Math.imul(n, 1_103_515_245) + 12_345) | 0) body[i] = n >>> 16
  for (const part of [body, body.subarray(0, 131_071), body.subarray(0, 10)]) {
    expect(gunzipSync(await compress(part, 'gzip', 1)).equals(part)).toBe(true)
  }
})

test('what cannot be done is said by the promise, whatever the size', async () => {
  for (const size of [10, 100_000, 300_000]) {
    await expect(compress(text(size, 1), 'gzip', 77)).rejects.toThrow('level')
  }
})

const withZstd = hasZstd ? test : test.skip
withZstd('zstd', async () => {
  for (const size of [10, 100_000]) {
    const body = text(size, 1)
    expect(zstdDecompressSync(await compress(body, 'zstd', 1)).equals(body)).toBe(true)
  }
})
