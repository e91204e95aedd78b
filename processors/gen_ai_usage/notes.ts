import type { Call } from '../../genai/call.ts'
import { FLAG, flagNames } from '../../genai/dialects/flags.ts'

/** Notes of the last `Billing.decide`. */
export interface Notes {
  sibling: boolean
  cumulative: boolean
  repeatedId: boolean
  /** The same call by its id, and with another usage. */
  conflict: boolean
  /** It came before, in a batch that was not taken. */
  again: boolean
}

export const noteFlags = ({ sibling, cumulative, repeatedId, conflict }: Notes): number =>
  (sibling ? FLAG.sibling_duplicate : 0) |
  (cumulative ? FLAG.cumulative_suspect : 0) |
  (repeatedId ? FLAG.repeated_response_id : 0) |
  (conflict ? FLAG.evidence_conflict : 0)

/** Puts a note onto a call; returns all its notes. */
export function addNote(call: Call, before: number, flag: number): number {
  // The shared list of names, unless the call has notes of its own beside them.
  call.flags = call.flags === flagNames(before) ? flagNames(before | flag) : [...call.flags, ...flagNames(flag)]
  return before | flag
}

export function removeNote(call: Call, before: number, flag: number): number {
  const [name] = flagNames(flag)
  call.flags = call.flags === flagNames(before) ? flagNames(before & ~flag) : call.flags.filter((one) => one !== name)
  return before & ~flag
}
