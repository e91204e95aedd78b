import fc from '../../test/support/property.ts'
import { Arena, spanning } from './arena.ts'
import { Bench, seeded, settle } from './testing/harness.ts'

test('whatever is kept stays as it is until it is given back, and memory is used again', () => {
  const step = fc.record({ size: fc.nat(600_000), release: fc.nat(5) })
  const property = fc.property(fc.array(step, { minLength: 30, maxLength: 60 }), (steps) => {
    const arena = new Arena()
    const held: { readonly kept: ReturnType<Arena['keep']>; readonly mark: number }[] = []
    const buffers = new Set<ArrayBufferLike>()
    for (const [i, { size, release }] of steps.entries()) {
      const kept = arena.keep(Buffer.alloc(size, i))
      if (kept.slab !== undefined) buffers.add(kept.slab.buf.buffer)
      held.push({ kept, mark: i })
      for (const { kept: one, mark } of held) expect(one.bytes.equals(Buffer.alloc(one.bytes.length, mark))).toBe(true)
      const going = release === 0 ? held.splice(0) : held.splice(0, Math.max(0, held.length - release))
      for (const { kept: one } of going) if (one.slab !== undefined) arena.release(one.slab)
    }
    expect(buffers.size).toBeLessThanOrEqual(8)
  })
  fc.assert(property, { numRuns: 20 })
})

test('neighbours are one without being copied; others are not', () => {
  const arena = new Arena()
  const [a, b, c] = ['ab', 'cde', 'f'].map((text) => arena.keep(Buffer.from(text)))
  if (a === undefined || b === undefined || c === undefined) throw new Error('three')
  expect(spanning([a, b, c])?.toString()).toBe('abcdef')
  expect(spanning([b, c])?.toString()).toBe('cdef')
  expect(spanning([a, c])).toBeUndefined()
  expect(spanning([a, { bytes: Buffer.from('x'), slab: undefined }])).toBeUndefined()
  const far = arena.keep(Buffer.alloc(520_000))
  arena.keep(Buffer.alloc(520_000))
  const farther = arena.keep(Buffer.alloc(10_000))
  expect(farther.slab).not.toBe(far.slab)
  expect(spanning([far, farther])).toBeUndefined()
})

test('slow and fast exporters, failures and little memory: no delivery ever changes while it is under way', async () => {
  for (let seed = 1; seed <= 4; seed++) {
    const random = seeded(seed)
    const bench = new Bench({ hotBytes: 2_000_000, maxBytes: 400_000_000, segmentBytes: 8_000_000 })
    const exporters = [
      bench.attach('fast', { flushMs: 100 }),
      bench.attach('slow', { flushMs: 100, consumers: 3 }),
      bench.attach('odd', { flushMs: 300, maxBytes: 700_000, consumers: 2 }),
    ]
    for (const [i, exporter] of exporters.entries()) {
      exporter.answer = async () => {
        for (let wait = Math.floor(random() * 6 * i); wait > 0; wait--) await settle()
        return random() < 0.1 * i ? { kind: 'retry', reason: 'timeout' } : { kind: 'ok' }
      }
    }
    bench.log.start()
    for (let n = 0; n < 60; n++) {
      bench.append([`s${n}`], Math.floor(random() ** 3 * 600_000))
      if (random() < 0.3) await bench.pass(100)
    }
    for (let i = 0; i < 3_000 && exporters.some(({ got }) => got.length < 60); i++) await bench.pass(1_000, 1_000)
    const wanted = Array.from({ length: 60 }, (_, n) => `s${n}`).sort()
    for (const exporter of exporters) expect([seed, exporter.got.toSorted()]).toEqual([seed, wanted])
    expect(bench.lines.filter(({ level }) => level === 'error')).toEqual([])
    await bench.shutdown()
  }
}, 60_000)
