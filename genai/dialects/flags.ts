/** Notes on how usage was understood; a set of them is a bit mask until a call is made of it. */
export const FLAGS = [
  'clamped',
  'convention_assumed',
  'convention_provider_default',
  'convention_learned',
  'convention_contradicted',
  'reasoning_outside_output',
  'output_missing',
  'usage_missing',
  'total_mismatch',
  'recovered_blob',
  'blob_unreadable',
  'partial_usage',
  'rollup_billed',
  'correction',
  'other_signal_of_record',
  'cumulative_suspect',
  'repeated_response_id',
  'sibling_duplicate',
  'has_usage_cost',
  'value_ignored',
  'dup_vocab',
  'evidence_conflict',
  'rollup_residual',
  'cached_replay',
  'repriced',
  'only_signal',
  'cache_unsplit',
  'running_total',
  'running_total_late',
  'sent_again',
] as const
export type Flag = (typeof FLAGS)[number]

/** The bit of each flag. */
export const FLAG = Object.fromEntries(FLAGS.map((flag, bit) => [flag, 1 << bit])) as Readonly<Record<Flag, number>>

const NONE: readonly string[] = []
const SETS = new Map<number, readonly string[]>([[0, NONE]])

/** The names in a mask: one array per combination, however many calls share it. */
export function flagNames(mask: number): readonly string[] {
  let names = SETS.get(mask)
  if (names === undefined) {
    names = FLAGS.filter((_, bit) => (mask & (1 << bit)) !== 0)
    SETS.set(mask, names)
  }
  return names
}
