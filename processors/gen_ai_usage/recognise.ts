import { OPERATIONS, type Role } from '../../genai/dialects/operations.ts'
import type { Dialect } from '../../genai/dialects/table.ts'
import type { ItemBatch } from '../../otlp/batch.ts'
import type { FieldReader } from '../../otlp/field-reader.ts'
import { DIALECT_FIELDS, FIELD } from './fields.ts'

const SCOPES_MAX = 10_000

/** The dialect that stands for the conventions themselves: a scope that names it may still carry another one's marks. */
const GENERIC = 'otel_genai'

type BoundDialect = (typeof DIALECT_FIELDS)[number]

/** Which instrumentation wrote a span, and what kind of thing the span is. */
export class Recogniser {
  private readonly byScope = new Map<string, BoundDialect | null>()

  /** The scope decides; where it says nothing (or only that it is the generic one), the first dialect with a marker. */
  dialect(reader: FieldReader, scope: string): BoundDialect | undefined {
    let byScope = this.byScope.get(scope)
    if (byScope === undefined) {
      byScope = DIALECT_FIELDS.find(({ dialect }) => dialect.scopes.some((pattern) => fits(pattern, scope))) ?? null
      if (this.byScope.size >= SCOPES_MAX) this.byScope.clear()
      this.byScope.set(scope, byScope)
    }
    if (byScope !== null && byScope.dialect.id !== GENERIC) return byScope
    for (let d = 0; d < DIALECT_FIELDS.length; d++) {
      const bound = DIALECT_FIELDS[d] as BoundDialect
      if (reader.has(bound.markers)) return bound
    }
    return undefined
  }

  /** The role that native span kind, operation name or span name give; undefined when none of them does. */
  role(reader: FieldReader, bound: BoundDialect, items: ItemBatch, item: number): Role | undefined {
    const native = bound.role < 0 ? undefined : reader.text(bound.role)
    const operation = (native === undefined ? undefined : bound.dialect.roles?.[native]) ?? reader.text(FIELD.operation)
    const known = operation === undefined ? undefined : OPERATIONS.get(operation)
    return known ?? roleByName(bound.dialect, items, item)
  }
}

function roleByName({ callNames, toolNames }: Dialect, items: ItemBatch, item: number): Role | undefined {
  if (callNames === undefined && toolNames === undefined) return undefined
  const name = items.nameOf(item)
  if (callNames?.some((prefix) => name.startsWith(prefix))) return OPERATIONS.get('chat')
  if (toolNames?.some((prefix) => name.startsWith(prefix))) return OPERATIONS.get('execute_tool')
  return undefined
}

function fits(pattern: string, scope: string): boolean {
  return pattern.endsWith('*') ? scope.startsWith(pattern.slice(0, -1)) : scope === pattern
}
