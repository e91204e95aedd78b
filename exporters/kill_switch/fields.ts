import { type Pico, parseUsd, picoFromDouble } from '../../genai/money.ts'
import type { Scope } from '../../genai/verdict.ts'
import { parseDuration } from '../../pipeline/config/duration.ts'
import type { Subject } from '../../pipeline/services.ts'
import { type BadRequest, invalid } from './bad-request.ts'

const NAME = /^[a-z][a-z0-9_]{0,63}$/
const KEYS_MAX = 32
const VALUE_MAX = 512
const REASON_MAX = 1_000
const ACTOR = /^[\x20-\x7e]{1,128}$/

/** A JSON object whose fields are read one by one, each once, with its own complaint. */
export class Fields {
  private readonly value: Readonly<Record<string, unknown>>

  /** Unknown names are refused: a misspelt `ttl` would mean "for ever". */
  constructor(value: unknown, known: readonly string[]) {
    if (!isObject(value)) throw invalid('the body is not a JSON object', `send an object with ${known.join(', ')}`)
    for (const name of Object.keys(value)) {
      if (!known.includes(name))
        throw invalid(`unknown field "${name.slice(0, 64)}"`, `the fields are ${known.join(', ')}`)
    }
    this.value = value
  }

  has(name: string): boolean {
    return this.value[name] !== undefined && this.value[name] !== null
  }

  text(name: string, max: number): string {
    const value = this.value[name]
    if (typeof value !== 'string' || value === '' || value.length > max)
      throw expected(name, `a text of 1 to ${max} characters`)
    return value
  }

  /** Empty when absent. */
  reason(): string {
    return this.has('reason') ? this.text('reason', REASON_MAX) : ''
  }

  /** Who asks; a name of the sidecar's own cannot be claimed. */
  actor(): string {
    if (!this.has('actor')) return 'api'
    const value = this.value['actor']
    if (typeof value !== 'string' || !ACTOR.test(value) || value.startsWith('budget:'))
      throw expected('actor', 'printable ASCII, at most 128 characters, not beginning with "budget:"')
    return value
  }

  /** USD as an exact decimal string, or as a JSON number. */
  usd(name: string): Pico {
    const value = this.value[name]
    const pico =
      typeof value === 'string' && value.length <= 40
        ? parseUsd(value)
        : typeof value === 'number'
          ? picoFromDouble(value)
          : undefined
    if (pico === undefined || pico < 0) throw expected(name, 'USD that are not negative, as "0.0125"')
    return pico
  }

  count(name: string): number {
    if (!this.has(name)) return 0
    const value = this.value[name]
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
      throw expected(name, 'a whole number that is not negative')
    return value
  }

  /** `90s`, `2h`, `7d`; undefined when absent. */
  ttlMs(name = 'ttl'): number | undefined {
    if (!this.has(name)) return undefined
    const value = this.value[name]
    const ms = typeof value === 'string' ? parseDuration(value) : undefined
    if (ms === undefined || ms <= 0) throw expected(name, 'a duration such as "90s", "2h", "7d"')
    return ms
  }

  /** RFC 3339; undefined when absent. */
  timeMs(name: string): number | undefined {
    if (!this.has(name)) return undefined
    const value = this.value[name]
    const ms = typeof value === 'string' && RFC_3339.test(value) ? Date.parse(value) : Number.NaN
    if (Number.isNaN(ms)) throw expected(name, 'a time such as "2026-11-23T18:00:00Z"')
    return ms
  }

  subject(): Subject {
    const value = this.value['subject']
    if (!isObject(value)) throw expected('subject', 'an object such as {"run": "…", "agent": "…"}')
    return subjectFrom(Object.entries(value), 'subject')
  }

  scope(): Scope {
    const value = this.value['scope']
    const next = 'a scope such as {"run": "…"}, {"agent": "…"} or {"all": true}'
    if (!isObject(value) || Object.keys(value).length === 0) throw expected('scope', next)
    if (!('all' in value)) return subjectFrom(Object.entries(value), 'scope')
    if (Object.keys(value).length > 1 || (value['all'] !== true && value['all'] !== 'true'))
      throw expected('scope', next)
    return { all: 'true' }
  }
}

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/

const expected = (name: string, what: string): BadRequest =>
  invalid(`"${name}" is missing or not right`, `expected ${what}`)

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Tags by name, from a query or a body. */
export function subjectFrom(entries: Iterable<readonly [string, unknown]>, where: string): Subject {
  const subject = new Map<string, string>()
  for (const [name, value] of entries) {
    const place = `${where}.${name.slice(0, 64)}`
    if (!NAME.test(name))
      throw invalid(`${place}: not a tag name`, 'names are lower case, as run, agent, business_unit')
    if (typeof value !== 'string' || value === '' || value.length > VALUE_MAX || !value.isWellFormed()) {
      throw invalid(`${place}: not a text of 1 to ${VALUE_MAX} characters`, 'send the tag as the spans have it')
    }
    if (subject.has(name)) throw invalid(`${place} stands twice`, 'name each tag once')
    if (subject.size >= KEYS_MAX)
      throw invalid(`${where} has more than ${KEYS_MAX} tags`, 'send only the tags that budgets use')
    subject.set(name, value)
  }
  return Object.fromEntries(subject)
}
