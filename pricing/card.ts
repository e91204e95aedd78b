import type { Meter } from '../genai/usage.ts'

/**
 * The price book as data. Money is written as decimal strings, or as a fraction of two (`0.36/3600`), and never as a
 * JSON number. A card says what one provider bills for one model, from when to when, and under which conditions.
 */
export interface Card {
  /** `provider/model`, then `@from` when it is dated, then what else tells it from its siblings. */
  readonly id: string
  readonly model: string
  /** Further exact ids of the same model. */
  readonly aliases?: readonly string[]
  /** First instant it holds, RFC 3339 date or date-time in UTC; absent = since ever. */
  readonly from?: string
  /** First instant it no longer holds; absent = until further notice. */
  readonly to?: string
  readonly when?: Conditions
  /** Only in these hours. Absent = always. */
  readonly windows?: readonly DailyWindow[]
  /** Where the next price column begins, by total input tokens, caches included. The whole request moves. */
  readonly bands?: readonly BandEdge[]
  /** USD per million tokens; one string, or one per column; null = the provider charges, but we do not know what. */
  readonly rates?: Readonly<Partial<Record<Meter, RateText>>>
  /** USD per single unit: one search, image, second, character, page, request, session, hour. */
  readonly fees?: Readonly<Partial<Record<Meter, string>>>
  /** What each request is billed for at the least: `{ seconds: 10 }`. */
  readonly minimums?: Readonly<Partial<Record<Meter, number>>>
  /** When input is cached at all; nothing here is a price. */
  readonly cache?: CacheRules
  /** The provider says that it costs nothing. */
  readonly free?: true
  /** Name in the file's `sources`. */
  readonly source: string
  /** Sources of what was added to it since. */
  readonly also?: readonly string[]
  /** Not a price but a share of what is paid anyway: provisioned capacity, machines of one's own. Calls say so. */
  readonly amortised?: true
  /** The price could not be confirmed; calls priced by it say so. */
  readonly unverified?: true
}

export interface CacheRules {
  /** Shorter prompts are never cached, without a word. */
  readonly min_tokens?: number
  /** How long an entry lives after it was last used: `5m`, `1h`; one a write meter, the shortest first. */
  readonly ttl?: readonly string[]
  /** The provider caches without being asked. */
  readonly automatic?: true
}

export type RateText = string | null | readonly (string | null)[]

/** Every named condition must hold. A card without `tier` or `speed` is the standard price. */
export interface Conditions {
  readonly tier?: readonly string[]
  readonly speed?: readonly string[]
  readonly geo?: readonly string[]
  readonly endpoint?: readonly ('global' | 'regional')[]
  readonly region?: readonly string[]
}

/** Times are `HH:MM`; an end before the start lies on the next day. Days are ISO weekdays (Monday 1) of the start. */
export interface DailyWindow {
  readonly start: string
  readonly end: string
  readonly days?: readonly number[]
  /** Days on which it does not begin: public holidays, `2026-10-01`. */
  readonly except?: readonly string[]
  /** IANA name of the zone that times and days are in; absent = UTC. */
  readonly zone?: string
}

export type BandEdge = { readonly gt: number } | { readonly gte: number }

/** Multiplies rates of cards whose own conditions do not already say it. */
export interface Modifier {
  readonly id: string
  readonly when: Conditions
  /** `11/10` */
  readonly multiply: string
  /** Absent: every meter that is counted in tokens. */
  readonly meters?: readonly Meter[]
  /** Absent: every model of the file. */
  readonly models?: readonly string[]
  /** What a reseller charges for tools in place of the maker, whose list prices it keeps; USD per single unit. */
  readonly fees?: Readonly<Partial<Record<Meter, string>>>
  /** Meters that the provider prices otherwise under this condition, we do not know how. */
  readonly unknown?: readonly Meter[]
  readonly source: string
}

export interface Source {
  readonly url: string
  /** Day on which somebody last compared it with the source. */
  readonly checked: string
  /** The data package it came through, when it was not read at the source itself. */
  readonly via?: string
  readonly note?: string
}

/** One file of the book: everything that one provider bills. */
export interface BookFile {
  readonly provider: string
  readonly sources: Readonly<Record<string, Source>>
  readonly modifiers?: readonly Modifier[]
  readonly cards: readonly Card[]
}

export interface Book {
  /** Changes when any price in it does. */
  readonly version: string
  /** Day on which its facts were last checked. */
  readonly asOf: string
  /** By provider; parsed when first asked for. */
  readonly files: Readonly<Record<string, () => BookFile>>
}
