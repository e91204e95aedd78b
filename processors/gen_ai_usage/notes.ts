import { FLAG } from '../../genai/dialects/flags.ts'

/** Notes of the last `Billing.decide`. */
export interface Notes {
  sibling: boolean
  cumulative: boolean
  repeatedId: boolean
  /** The same call by its id, and with another usage. */
  conflict: boolean
}

export const noteFlags = ({ sibling, cumulative, repeatedId, conflict }: Notes): number =>
  (sibling ? FLAG.sibling_duplicate : 0) |
  (cumulative ? FLAG.cumulative_suspect : 0) |
  (repeatedId ? FLAG.repeated_response_id : 0) |
  (conflict ? FLAG.evidence_conflict : 0)
