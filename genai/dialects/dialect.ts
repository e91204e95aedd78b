import type { BlobShape } from './blobs.ts'

/** What a running total runs over. */
export type Cumulative = 'parent' | 'trace' | 'conversation'

/** Whether a total already contains its parts. */
export type Convention = 'inclusive' | 'exclusive'

/**
 * One instrumentation, as far as reading its usage right needs it. Adding one is adding a row and a golden folder.
 */
export interface Dialect {
  /** Goes into `tokenfuse.dialect`. */
  readonly id: string
  /** Instrumentation scope names; a trailing `*` makes a prefix. */
  readonly scopes: readonly string[]
  /** Attributes that give it away when the scope does not. */
  readonly markers: readonly string[]
  /** The scope alone is not enough: a marker must be there too. For what differs between versions that share a scope. */
  readonly needsMarker?: boolean
  /** `service.name` of programs that are their own instrumentation; asked of log records and of spans no scope explains. */
  readonly services?: readonly string[]
  /** The vocabulary it writes natively; undefined = the first one that is there. */
  readonly vocabulary?: string
  /** Does `input` contain cache reads and writes? By canonical provider, `*` for the rest; undefined = not known, go by proof. */
  readonly input?: Readonly<Record<string, Convention>>
  /** Is reasoning outside of `output`: always, or for these providers? Default: inside. */
  readonly reasoningOutside?: true | readonly string[]
  /** The provider where nothing names one. */
  readonly provider?: string
  /** Span-name prefixes of spans that are billable though they name no operation. */
  readonly callNames?: readonly string[]
  /** Span-name prefixes of tool calls that name no operation. */
  readonly toolNames?: readonly string[]
  /** Span-name prefixes of agents and steps, which only repeat what is below them. */
  readonly rollupNames?: readonly string[]
  /** Ends of the names of spans that look like a call and only prepare one. */
  readonly partNames?: readonly string[]
  /** How the role is named when not by `gen_ai.operation.name`, and what its values stand for (OPERATIONS). */
  readonly roleKey?: string
  readonly roles?: Readonly<Record<string, string>>
  /** What names an operation is that, whatever role it has beside it. */
  readonly operationFirst?: true
  /** Names of log events that each report one call. */
  readonly events?: readonly string[]
  /** Names of log events that repeat what another signal of the same source reports: evidence, never billed. */
  readonly repeats?: readonly string[]
  /** Names of log events that tell of something else an agent did, and what the operation of that is (OPERATIONS). */
  readonly stepEvents?: Readonly<Record<string, string>>
  /** Where a source that writes both is billed from; the other is evidence only. Default: spans. */
  readonly record?: 'spans' | 'logs'
  /**
   * Usage on an agent or step with nothing below it that has usage: `grace` (default) bills it once nothing came for a
   * while, `bill` at once (the agent is the only one that ever has it), `never` not at all (it counts more than its run).
   */
  readonly rollups?: 'grace' | 'bill' | 'never'
  /**
   * Its calls report running totals: of the calls below one span, of a trace, or of a conversation. What a call used itself
   * is what the total grew by. Only where that is known; elsewhere usage that only ever grows is flagged.
   */
  readonly cumulative?: Cumulative
  /** Where it writes no cache keys its own cost figure is the only complete one, and is taken. */
  readonly trustCost?: true
  /** Its total counts the cached part, so that a total of input and output alone shows that input contains it. */
  readonly totalHasCache?: true
  /** What its total has beyond input and output: reasoning that stands in no attribute, or cached input of either kind. */
  readonly rest?: 'reasoning' | 'cache'
  /** Usage comes in a record of its own: one without it is no call with missing usage. */
  readonly usageApart?: true
  /** Its spans are calls only when they name a model: chains repeat usage without one. */
  readonly needsModel?: boolean
  /** JSON attributes that hold what the others leave out. */
  readonly blobs?: readonly { readonly key: string; readonly shape: BlobShape }[]
  /** `recorded`: from what the real library emits; `documented`: from its source or documentation. */
  readonly evidence: 'recorded' | 'documented'
  readonly versions?: string
  /** What cannot be known from what it writes. */
  readonly limits?: string
  readonly source: string
}
