import type { Config } from './config.ts'
import { beginningOf, mix, textKey } from './mix.ts'

/** What kind of tool it is, one bit each. */
export const KIND = { search: 1, acting: 2, generic: 4, polling: 8, exempt: 16, listing: 32 } as const

const NAMES_MAX = 32_768
/** Longer names are told apart by their beginning. */
const NAME_LENGTH_MAX = 128
/** The number of all tools beyond that; their calls are still told apart, their names are not. */
const OTHERS = NAMES_MAX

type ToolRule = Config['tools'][number]

/** Numbers the tools and knows what their names tell. */
export class Tools {
  private readonly numbers = new Map<string, number>()
  private readonly names: string[] = []
  private readonly kinds: number[] = []
  private readonly seeds: number[] = []
  private readonly ruleNumbers: number[] = []
  private readonly words: readonly (readonly [number, ReadonlySet<string>])[]
  private readonly rules: readonly ToolRule[]

  constructor({ tool_words, tools }: Pick<Config, 'tool_words' | 'tools'>) {
    this.words = [
      [KIND.search, new Set(tool_words.search)],
      [KIND.listing, new Set(tool_words.listing)],
      [KIND.acting, new Set(tool_words.acting)],
      [KIND.generic, new Set(tool_words.generic)],
      [KIND.polling, new Set(tool_words.polling)],
    ]
    this.rules = tools
  }

  /** The number of a tool; below {@link NAMES_MAX} it also has a name. */
  of(name: string): number {
    return this.numbers.get(name) ?? this.add(beginningOf(name, NAME_LENGTH_MAX))
  }
  nameOf(tool: number): string {
    return this.names[tool] ?? '(other)'
  }
  kindOf(tool: number): number {
    return this.kinds[tool] ?? 0
  }
  /** What its calls are hashed with, so that equal arguments of two tools are not the same call. */
  seedOf(tool: number, name: string): number {
    return this.seeds[tool] ?? seedOf(name)
  }
  /** Which entry of `tools` is about it, -1 = none. */
  ruleOf(tool: number): number {
    return this.ruleNumbers[tool] ?? -1
  }

  private add(name: string): number {
    const known = this.numbers.get(name)
    if (known !== undefined) return known
    if (this.names.length >= NAMES_MAX) return OTHERS
    const number = this.names.length
    const rule = this.rules.findIndex(({ match }) => matches(match, name))
    this.numbers.set(name, number)
    this.names.push(name)
    this.seeds.push(seedOf(name))
    this.ruleNumbers.push(rule)
    this.kinds.push(this.kindByName(name) | kindByRule(this.rules[rule]))
    return number
  }

  private kindByName(name: string): number {
    const parts = wordsOf(name)
    return this.words.reduce((kind, [bit, words]) => (parts.some((part) => words.has(part)) ? kind | bit : kind), 0)
  }
}

const kindByRule = (rule: ToolRule | undefined): number =>
  (rule?.polling === true ? KIND.polling : 0) | (rule?.exempt === true ? KIND.exempt : 0)

const seedOf = (name: string): number => {
  const key = textKey(name, 1)
  return mix(key >>> 0, Math.floor(key / 4294967296))
}

/** `getJobStatus2`, `mcp__jobs.get-status` → their words in lower case. */
export function wordsOf(name: string): readonly string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== '')
}

const compiled = new WeakMap<readonly string[], RegExp>()

/** Whether a name fits one of the patterns, in which `*` stands for anything. */
export function matches(patterns: readonly string[], name: string): boolean {
  let expression = compiled.get(patterns)
  if (expression === undefined) {
    const parts = patterns.map((p) => p.split('*').map(escaped).join('.*'))
    expression = parts.length === 0 ? /$^/ : new RegExp(`^(?:${parts.join('|')})$`, 'i')
    compiled.set(patterns, expression)
  }
  return expression.test(name)
}

const escaped = (text: string): string => text.replace(/[.+?^${}()|[\]\\]/g, '\\$&')
