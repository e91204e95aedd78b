import { duration, type Infer, integer, object, string } from '../../pipeline/config/spec.ts'

const MIB = 1024 * 1024

export const config = object(
  {
    directory: string({
      doc: 'Where the journal, its snapshots and the audit log are kept; `ledger` in the data directory when absent. One process at a time: a second one on the same directory does not start.',
      optional: true,
      examples: ['/var/lib/tokenfuse/ledger'],
    }),
    fsync_interval: duration({
      doc: 'Spend that is counted within this time is put on the medium together, outside the way of any call; kills and new limits go there at once. A killed process loses nothing; a power cut loses at most this much. `0` waits for the medium with every batch.',
      default: '100ms',
      max: 60_000,
    }),
    max_journal_bytes: integer({
      doc: 'Size in bytes at which the journal is replaced by a snapshot, or twice the size of the last snapshot when that is more. Larger means fewer snapshots and a slower start after a crash.',
      default: 8 * MIB,
      min: 64 * 1024,
      max: 1024 * MIB,
    }),
    max_counters: integer({
      doc: 'How many counters (one per budget, period and combination of scope values) are held. Beyond it, counters of ended periods and idle lifetime counters are forgotten, oldest first, and counted in `tokenfuse_ledger_evicted_counters_total`.',
      default: 200_000,
      min: 100,
      max: 10_000_000,
    }),
    exceeded_ttl: duration({
      doc: 'How long after its last call a counter over its limit is kept from being forgotten, so that it does not start anew. Only when such counters fill twice `max_counters` does the oldest go.',
      default: '7d',
    }),
    max_kills: integer({
      doc: 'How many kills are in force at a time. Beyond it the oldest one that would end by itself is lifted, else the oldest, and an error is logged.',
      default: 10_000,
      min: 10,
      max: 1_000_000,
    }),
    dedupe: object(
      {
        ttl: duration({
          doc: 'How long a call is remembered at least, so that one sent again is not counted again.',
          default: '26h',
          min: 60_000,
        }),
        max_entries: integer({
          doc: 'How many calls are remembered, at 16 bytes or so each. When half of that is new within `ttl`, the older half is forgotten early and counted in `tokenfuse_ledger_forgotten_keys_total`.',
          default: 2_000_000,
          min: 1_000,
          max: 100_000_000,
        }),
      },
      { doc: 'How a call that is reported twice is counted once.' },
    ),
  },
  { doc: 'Spend per budget and period, reservations and kills, on local disk.' },
)
export type Config = Infer<typeof config>
