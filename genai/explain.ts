import type { BillStatus, Call } from './call.ts'
import type { Flag } from './dialects/flags.ts'

const WHY_NOT_BILLED: Readonly<Record<Exclude<BillStatus, 'billed'>, string>> = {
  superseded: 'better evidence of the same call arrived later',
  rollup: 'repeats what the calls below it report',
  duplicate: 'the same call was counted before',
  not_billable: 'free by its nature',
}

/** Flags that are themselves the reason for a status; the first one that is there tells. */
const REASONS: readonly { readonly bill: BillStatus; readonly flag: Flag; readonly why: string }[] = [
  {
    bill: 'duplicate',
    flag: 'other_signal_of_record',
    why: 'its source reports the same calls in another signal, and is billed from that one',
  },
  { bill: 'duplicate', flag: 'sibling_duplicate', why: 'another instrumentation beside it reported the same call' },
  {
    bill: 'duplicate',
    flag: 'evidence_conflict',
    why: 'the same call was counted before, by its response id, though with another output',
  },
  {
    bill: 'duplicate',
    flag: 'running_total_late',
    why: 'a running total from before one that was counted already, which contains it',
  },
  { bill: 'not_billable', flag: 'partial_usage', why: 'a part of a run that is billed from the span around it' },
  { bill: 'not_billable', flag: 'cached_replay', why: "answered from a gateway's cache" },
  { bill: 'billed', flag: 'rollup_billed', why: 'an agent’s own usage, because nothing below it reported any' },
  { bill: 'billed', flag: 'only_signal', why: 'not its signal of record, but the only one that came' },
]

/** What the other flags say. */
const NOTES: Readonly<Partial<Record<Flag, string>>> = {
  clamped: 'parts add up to more than their total',
  convention_assumed: 'input taken to contain its cached part, as the conventions demand',
  convention_provider_default: 'input contains its cached part, as the provider counts it',
  convention_learned: 'input leaves its cached part out, as earlier numbers of this scope proved',
  convention_contradicted: 'input leaves its cached part out: the numbers prove it, against the dialect',
  reasoning_outside_output: 'reasoning stands beside output, not in it',
  output_missing: 'no output: a stream that was cut',
  usage_missing: 'no usage: the provider bills it, nobody can price it',
  total_mismatch: 'its total is no sum of its parts',
  recovered_blob: 'details taken from a raw JSON attribute',
  blob_unreadable: 'a raw JSON attribute could not be read',
  sent_again: 'came before in a batch that was refused',
  running_total: 'its source reports running totals; this is what the total grew by',
  cumulative_suspect: 'usage only ever grows from call to call: maybe a counter',
  repeated_response_id: 'its server gives many answers one id, so the id was not believed',
  value_ignored: 'a usage attribute held no count',
  dup_vocab: 'usage in two vocabularies that disagree',
  evidence_conflict: 'another span of the same call reports other usage',
  rollup_residual: 'reports more than the calls of its trace do',
  repriced: 'read again after a proof',
  cache_unsplit: 'cached input of which nothing says whether it was read or written',
}

const isNote = (flag: string): flag is Flag => Object.hasOwn(NOTES, flag)

/** `not billed: …` or `billed: …`, in words. */
export function billInWords(call: Call): string {
  const reason = REASONS.find(({ bill, flag }) => bill === call.bill && call.flags.includes(flag))?.why
  if (call.bill === 'billed') {
    if (call.correctionOf !== undefined) return `billed as a correction of ${call.correctionOf}`
    return reason === undefined ? 'billed' : `billed: ${reason}`
  }
  if (reason === undefined && call.bill === 'not_billable' && call.errorType !== undefined)
    return 'not billed: it failed without usage, which providers do not charge for'
  return `not billed: ${reason ?? WHY_NOT_BILLED[call.bill]}`
}

/** What was noted about how usage was understood; '' when nothing was. */
export function notesInWords(call: Call): string {
  return call.flags
    .filter(isNote)
    .flatMap((flag) => NOTES[flag] ?? [])
    .join('; ')
}
