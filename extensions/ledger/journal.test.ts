import { hashKey } from '../../genai/call-key.ts'
import { errorText } from '../../pipeline/queue/disk.ts'
import type { Ledger } from '../../pipeline/services.ts'
import { FrameBuffer } from './frames.ts'
import { type MemoryDisk, memoryDisk } from './testing/memory-disk.ts'
import { budget, CENT, call, openLedger } from './testing/open-ledger.ts'

const DAY = 86_400_000
const spent = (ledger: Ledger): readonly bigint[] => ledger.budgets().map(({ spentNano }) => spentNano)
const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** As after a crash: another ledger on what the first one left behind. */
async function reopened(disk: MemoryDisk, nowMs?: number) {
  const again = await openLedger({ disk, ...(nowMs === undefined ? {} : { nowMs }) })
  again.ledger.define([budget()])
  return again
}

const journals = (disk: MemoryDisk): readonly string[] =>
  disk.paths().filter((path) => path.includes('/journal-') && path.endsWith('.log'))
const newest = (disk: MemoryDisk): string => journals(disk).at(-1) ?? ''

test('everything that was flushed is there after a crash: spend, keys, kills, overrides, marks', async () => {
  const disk = memoryDisk()
  const { ledger, host } = await openLedger({ disk })
  ledger.define([budget(), budget({ id: 'month', scope: ['customer'], period: 'month', limitNano: 10n ** 30n })])
  const entries = Array.from({ length: 50 }, (_, i) =>
    call({ subject: { run: 'r1', customer: 'c', team: 'x' }, pico: 2n ** 60n + BigInt(i) }),
  )
  for (const entry of entries) ledger.settle(entry)
  ledger.flush()
  const kept = ledger.kill({ scope: { agent: 'a' }, reason: 'why', code: 'killed', actor: 'ada', untilMs: undefined })
  const lifted = ledger.kill({ scope: { agent: 'b' }, reason: 'why', code: 'killed', actor: 'ada', untilMs: undefined })
  ledger.resume(lifted.id, 'ada')
  ledger.override('month', 2n * 10n ** 30n, host.clock.now() + DAY, 'ada')
  const before = ledger.budgets()
  const seq = ledger.epoch

  const again = await openLedger({ disk, nowMs: host.clock.now() + 1000 })
  expect(again.ledger.check({ agent: 'a' })).toMatchObject({ verdict: 'kill', code: 'killed' })
  expect(again.ledger.kills()).toEqual([kept])
  // Nothing counts that is not declared.
  expect(again.ledger.budgets()).toEqual([])
  again.ledger.define([budget(), budget({ id: 'month', scope: ['customer'], period: 'month', limitNano: 10n ** 30n })])
  expect(again.ledger.budgets()).toEqual(before)
  for (const entry of entries) expect(again.ledger.settle(entry)).toEqual([])
  expect(again.ledger.budgets()).toEqual(before)
  expect(again.ledger.epoch).toBeGreaterThan(seq)
  // The mark was told before; it is not told again.
  expect(again.ledger.settle(call())).toEqual([])
  expect(again.ledger.audit(3).map(({ action }) => action)).toEqual(['kill', 'resume', 'override'])
})

test('what was not flushed is written by itself within a second', async () => {
  const disk = memoryDisk()
  const { ledger, host } = await openLedger({ disk })
  ledger.define([budget()])
  ledger.settle(call())
  host.clock.advance(1000)
  expect(spent((await reopened(disk)).ledger)).toEqual([10_000_000n])
})

test('a last record that was cut off anywhere costs only itself', async () => {
  const disk = memoryDisk()
  const { ledger } = await openLedger({ disk })
  ledger.define([budget()])
  ledger.settle(call())
  ledger.flush()
  const path = newest(disk)
  const whole = disk.content(path).length
  ledger.settle(call())
  ledger.flush()
  const all = disk.content(path)
  for (let length = whole; length < all.length; length += 7) {
    const copy = memoryDisk()
    for (const name of disk.paths()) copy.write(name, disk.content(name))
    copy.write(path, all.subarray(0, length))
    const again = await reopened(copy)
    expect(spent(again.ledger)).toEqual([10_000_000n])
    expect(again.host.metric('tokenfuse_ledger_damaged_files_total', 'torn')).toBe(length === whole ? 0 : 1)
    // And it goes on from there.
    again.ledger.settle(call())
    again.ledger.flush()
    expect(spent((await reopened(copy)).ledger)).toEqual([20_000_000n])
  }
})

test('damage in the middle: what is before it counts, the file is kept aside, and it is said loudly', async () => {
  const disk = memoryDisk()
  const { ledger } = await openLedger({ disk })
  ledger.define([budget()])
  const path = newest(disk)
  ledger.settle(call())
  ledger.flush()
  const at = disk.content(path).length
  for (let i = 0; i < 3; i++) {
    ledger.settle(call())
    ledger.flush()
  }
  for (const where of [at, at + 5, at + 9, at + 40]) {
    const copy = memoryDisk()
    for (const name of disk.paths()) copy.write(name, Buffer.from(disk.content(name)))
    const bytes = copy.content(path)
    bytes[where] = (bytes[where] ?? 0) ^ 0x40
    const again = await reopened(copy)
    expect(spent(again.ledger)).toEqual([10_000_000n])
    expect(again.host.metric('tokenfuse_ledger_damaged_files_total', 'damaged')).toBe(1)
    expect(again.host.lines.filter(({ level }) => level === 'error')).toHaveLength(1)
    expect(copy.paths().filter((name) => name.includes('.damaged-'))).toHaveLength(1)
  }
})

test('a damaged snapshot costs nothing: the one before it and its journal are still there', async () => {
  const disk = memoryDisk()
  for (let start = 1; start <= 4; start++) {
    const { ledger, stop } = await reopened(disk)
    for (let i = 0; i < 10; i++) ledger.settle(call())
    ledger.flush()
    if (start % 2 === 0) await stop()
  }
  const snapshots = disk.paths().filter((path) => path.endsWith('.bin'))
  expect(snapshots.length).toBeLessThanOrEqual(2)
  const last = snapshots.at(-1) ?? ''
  disk.write(last, disk.content(last).subarray(0, disk.content(last).length - 3))
  const again = await reopened(disk)
  expect(spent(again.ledger)).toEqual([400_000_000n])
  expect(again.host.metric('tokenfuse_ledger_damaged_files_total', 'damaged')).toBe(1)
})

test('a journal that has grown is replaced by a snapshot; old files go, totals and keys stay', async () => {
  const disk = memoryDisk()
  const { ledger, host } = await openLedger({ disk, config: { max_journal_bytes: 64 * 1024 } })
  ledger.define([budget({ limitNano: 10n ** 20n })])
  const first = call()
  ledger.settle(first)
  for (let i = 0; i < 5000; i++) {
    ledger.settle(call())
    if (i % 10 === 0) ledger.flush()
    if (i % 100 === 0) {
      host.clock.advance(1)
      await tick()
    }
    expect(host.metric('tokenfuse_ledger_journal_bytes')).toBeLessThan(70 * 1024)
  }
  ledger.flush()
  for (let i = 0; i < 20; i++) {
    host.clock.advance(1)
    await tick()
  }
  expect(journals(disk).length).toBeLessThanOrEqual(2)
  const again = await openLedger({ disk })
  again.ledger.define([budget({ limitNano: 10n ** 20n })])
  expect(spent(again.ledger)).toEqual([50_010_000_000n])
  again.ledger.settle(first)
  expect(spent(again.ledger)).toEqual([50_010_000_000n])
})

/** Some work with every kind of record in it; returns what must have survived. */
async function work(
  disk: MemoryDisk,
): Promise<{ flushed: bigint; total: bigint; host: Awaited<ReturnType<typeof openLedger>>['host'] }> {
  const { ledger, host, stop } = await openLedger({ disk, config: { max_journal_bytes: 64 * 1024 } })
  ledger.define([budget({ limitNano: 10n ** 20n })])
  let total = 0n
  let flushed = 0n
  for (let i = 0; i < 40; i++) {
    for (let n = 0; n < 20; n++) {
      ledger.settle(call({ subject: { run: 'r1', padding: 'x' } }))
      total += 10_000_000n
    }
    ledger.flush()
    if (i % 10 === 3)
      ledger.kill({ scope: { run: `k${i}` }, reason: 'x'.repeat(900), code: 'killed', actor: 'a', untilMs: undefined })
    host.clock.advance(400)
    await tick()
    flushed = total
  }
  expect(spent(ledger)).toEqual([total])
  await stop()
  return { flushed, total, host }
}

test('whichever write fails, nothing is thrown at a caller, nothing is lost, and it is counted', async () => {
  const clean = memoryDisk()
  await work(clean)
  const started = memoryDisk()
  await (await openLedger({ disk: started })).stop()
  const inStart = started.operations
  expect(clean.operations).toBeGreaterThan(inStart + 60)
  for (let n = 1; n <= clean.operations; n++) {
    for (const failures of [1, 5]) {
      const disk = memoryDisk()
      disk.failAt = n
      disk.failures = failures
      const done = await work(disk).catch((error: unknown) => errorText(error))
      if (typeof done === 'string') {
        // Only a start may refuse, and says why.
        expect([n, done]).toEqual([n, expect.stringContaining('EIO')])
        expect(n).toBeLessThanOrEqual(inStart)
        continue
      }
      disk.failAt = Number.POSITIVE_INFINITY
      const again = await openLedger({ disk })
      again.ledger.define([budget({ limitNano: 10n ** 20n })])
      const isAtTheEnd = failures > 1 && n > clean.operations - 12
      // When every attempt of the shut-down fails as well, all that can be done is to say so.
      if (isAtTheEnd && spent(again.ledger)[0] !== done.total) {
        expect(done.host.lines.at(-1)).toMatchObject({ level: 'error', message: expect.stringContaining('lose spend') })
        continue
      }
      expect([n, failures, spent(again.ledger)]).toEqual([n, failures, [done.total]])
      expect([n, again.ledger.kills().length]).toEqual([n, 4])
      expect([n, done.host.metric('tokenfuse_ledger_write_errors_total') > 0]).toEqual([n, true])
    }
  }
}, 60_000)

test('a disk that stays full stops nobody: budgets hold in memory, and all is written when there is room again', async () => {
  const disk = memoryDisk()
  const { ledger, host } = await openLedger({ disk })
  ledger.define([budget({ limitNano: 10n ** 20n })])
  disk.failAt = disk.operations + 1
  disk.failures = Number.POSITIVE_INFINITY
  const padding = 'x'.repeat(500)
  for (let i = 0; i < 30_000; i++) {
    ledger.settle(call({ subject: { run: `r${i % 50}-${padding}` } }))
    if (i % 100 === 0) ledger.flush()
  }
  expect(ledger.budgets()).toHaveLength(50)
  expect(ledger.kill({ scope: { run: 'x' }, reason: '', code: 'killed', actor: 'a', untilMs: undefined }).id).not.toBe(
    '',
  )
  expect(host.metric('tokenfuse_ledger_write_errors_total')).toBeGreaterThan(0)
  expect(host.lines.filter(({ message }) => message.includes('cannot be written')).length).toBeLessThanOrEqual(2)
  disk.failAt = Number.POSITIVE_INFINITY
  host.clock.advance(1000)
  const again = await openLedger({ disk })
  again.ledger.define([budget({ limitNano: 10n ** 20n })])
  expect(spent(again.ledger).reduce((a, b) => a + b, 0n)).toBe(30_000n * 10_000_000n)
  expect(again.ledger.kills()).toHaveLength(1)
})

test('a sync that fails makes everything be written anew, since nobody knows what reached the medium', async () => {
  const disk = memoryDisk()
  const { ledger, host } = await openLedger({ disk })
  ledger.define([budget()])
  await tick()
  ledger.settle(call())
  ledger.flush()
  const before = newest(disk)
  disk.failAt = disk.operations + 1
  host.clock.advance(5)
  await tick()
  host.clock.advance(1000)
  expect(newest(disk)).not.toBe(before)
  // Even if the journal before it is gone.
  disk.write(before, Buffer.alloc(0))
  expect(spent((await reopened(disk)).ledger)).toEqual([10_000_000n])
})

test('a file of another version is not guessed at', async () => {
  const disk = memoryDisk()
  await (await reopened(disk)).stop()
  const path = disk.paths().find((name) => name.endsWith('.bin')) ?? ''
  const frames = new FrameBuffer()
  frames.addText(JSON.stringify({ t: 'v', format: 3, seq: 0 }))
  frames.addText(JSON.stringify({ t: 'e' }))
  for (const name of disk.paths()) if (name.endsWith('.bin')) disk.write(name, frames.bytes())
  const before = disk.content(path)
  await expect(openLedger({ disk })).rejects.toThrow(
    /snapshot-\d+.bin holds a record that this version does not understand/,
  )
  expect(disk.content(path)).toEqual(before)
})

test('what the first version wrote, one record in JSON for each call, still counts', async () => {
  const disk = memoryDisk()
  const frames = new FrameBuffer()
  for (const record of [{ t: 'v', format: 1, seq: 7 }, { t: 'e' }]) frames.addText(JSON.stringify(record))
  disk.write('/ledger/snapshot-00000001.bin', Buffer.from(frames.bytes()))
  frames.clear()
  const { high, low } = hashKey('openai|1|2|3')
  const settled = { t: 's', k: [high, low], p: '20000000000', n: 5, e: 0, a: 1_763_900_000_000, w: { run: 'r1' } }
  const defined = { t: 'd', budgets: [{ ...budget(), limitNano: '5000000000' }] }
  for (const record of [{ t: 'o' }, defined, settled]) frames.addText(JSON.stringify(record))
  disk.write('/ledger/journal-00000001.log', Buffer.from(frames.bytes()))
  const { ledger } = await reopened(disk)
  expect(spent(ledger)).toEqual([20_000_000n])
  ledger.settle(call({ key: 'openai|1|2|3' }))
  ledger.settle(call())
  ledger.flush()
  expect(spent((await reopened(disk)).ledger)).toEqual([30_000_000n])
})

test('all settlements of a batch are one record and one write; between them stands whatever came between', async () => {
  const disk = memoryDisk()
  const { ledger } = await openLedger({ disk })
  ledger.define([budget()])
  const before = disk.operations
  const size = disk.content(newest(disk)).length
  for (let i = 0; i < 100; i++) ledger.settle(call({ subject: { run: `r${i % 10}` } }))
  ledger.flush()
  expect(disk.operations - before).toBe(1)
  expect((disk.content(newest(disk)).length - size) / 100).toBeLessThan(50)
  ledger.settle(call({ subject: { run: 'late' } }))
  // Another scope in the middle of a batch: what is counted before it is counted by the old one.
  ledger.define([budget(), budget({ id: 'by-agent', scope: ['agent'] })])
  ledger.settle(call({ subject: { run: 'late', agent: 'a' } }))
  ledger.flush()
  const again = await openLedger({ disk })
  again.ledger.define([budget(), budget({ id: 'by-agent', scope: ['agent'] })])
  expect(again.ledger.budgets()).toEqual(ledger.budgets())
})

test('a long shut-down and many starts leave two generations at most, and the sum exact', async () => {
  const disk = memoryDisk()
  for (let i = 0; i < 20; i++) {
    const { ledger, stop } = await reopened(disk)
    ledger.settle(call({ pico: CENT + 1 }))
    ledger.flush()
    if (i % 3 === 0) await stop()
  }
  expect(disk.paths().filter((path) => !path.includes('audit'))).toHaveLength(4)
  expect(spent((await reopened(disk)).ledger)).toEqual([200_000_000n])
})
