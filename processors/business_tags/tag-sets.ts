import { LRUCache } from 'lru-cache'
import type { Tags } from '../../genai/call.ts'
import { encodedFields, encodedString } from '../../otlp/attributes.ts'
import type { TagRule } from './rules.ts'

/** Agents remembered, the one not seen for longest forgotten first, and sets of each; beyond it an agent's sets start anew. */
const AGENTS_MAX = 1024
const SETS_MAX = 256

/** The tags that a span shares with many others (all but the run), and the attributes that say them, ready to be added. */
export interface TagSet {
  /** In the order of the rules; undefined where a tag has no value. */
  readonly values: readonly (string | undefined)[]
  /** Attributes of the tags that are not on the span already. */
  readonly fields: Uint8Array
  /** All tags but the run. */
  readonly tags: Tags
}

/**
 * Remembers tag sets. A fleet has few of them beside its many runs: the same agent for the same customer, call after
 * call. Values are interned strings, so that comparing two is comparing two pointers.
 */
export class TagSets {
  private readonly rules: readonly TagRule[]
  private readonly signal: 'traces' | 'logs'
  private readonly byAgent = new LRUCache<string, TagSet[]>({ max: AGENTS_MAX })
  private last: TagSet | undefined = undefined

  constructor(rules: readonly TagRule[], signal: 'traces' | 'logs') {
    this.rules = rules
    this.signal = signal
  }

  /** @param onSpan bit r is set when rule r's value stands on the span under our own name already. */
  get(values: readonly (string | undefined)[], onSpan: number): TagSet {
    if (onSpan !== 0) return this.make(values, onSpan)
    if (this.last !== undefined && same(this.last.values, values)) return this.last
    // Of the built-in tags the agent tells most sets apart.
    const agent = values[1] ?? ''
    const sets = this.byAgent.get(agent)
    const known = sets?.find((set) => same(set.values, values))
    if (known !== undefined) {
      this.last = known
      return known
    }
    const made = this.make([...values], onSpan)
    if (sets === undefined || sets.length >= SETS_MAX) this.byAgent.set(agent, [made])
    else sets.push(made)
    this.last = made
    return made
  }

  private make(values: readonly (string | undefined)[], onSpan: number): TagSet {
    const keyValues: Uint8Array[] = []
    const tags: Tags = { ...NOTHING }
    for (const [r, rule] of this.rules.entries()) {
      const value = values[r]
      if (value === undefined || rule.name === 'run') continue
      assign(tags, rule.name, value)
      if ((onSpan & (1 << r)) === 0) keyValues.push(encodedString(rule.attribute.name, value))
    }
    return { values, fields: encodedFields(this.signal, keyValues), tags }
  }
}

const NOTHING: Tags = {
  run: undefined,
  agent: undefined,
  workflow: undefined,
  step: undefined,
  customer: undefined,
  businessUnit: undefined,
  extra: undefined,
}

/** The run, which is rule 0, does not count. */
function same(a: readonly (string | undefined)[], b: readonly (string | undefined)[]): boolean {
  for (let r = 1; r < a.length; r++) if (a[r] !== b[r]) return false
  return true
}

function assign(tags: Tags, name: string, value: string): void {
  switch (name) {
    case 'agent':
    case 'workflow':
    case 'step':
    case 'customer':
      tags[name] = value
      break
    case 'business_unit':
      tags.businessUnit = value
      break
    default:
      tags.extra = { ...tags.extra, [name]: value }
  }
}
