import type { Usage } from '../../genai/usage.ts'

/** What a provider's answer said about itself. */
export interface Answer {
  id: string | undefined
  model: string | undefined
  serviceTier: string | undefined
  /** Anthropic `usage.speed`. */
  speed: string | undefined
  inferenceGeo: string | undefined
  /** Disjoint; undefined when the answer has none. */
  usage: Usage | undefined
  /** Tokens of Anthropic's compaction runs, which its totals leave out. */
  compaction: { readonly input: number; readonly output: number } | undefined
  finishReasons: string[]
  /** The provider's name for what went wrong. */
  errorType: string | undefined
  /** Notes on how the usage was understood. */
  flags: string[]
}

/** Reads one answer, event by event or as a whole. Never throws: what it does not understand, it leaves out. */
export interface AnswerReader {
  /** One event of a stream, its data decoded. */
  event(name: string, data: unknown): void
  /** The top-level fields of a JSON answer, asked for by name. */
  body(field: (name: string) => unknown): void
  /** The model has stopped; what follows costs nothing more. */
  readonly generated: boolean
  /** The last word was said: a client may take the answer as finished now. */
  readonly complete: boolean
  /** Bytes of generated text so far. */
  readonly textBytes: number
  /** What is known by now. */
  answer(): Answer
}

/** Top-level fields that any reader may ask for. */
export const ANSWER_FIELDS: ReadonlySet<string> = new Set([
  'id',
  'model',
  'usage',
  'service_tier',
  'choices',
  'status',
  'output',
  'error',
  'stop_reason',
  'type',
])

export const emptyAnswer = (): Answer => ({
  id: undefined,
  model: undefined,
  serviceTier: undefined,
  speed: undefined,
  inferenceGeo: undefined,
  usage: undefined,
  compaction: undefined,
  finishReasons: [],
  errorType: undefined,
  flags: [],
})

export type Fields = Readonly<Record<string, unknown>>

const NO_FIELDS: Fields = {}

/** An object's fields; none for anything else. */
export const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : NO_FIELDS

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** A name or id; longer ones than any provider makes are no names. */
export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' && value.length <= 512 ? value : undefined

/** A token count: a whole number from 0 up; anything else is unknown, never 0. */
export const countOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined

export const bytesOf = (value: unknown): number => (typeof value === 'string' ? Buffer.byteLength(value) : 0)

/** For answers that nobody can read yet. */
export const unreadable = (): AnswerReader => ({
  event: () => {},
  body: () => {},
  generated: false,
  complete: false,
  textBytes: 0,
  answer: emptyAnswer,
})
