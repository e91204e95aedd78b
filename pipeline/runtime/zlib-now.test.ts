import { createGunzip, createGzip, gunzipSync, gzipSync } from 'node:zlib'
import { ZlibNow } from './zlib-now.ts'

const text = (bytes: number): Buffer => Buffer.from(Array.from({ length: bytes }, (_, i) => 97 + ((i * i) % 23)))
const gunzip = new ZlibNow(createGunzip)
const room = Buffer.alloc(400_000)

test('what this Node is inside is known: bodies of all sizes come out', () => {
  for (const size of [0, 1, 100, 65_536, 300_000]) {
    const body = text(size)
    expect(gunzip.run(gzipSync(body), room)).toBe(size)
    expect(room.subarray(0, size).equals(body)).toBe(true)
  }
})

test('several members are one body', () => {
  const [one, other] = [text(1_000), text(70_000)]
  expect(gunzip.run(Buffer.concat([gzipSync(one), gzipSync(other)]), room)).toBe(71_000)
  expect(room.subarray(0, 71_000).equals(Buffer.concat([one, other]))).toBe(true)
})

test('anything in the way is said, and the next body is none the worse', async () => {
  const good = gzipSync(text(5_000))
  const broken = Buffer.from(good)
  broken.writeUInt8((good[20] as number) ^ 0xff, 20)
  const wrongSum = Buffer.from(good)
  wrongSum.writeUInt8((good[good.length - 6] as number) ^ 1, good.length - 6)
  const cases: readonly (readonly [Uint8Array, Uint8Array])[] = [
    [broken, room],
    [wrongSum, room],
    [good.subarray(0, -1), room],
    [good.subarray(0, 9), room],
    [Buffer.alloc(0), room],
    [Buffer.from('not gzip at all'), room],
    [Buffer.concat([good, Buffer.from([1])]), room],
    [Buffer.concat([good, Buffer.alloc(1)]), room],
    [good, room.subarray(0, 5_000)],
    [good, room.subarray(0, 100)],
  ]
  for (const [body, to] of cases) {
    expect(gunzip.run(body, to)).toBe(-1)
    expect(gunzip.run(good, room)).toBe(5_000)
  }
  // What broken engines have to say comes a turn later, and nobody is to fall over it.
  await new Promise((resolve) => setImmediate(resolve))
  expect(gunzip.run(good, room)).toBe(5_000)
})

test('nothing is written behind the room', () => {
  const guarded = Buffer.alloc(2_000, 0x55)
  expect(gunzip.run(gzipSync(text(1_500)), guarded.subarray(0, 1_000))).toBe(-1)
  expect(guarded.subarray(1_000).every((byte) => byte === 0x55)).toBe(true)
})

test('compressing', () => {
  const gzip = new ZlibNow(() => createGzip({ level: 1 }))
  for (const size of [0, 10, 60_000]) {
    const body = text(size)
    const bytes = gzip.run(body, room)
    expect(gunzipSync(room.subarray(0, bytes)).equals(body)).toBe(true)
  }
  expect(gzip.run(text(60_000), room.subarray(0, 20))).toBe(-1)
  expect(gunzipSync(room.subarray(0, gzip.run(text(7), room))).equals(text(7))).toBe(true)
})
