import type { Scope } from '../../genai/verdict.ts'
import type { Kill, Subject } from '../../pipeline/services.ts'

const matches = (scope: Scope, subject: Subject): boolean => {
  for (const key in scope) if (scope[key] !== subject[key]) return false
  return true
}

/** Kills in force, found by one look-up per key that any kill names. */
export class Kills {
  private readonly byId = new Map<string, Kill>()
  private readonly everybody = new Map<string, Kill>()
  private readonly byValue = new Map<string, Map<string, Kill[]>>()

  get size(): number {
    return this.byId.size
  }

  add(kill: Kill): void {
    this.remove(kill.id)
    this.byId.set(kill.id, kill)
    const [first] = Object.entries(kill.scope)
    if (first === undefined) return
    if (kill.scope['all'] === 'true') {
      this.everybody.set(kill.id, kill)
      return
    }
    const [key, value] = first
    const values = this.byValue.get(key) ?? new Map<string, Kill[]>()
    this.byValue.set(key, values)
    values.set(value, [...(values.get(value) ?? []), kill])
  }

  remove(id: string): Kill | undefined {
    const kill = this.byId.get(id)
    if (kill === undefined) return undefined
    this.byId.delete(id)
    this.everybody.delete(id)
    const [key = '', value = ''] = Object.entries(kill.scope)[0] ?? []
    const values = this.byValue.get(key)
    const rest = values?.get(value)?.filter((other) => other.id !== id) ?? []
    if (rest.length > 0) values?.set(value, rest)
    else values?.delete(value)
    if (values?.size === 0) this.byValue.delete(key)
    return kill
  }

  /** The kill that stops this subject: every key of its scope has the subject's value. */
  match(subject: Subject, nowMs: number): Kill | undefined {
    for (const kill of this.everybody.values()) if (isLive(kill, nowMs)) return kill
    for (const [key, values] of this.byValue) {
      const value = subject[key]
      const kills = value === undefined ? undefined : values.get(value)
      const found = kills?.find((kill) => isLive(kill, nowMs) && matches(kill.scope, subject))
      if (found !== undefined) return found
    }
    return undefined
  }

  live(nowMs: number): readonly Kill[] {
    return [...this.byId.values()].filter((kill) => isLive(kill, nowMs))
  }

  expired(nowMs: number): readonly Kill[] {
    return [...this.byId.values()].filter((kill) => !isLive(kill, nowMs))
  }

  /** When the next one runs out; undefined when none does. */
  nextExpiryMs(): number | undefined {
    let next: number | undefined
    for (const { untilMs } of this.byId.values())
      if (untilMs !== undefined && (next === undefined || untilMs < next)) next = untilMs
    return next
  }

  all(): Iterable<Kill> {
    return this.byId.values()
  }

  /** The one to let go when there are too many: the oldest that would end by itself, else the oldest. */
  oldest(): Kill | undefined {
    let first: Kill | undefined
    for (const kill of this.byId.values()) {
      if (kill.untilMs !== undefined) return kill
      first ??= kill
    }
    return first
  }
}

const isLive = (kill: Kill, nowMs: number): boolean => kill.untilMs === undefined || kill.untilMs > nowMs
