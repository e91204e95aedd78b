import { OPERATIONS, type Role } from '../../genai/dialects/operations.ts'
import { DIALECTS, type Dialect } from '../../genai/dialects/table.ts'
import type { AttributesReader } from '../../otlp/attributes-reader.ts'
import type { KeyTable } from '../../otlp/keys.ts'

const SCOPES_MAX = 10_000

export const MARKER_KEYS: readonly string[] = DIALECTS.flatMap((d) => [
  ...d.markers,
  ...(d.roleKey === undefined ? [] : [d.roleKey]),
])

interface Bound {
  readonly dialect: Dialect
  readonly markers: readonly number[]
  readonly roleKey: number
}

/** Which instrumentation wrote a span, and what kind of thing the span is. */
export class Recogniser {
  private readonly bound: readonly Bound[]
  private readonly byScope = new Map<string, Bound | null>()
  private readonly operationKey: number

  constructor(keys: KeyTable) {
    this.operationKey = keys.idOf('gen_ai.operation.name')
    this.bound = DIALECTS.map((dialect) => ({
      dialect,
      markers: dialect.markers.map((name) => keys.idOf(name)),
      roleKey: dialect.roleKey === undefined ? -1 : keys.idOf(dialect.roleKey),
    }))
  }

  /** The scope decides; where it says nothing (or only that it is a generic one), the first dialect with a marker. */
  dialect(reader: AttributesReader, scope: string): Bound | undefined {
    let byScope = this.byScope.get(scope)
    if (byScope === undefined) {
      byScope = this.bound.find((b) => b.dialect.scopes.some((pattern) => fits(pattern, scope))) ?? null
      if (this.byScope.size >= SCOPES_MAX) this.byScope.clear()
      this.byScope.set(scope, byScope)
    }
    if (byScope !== null && byScope.dialect.id !== 'otel_genai') return byScope
    for (const bound of this.bound) {
      for (const marker of bound.markers) if (reader.has(marker)) return bound
    }
    return undefined
  }

  /** The role that operation name, native span kind or span name give; undefined when none of them does. */
  role(reader: AttributesReader, bound: Bound, spanName: () => string): Role | undefined {
    const native = bound.roleKey < 0 ? undefined : reader.text(bound.roleKey)
    const translated = native === undefined ? undefined : bound.dialect.roles?.[native]
    const operation = translated ?? reader.text(this.operationKey)
    const known = operation === undefined ? undefined : OPERATIONS.get(operation)
    if (known !== undefined) return known
    const { callNames, toolNames } = bound.dialect
    if (callNames?.some((prefix) => spanName().startsWith(prefix))) return OPERATIONS.get('chat')
    if (toolNames?.some((prefix) => spanName().startsWith(prefix))) return OPERATIONS.get('execute_tool')
    return undefined
  }
}

function fits(pattern: string, scope: string): boolean {
  return pattern.endsWith('*') ? scope.startsWith(pattern.slice(0, -1)) : scope === pattern
}
