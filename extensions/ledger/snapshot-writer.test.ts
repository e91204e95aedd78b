import type { Ledger } from '../../pipeline/services.ts'
import { type MemoryDisk, memoryDisk } from './testing/memory-disk.ts'
import { budget, call, openLedger } from './testing/open-ledger.ts'

const LIMIT = 10n ** 20n
const config = { max_journal_bytes: 64 * 1024 }
const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const budgets = [budget({ limitNano: LIMIT }), budget({ id: 'all', scope: [], limitNano: LIMIT })]
const spent = (ledger: Ledger): bigint => ledger.budgets().find((one) => one.id === 'all')?.spentNano ?? 0n

function copyOf(disk: MemoryDisk): MemoryDisk {
  const copy = memoryDisk()
  for (const name of disk.paths()) copy.write(name, Buffer.from(disk.content(name)))
  return copy
}

const half = (disk: MemoryDisk): readonly string[] => disk.paths().filter((path) => path.endsWith('.new'))

/** A ledger that has just begun a snapshot which takes many steps. */
async function grown(disk: MemoryDisk) {
  const opened = await openLedger({ disk, config })
  const { ledger, host } = opened
  ledger.define(budgets)
  const settled: ReturnType<typeof call>[] = []
  for (let i = 0; i < 9000 || half(disk).length === 0; i++) {
    const entry = call({ subject: { run: `run-of-some-length-${i % 6000}` } })
    settled.push(entry)
    ledger.settle(entry)
    if (i % 50 === 49 || i >= 9000) ledger.flush()
    if (i >= 9000 || i % 50 !== 49) continue
    for (let step = 0; step < 20; step++) {
      host.clock.advance(1)
      await tick()
    }
  }
  return { ...opened, settled }
}

test('a crash at any step of a snapshot, with calls coming in between, loses and doubles nothing', async () => {
  const disk = memoryDisk()
  const { ledger, host, settled } = await grown(disk)
  expect(half(disk)).toHaveLength(1)
  let steps = 0
  for (; half(disk).length > 0; steps++) {
    const more = call({ subject: { run: `run-of-some-length-${steps * 7}` } })
    settled.push(more)
    ledger.settle(more)
    ledger.flush()
    const again = await openLedger({ disk: copyOf(disk), nowMs: host.clock.now() })
    again.ledger.define(budgets)
    expect(spent(again.ledger)).toBe(BigInt(settled.length) * 10_000_000n)
    for (const entry of settled) again.ledger.settle(entry)
    expect(spent(again.ledger)).toBe(BigInt(settled.length) * 10_000_000n)
    host.clock.advance(1)
    await tick()
  }
  expect(steps).toBeGreaterThan(3)
  const after = await openLedger({ disk: copyOf(disk), nowMs: host.clock.now() })
  after.ledger.define(budgets)
  expect(spent(after.ledger)).toBe(BigInt(settled.length) * 10_000_000n)
})

test('a fault while a snapshot is written leaves the old files, says so, and is tried again', async () => {
  const disk = memoryDisk()
  const { ledger, host, settled } = await grown(disk)
  disk.failAt = disk.operations + 1
  host.clock.advance(1)
  await tick()
  expect(half(disk)).toEqual([])
  expect(host.lines.some(({ message }) => /no snapshot of/.test(message))).toBe(true)
  const again = await openLedger({ disk: copyOf(disk), nowMs: host.clock.now() })
  again.ledger.define(budgets)
  expect(spent(again.ledger)).toBe(BigInt(settled.length) * 10_000_000n)

  const before = disk.paths().filter((path) => path.endsWith('.bin'))
  for (let i = 0; i < 4000; i++) {
    ledger.settle(call({ subject: { run: `run-of-some-length-${i}` } }))
    if (i % 50 === 0) {
      ledger.flush()
      host.clock.advance(1)
      await tick()
    }
  }
  expect(disk.paths().filter((path) => path.endsWith('.bin'))).not.toEqual(before)
})

test('at a shutdown in the middle nothing half is left', async () => {
  const disk = memoryDisk()
  const { host, settled, stop } = await grown(disk)
  host.clock.advance(1)
  await stop()
  expect(half(disk)).toEqual([])
  const again = await openLedger({ disk, nowMs: host.clock.now() })
  again.ledger.define(budgets)
  expect(spent(again.ledger)).toBe(BigInt(settled.length) * 10_000_000n)
})

test('what a crash left half-written goes with the next snapshot', async () => {
  const disk = memoryDisk()
  await grown(disk)
  expect(half(disk)).toHaveLength(1)
  for (let start = 0; start < 3; start++) {
    const { ledger, stop } = await openLedger({ disk })
    ledger.define(budgets)
    ledger.settle(call())
    await stop()
  }
  expect(half(disk)).toEqual([])
})
