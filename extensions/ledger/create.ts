import { join } from 'node:path'
import type { Extension } from '../../pipeline/component.ts'
import type { Host } from '../../pipeline/host.ts'
import type { Disk } from '../../pipeline/queue/disk.ts'
import { LEDGER } from '../../pipeline/services.ts'
import { Audit } from './audit.ts'
import type { Config } from './config.ts'
import { Journal } from './journal.ts'
import { EmbeddedLedger } from './ledger.ts'
import { KILLS_TOTAL, killLabel, metrics, observe } from './metrics.ts'
import { LedgerState } from './state.ts'

/** The extension, and the service it offers to everybody else. */
export function createLedger(config: Config, host: Host, disk: Disk): Extension {
  const { clock, log } = host
  const directory = config.directory ?? join(host.dataDir, 'ledger')
  const state = new LedgerState({
    maxCounters: config.max_counters,
    protectMs: config.exceeded_ttl,
    dedupeTtlMs: config.dedupe.ttl,
    dedupeMaxEntries: config.dedupe.max_entries,
  })
  const options = { directory, fsyncMs: config.fsync_interval, maxBytes: config.max_journal_bytes, disk, clock, log }
  const journal = new Journal(options, state)
  const audit = new Audit(disk, directory, log)
  const kills = host.metrics.counter(KILLS_TOTAL, metrics[0]?.description ?? '', ['reason'])
  const onKill = (code: string): void => kills.child(killLabel(code)).add(1)
  const ledger = new EmbeddedLedger({ state, journal, audit, clock, log, maxKills: config.max_kills, onKill })
  observe(host.metrics, clock, ledger, journal, audit)
  host.provide(LEDGER, ledger)
  return {
    start: async () => ledger.open(),
    shutdown: async () => ledger.close(),
  }
}
