import type { Disk } from '../../../pipeline/queue/disk.ts'
import { type BudgetDefinition, LEDGER, type Ledger, type Settlement } from '../../../pipeline/services.ts'
import { type TestHost, testHost } from '../../../test/support/host.ts'
import type { Config } from '../config.ts'
import { createLedger } from '../create.ts'
import { memoryDisk } from './memory-disk.ts'

export const settings: Config = {
  directory: '/ledger',
  fsync_interval: 5,
  max_journal_bytes: 8 * 1024 * 1024,
  max_counters: 200_000,
  exceeded_ttl: 7 * 86_400_000,
  max_kills: 10_000,
  dedupe: { ttl: 26 * 3_600_000, max_entries: 2_000_000 },
}

export interface Opened {
  readonly ledger: Ledger
  readonly host: TestHost
  readonly disk: Disk
  readonly stop: () => Promise<void>
}

interface Options {
  readonly disk?: Disk
  readonly nowMs?: number
  readonly config?: Partial<Config>
}

/** A ledger as the engine starts one. */
export async function openLedger(options: Options = {}): Promise<Opened> {
  const disk = options.disk ?? memoryDisk()
  const host = testHost('ledger')
  host.clock.advance((options.nowMs ?? host.clock.now()) - host.clock.now())
  const extension = createLedger({ ...settings, ...options.config }, host, disk)
  await extension.start()
  const ledger = host.service(LEDGER)
  if (ledger === undefined) throw new Error('the extension offers no ledger')
  return { ledger, host, disk, stop: () => extension.shutdown() }
}

export const budget = (part: Partial<BudgetDefinition> = {}): BudgetDefinition => ({
  id: 'cap',
  scope: ['run'],
  period: 'lifetime',
  timezone: 'UTC',
  limitNano: 5_000_000_000n,
  limitTokens: undefined,
  throttleAt: undefined,
  onExceed: 'kill',
  mode: 'enforce',
  ...part,
})

/** One cent, in pico-USD. */
export const CENT = 10_000_000_000

let serial = 0
export const call = (part: Partial<Settlement> = {}): Settlement => ({
  key: `call-${++serial}`,
  subject: { run: 'r1' },
  pico: CENT,
  tokens: 10,
  timeMs: 0,
  ...part,
})
