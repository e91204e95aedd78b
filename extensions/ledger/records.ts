import { normalPico, type Pico } from '../../genai/money.ts'
import type { BudgetDefinition, Kill, Subject } from '../../pipeline/services.ts'

/** What an amount looks like in a record: JSON has no integers above 2^53. */
type JsonPico = number | string

/** A counter as a snapshot keeps it: period start, values, spent, tokens, calls, marks told, last touched. */
export type CounterRow = readonly [
  start: number,
  values: readonly string[],
  spent: JsonPico,
  tokens: number,
  calls: number,
  fired: number,
  touchedMs: number,
]

type StoredDefinition = Omit<BudgetDefinition, 'limitNano'> & { readonly limitNano: string | undefined }

/**
 * Everything that changes the ledger, as it stands in the journal, but for settlements (see settlements.ts). A snapshot
 * is a list of the same records that rebuilds the state, plus counters (`c`) and seen keys (raw bytes).
 */
export type LedgerRecord =
  /** First of every file: the format, and the highest event number so far. */
  | { readonly t: 'v'; readonly format: number; readonly seq: number }
  /** The program started: budgets count only once they are declared again. */
  | { readonly t: 'o' }
  | { readonly t: 'd'; readonly budgets: readonly StoredDefinition[]; readonly active?: boolean }
  /** A settlement as format 1 had it: read, never written. */
  | {
      readonly t: 's'
      /** Hash of the key. */
      readonly k: readonly [high: number, low: number]
      readonly p: JsonPico
      /** Tokens. */
      readonly n: number
      /** When the call ended, and when we heard of it. */
      readonly e: number
      readonly a: number
      readonly w: Subject
    }
  | { readonly t: 'k'; readonly kill: Kill; readonly seq: number }
  | { readonly t: 'r'; readonly id: string; readonly seq: number }
  | {
      readonly t: 'l'
      readonly budget: string
      readonly limitNano: string
      readonly untilMs?: number | undefined
      readonly seq: number
    }
  | { readonly t: 'c'; readonly budget: string; readonly rows: readonly CounterRow[] }
  /** Last of a snapshot: without it the file is not whole. */
  | { readonly t: 'e' }

export const FORMAT = 2
/** Of which every record can still be read. */
export const OLDEST_FORMAT = 1

export const toJsonPico = (pico: Pico): JsonPico => (typeof pico === 'number' ? pico : pico.toString())
export const fromJsonPico = (pico: JsonPico): Pico => (typeof pico === 'number' ? pico : normalPico(BigInt(pico)))

export const storeDefinition = (definition: BudgetDefinition): StoredDefinition => ({
  ...definition,
  limitNano: definition.limitNano?.toString(),
})
export const readDefinition = (stored: StoredDefinition): BudgetDefinition => ({
  ...stored,
  limitNano: stored.limitNano === undefined ? undefined : BigInt(stored.limitNano),
  // JSON leaves out what is undefined.
  limitTokens: stored.limitTokens,
  throttleAt: stored.throttleAt,
})
