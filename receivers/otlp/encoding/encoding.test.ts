import { readFileSync } from 'node:fs'
import * as zlib from 'node:zlib'
import { BodyError } from './body-error.ts'
import { crc32c } from './crc32c.ts'
import { decode, type Encoding, encodingNamed } from './decode.ts'
import { unlz4 } from './lz4.ts'
import { unsnappy, unsnappyBlock } from './snappy.ts'
import { xxhash32 } from './xxhash32.ts'

/** Bodies made by the reference implementations; `plain` is what all of them hold. */
const vectors = JSON.parse(readFileSync(new URL('./testdata/vectors.json', import.meta.url), 'utf8')) as Record<
  string,
  string
>
const plain = Buffer.from(vectors['plain'] ?? '')
const vector = (name: string): Buffer => Buffer.from(vectors[name] ?? '', 'base64')
const LIMIT = 1024 * 1024

const packed: readonly (readonly [string, Encoding, Buffer])[] = [
  ['identity', 'identity', plain],
  ['gzip', 'gzip', zlib.gzipSync(plain)],
  [
    'gzip in two members',
    'gzip',
    Buffer.concat([zlib.gzipSync(plain.subarray(0, 900)), zlib.gzipSync(plain.subarray(900))]),
  ],
  ['zlib', 'deflate', zlib.deflateSync(plain)],
  ['raw deflate', 'deflate', zlib.deflateRawSync(plain)],
  ['zstd', 'zstd', zlib.zstdCompressSync(plain)],
  [
    'zstd in two frames',
    'zstd',
    Buffer.concat([zlib.zstdCompressSync(plain.subarray(0, 9)), zlib.zstdCompressSync(plain.subarray(9))]),
  ],
  [
    'zstd behind a skippable frame',
    'zstd',
    Buffer.concat([Buffer.from('502a4d1803000000aabbcc', 'hex'), zlib.zstdCompressSync(plain)]),
  ],
  ['snappy block', 'snappy', vector('snappy_block')],
  ['snappy framed', 'x-snappy-framed', vector('snappy_framed')],
  ['snappy framed under the plain name', 'snappy', vector('snappy_framed')],
  ['lz4', 'lz4', vector('lz4')],
  ['lz4 high compression', 'lz4', vector('lz4_hc')],
  ['lz4 with linked blocks and all checksums', 'lz4', vector('lz4_linked_with_checksums')],
]
const compressed = packed.filter(([name]) => name !== 'identity')

const kindOf = (result: Buffer | BodyError): string => (result instanceof BodyError ? result.kind : 'ok')

test.each(packed)('%s: the same bytes come out', async (_name, encoding, body) => {
  expect((await decode(encoding, body, LIMIT)).toString()).toBe(plain.toString())
})

test.each(packed.slice(1))(
  '%s: exactly the limit is allowed, one byte more is too large',
  async (_name, encoding, body) => {
    expect(kindOf(await decode(encoding, body, plain.length))).toBe('ok')
    for (const limit of [plain.length - 1, 100, 1])
      expect([limit, kindOf(await decode(encoding, body, limit))]).toEqual([limit, 'too_large'])
  },
)

test.each(compressed)('%s: cut off anywhere, it is malformed or a shorter whole', async (_name, encoding, body) => {
  for (let n = 1; n < body.length; n++) {
    const result = await decode(encoding, body.subarray(0, n), LIMIT)
    // A border between two members or frames, or a trailer that is not required, is the only other way out.
    if (Buffer.isBuffer(result)) expect(plain.subarray(0, result.length).equals(result)).toBe(true)
    else expect(result.kind).toBe('malformed')
  }
})

test.each(compressed)(
  '%s: whatever is flipped, nothing is thrown and no limit passed',
  async (_name, encoding, body) => {
    for (let bit = 0; bit < body.length * 8; bit += bit < 256 ? 1 : 37) {
      const bad = Buffer.from(body)
      bad[bit >>> 3] = (bad[bit >>> 3] as number) ^ (1 << (bit & 7))
      const result = await decode(encoding, bad, 2 * plain.length)
      if (Buffer.isBuffer(result)) expect(result.length).toBeLessThanOrEqual(2 * plain.length)
      else expect(['malformed', 'too_large']).toContain(result.kind)
    }
  },
)

test('empty bodies: a message of nothing where the format has one', async () => {
  const check = async (encoding: Encoding, body: Buffer, want: string) =>
    expect([encoding, kindOf(await decode(encoding, body, LIMIT))]).toEqual([encoding, want])
  const none = Buffer.alloc(0)
  await check('gzip', zlib.gzipSync(none), 'ok')
  await check('deflate', zlib.deflateSync(none), 'ok')
  await check('zstd', zlib.zstdCompressSync(none), 'ok')
  await check('snappy', Buffer.from([0]), 'ok')
  await check('lz4', none, 'ok')
  await check('gzip', none, 'malformed')
  await check('snappy', none, 'malformed')
})

describe('lies about size cost nothing', () => {
  const memory = (): number => process.memoryUsage().arrayBuffers
  const cheap = (encoding: Encoding, body: Buffer, want: string, limit = 2 ** 31 - 1) => {
    const before = memory()
    const result = decode(encoding, body, limit)
    if (result instanceof Promise) throw new Error('expected an answer at once')
    expect([encoding, kindOf(result)]).toEqual([encoding, want])
    expect(memory() - before).toBeLessThan(4 * 1024 * 1024)
  }

  test('a snappy header that claims 2 GB', () => {
    cheap('snappy', Buffer.from([0xff, 0xff, 0xff, 0xff, 0x07, 0x00, 0x61]), 'malformed')
    cheap('snappy', Buffer.from([0xff, 0xff, 0xff, 0xff, 0x07, 0x00, 0x61]), 'too_large', LIMIT)
    cheap('snappy', Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0x01]), 'malformed')
  })

  test('a gzip trailer that claims 4 GB', () => {
    const body = zlib.gzipSync('abc')
    body.writeUInt32LE(0xffffffff, body.length - 4)
    const before = memory()
    const result = decode('gzip', body, LIMIT)
    expect(result).toBeInstanceOf(Promise)
    expect(memory() - before).toBeLessThan(LIMIT)
    return expect(result).resolves.toMatchObject({ kind: 'malformed' })
  })

  test('an lz4 frame that claims a huge content, or blocks that are larger than the frame', () => {
    const frame = (descriptor: Buffer, rest: Buffer) =>
      Buffer.concat([
        Buffer.from([0x04, 0x22, 0x4d, 0x18]),
        descriptor,
        Buffer.from([(xxhash32(descriptor) >>> 8) & 0xff]),
        rest,
      ])
    const claim = Buffer.alloc(10)
    claim.set([0x68, 0x40])
    claim.writeBigUInt64LE(2n ** 40n, 2)
    cheap('lz4', frame(claim, Buffer.alloc(4)), 'too_large')
    cheap('lz4', frame(Buffer.from([0x60, 0x70]), Buffer.from([0xff, 0xff, 0xff, 0x7f])), 'malformed')
    cheap('lz4', frame(Buffer.from([0x61, 0x40]), Buffer.alloc(8)), 'malformed')
    cheap('lz4', frame(Buffer.from([0x20, 0x40]), Buffer.alloc(8)), 'malformed')
  })

  test('a zstd frame that asks for a window of 128 MiB', () => {
    // A single segment needs no window; a descriptor of 0x88 asks for 2^27.
    const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x88, 0x01, 0x00, 0x00])
    cheap('zstd', frame, 'malformed')
  })
})

describe('bombs', () => {
  const bomb = Buffer.alloc(64 * 1024 * 1024)
  const check = async (encoding: Encoding, body: Buffer) => {
    const before = process.memoryUsage().arrayBuffers
    const result = decode(encoding, body, 2 * LIMIT)
    expect(kindOf(await result)).toBe('too_large')
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * LIMIT)
  }
  test('gzip', () => check('gzip', zlib.gzipSync(bomb)))
  test('deflate', () => check('deflate', zlib.deflateSync(bomb)))
  test('zstd', () => check('zstd', zlib.zstdCompressSync(bomb)))
  test('gzip in many members', () =>
    check('gzip', Buffer.concat(Array(64).fill(zlib.gzipSync(bomb.subarray(0, LIMIT))))))
  test('zstd in many frames', async () => {
    const frames = Buffer.concat(Array(10_000).fill(zlib.zstdCompressSync('')))
    expect(kindOf(await decode('zstd', frames, LIMIT))).toBe('malformed')
  })
})

test('large bodies are unpacked off the event loop, small ones at once', async () => {
  const noise = Buffer.from(
    Array.from({ length: 100_000 }, (_, i) => Math.imul(i ^ (i >>> 7), Math.imul(i, i) | 1) >>> 13),
  )
  const large = decode('gzip', zlib.gzipSync(noise), LIMIT)
  expect(large).toBeInstanceOf(Promise)
  expect(noise.equals((await large) as Buffer)).toBe(true)
  expect(decode('gzip', zlib.gzipSync(plain), LIMIT)).toBeInstanceOf(Buffer)
  // Small outside, large inside.
  const hollow = Buffer.alloc(4 * LIMIT, 97)
  for (const [encoding, body] of [
    ['gzip', zlib.gzipSync(hollow)],
    ['zstd', zlib.zstdCompressSync(hollow)],
  ] as const) {
    const later = decode(encoding, body, 8 * LIMIT)
    expect(later).toBeInstanceOf(Promise)
    expect(hollow.equals((await later) as Buffer)).toBe(true)
  }
})

test('a result does not keep much more memory than it has bytes', async () => {
  for (const [encoding, bytes] of [
    ['gzip', zlib.gzipSync(plain)],
    ['zstd', zlib.zstdCompressSync(Buffer.alloc(3, 1))],
  ] as const) {
    const out = (await decode(encoding, bytes, LIMIT)) as Buffer
    expect(out.buffer.byteLength).toBeLessThanOrEqual(Math.max(2 * out.length + 1024, Buffer.poolSize))
  }
})

test('checksums', () => {
  const check = (text: string, crc: number, hash: number) =>
    expect([crc32c(Buffer.from(text)), xxhash32(Buffer.from(text))]).toEqual([crc, hash])
  check('', 0, 0x02cc5d05)
  check('a', 0xc1d04330, 0x550d7456)
  check('abc', 0x364b3fb7, 0x32d153ff)
  check('123456789', 0xe3069283, 0x937bad67)
  expect(xxhash32(Buffer.from('Nobody inspects the spammish repetition'))).toBe(0xe2293b2f)
})

test('snappy: copies of all kinds, overlapping ones included', () => {
  const check = (hex: string, want: string) =>
    expect(unsnappyBlock(Buffer.from(hex.replaceAll(' ', ''), 'hex'), LIMIT).toString()).toBe(want)
  check('00', '')
  check('03 08 616263', 'abc')
  // Literal "ab", then 6 bytes from 2 back, with an offset of 11, 16 and 32 bits.
  check('08 04 6162 09 02', 'abababab')
  check('08 04 6162 16 0200', 'abababab')
  check('08 04 6162 17 02000000', 'abababab')
  // A literal whose length stands in one, two, three and four bytes.
  check('02 f0 01 6162', 'ab')
  check('02 f4 0100 6162', 'ab')
  check('02 f8 010000 6162', 'ab')
  check('02 fc 01000000 6162', 'ab')
  const wrong = (hex: string) =>
    expect(() => unsnappyBlock(Buffer.from(hex.replaceAll(' ', ''), 'hex'), LIMIT)).toThrow(BodyError)
  wrong('03 08 6162')
  wrong('04 08 616263')
  wrong('02 08 616263')
  wrong('08 04 6162 09 03')
  wrong('08 04 6162 09 00')
  wrong('08 04 6162 16 02')
})

test('snappy framed: what may be skipped is, what may not is refused, and checksums count', () => {
  const header = Buffer.from('ff060000734e61507059', 'hex')
  const chunk = (type: number, content: Buffer) =>
    Buffer.concat([Buffer.from([type, content.length & 255, content.length >>> 8, 0]), content])
  const masked = (text: string) => {
    const crc = crc32c(Buffer.from(text))
    const out = Buffer.alloc(4)
    out.writeUInt32LE((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0)
    return out
  }
  const stored = (text: string) => chunk(1, Buffer.concat([masked(text), Buffer.from(text)]))
  const read = (...chunks: Buffer[]) => unsnappy(Buffer.concat([header, ...chunks]), LIMIT).toString()
  expect(read(stored('ab'), chunk(0xfe, Buffer.alloc(9)), chunk(0x80, Buffer.from('x')), header, stored('cd'))).toBe(
    'abcd',
  )
  expect(() => read(chunk(2, Buffer.from('x')))).toThrow(/must not be skipped/)
  expect(() => read(chunk(1, Buffer.concat([masked('ab'), Buffer.from('ac')])))).toThrow(/checksum/)
  expect(() => read(chunk(1, Buffer.from('abc')))).toThrow(/without checksum/)
  expect(() => read(chunk(0, Buffer.concat([masked(''), Buffer.from([0xff, 0xff, 0x7f])])))).toThrow(/65536/)
})

test('lz4: several frames are one body, skippable ones are skipped, old ones are refused', () => {
  const frame = vector('lz4')
  const skippable = Buffer.from('5a2a4d1803000000aabbcc', 'hex')
  expect(unlz4(Buffer.concat([skippable, frame, skippable, frame]), LIMIT).equals(Buffer.concat([plain, plain]))).toBe(
    true,
  )
  expect(() => unlz4(Buffer.from('02214c1800000000', 'hex'), LIMIT)).toThrow(/magic/)
  expect(() => unlz4(Buffer.from('5a2a4d18ffffff7f', 'hex'), LIMIT)).toThrow(/cut off/)
})

test('names', () => {
  const check = (name: string, want: Encoding | undefined) => expect([name, encodingNamed(name)]).toEqual([name, want])
  check('', 'identity')
  check('identity', 'identity')
  check('gzip', 'gzip')
  check('zlib', 'deflate')
  check('deflate', 'deflate')
  check('zstd', 'zstd')
  check('br', undefined)
  check('constructor', undefined)
})
