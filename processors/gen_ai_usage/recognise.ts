import type { Dialect } from '../../genai/dialects/dialect.ts'
import { OPERATIONS, operationRole, type Role } from '../../genai/dialects/operations.ts'
import type { ItemBatch } from '../../otlp/batch.ts'
import type { FieldReader } from '../../otlp/field-reader.ts'
import { Conventions } from './conventions.ts'
import { type BoundDialect, DIALECT_FIELDS, FIELD } from './fields.ts'
import type { Texts } from './texts.ts'

const SCOPES_MAX = 10_000
/** No dialect has this place in the table. */
export const NO_MARKER = 127

/** The dialect that stands for the conventions themselves: a scope that names it may still carry another one's marks. */
const GENERIC = 'otel_genai'

const CHAT = OPERATIONS.get('chat')
const TOOL = OPERATIONS.get('execute_tool')
const AGENT = OPERATIONS.get('invoke_agent')
const STEP = OPERATIONS.get('step')

/** What is known of one instrumentation scope of one service. */
export interface ScopeState {
  /** Tells scopes apart. */
  readonly number: number
  readonly name: string
  /** The same in words, which outlive this process: name, version and service. */
  readonly key: string
  /** The dialect that scope or service name give; undefined when they only say that it is the generic one, or nothing. */
  readonly own: BoundDialect | undefined
  /** Dialects of the same scope that a marker tells apart. */
  readonly variants: readonly BoundDialect[]
  /** What its own dialect has proven. */
  readonly conventions: Conventions
  /** The same of dialects that only a marker gives: programs write several under one scope. By place in the table. */
  readonly others: Map<number, Conventions>
}

/** What a scope has proven of its spans of one dialect. */
export function conventionsOf(state: ScopeState, bound: BoundDialect): Conventions {
  if (bound === state.own) return state.conventions
  let found = state.others.get(bound.number)
  if (found === undefined) {
    found = new Conventions()
    state.others.set(bound.number, found)
  }
  return found
}

/** Which instrumentation wrote a span, and what kind of thing the span is. */
export class Recogniser {
  private readonly scopes = new Map<string, ScopeState>()
  private serial = 0
  /** The operation asked for last, and what it stands for. */
  private operation: string | undefined
  private operationRole: Role | undefined

  /** Scope name and version, then the program's name. */
  scope(name: string, version: string, service: string): ScopeState {
    const key = `${name}\n${version}\n${service}`
    let state = this.scopes.get(key)
    if (state === undefined) {
      if (this.scopes.size >= SCOPES_MAX) this.scopes.clear()
      const fitting = DIALECT_FIELDS.filter(({ dialect }) => dialect.scopes.some((pattern) => fits(pattern, name)))
      const found = fitting.find(({ dialect }) => dialect.needsMarker !== true)
      const byService = DIALECT_FIELDS.find(({ dialect }) => dialect.services?.includes(service))
      const own = found !== undefined && found.dialect.id !== GENERIC ? found : byService
      const variants = fitting.filter(({ dialect }) => dialect.needsMarker === true)
      state = { number: ++this.serial, name, key, own, variants, conventions: new Conventions(), others: new Map() }
      this.scopes.set(key, state)
    }
    return state
  }

  /** The scope decides; where it says nothing (or only that it is the generic one), the first dialect with a marker. */
  dialect(reader: FieldReader, state: ScopeState, marker: number): BoundDialect | undefined {
    const { own } = state
    if (own === undefined && marker === NO_MARKER) return undefined
    // Where no scope tells, a program may have given the library a tracer of its own name.
    const variants = own === undefined && state.variants.length === 0 ? variantsOf(marker) : state.variants
    for (let v = 0; v < variants.length; v++) {
      const variant = variants[v] as BoundDialect
      if (reader.has(variant.markers)) return variant
    }
    return own ?? DIALECT_FIELDS[marker]
  }

  /** The role that native span kind, operation name or span name give; undefined when none of them does. */
  role(reader: FieldReader, texts: Texts, bound: BoundDialect, items: ItemBatch, item: number): Role | undefined {
    const { dialect } = bound
    if (dialect.partNames?.some((end) => items.nameOf(item).endsWith(end))) return STEP
    const native = bound.role < 0 ? undefined : texts.of(reader, items, bound.role)
    const named = native === undefined ? undefined : dialect.roles?.[native]
    const asksOperation = named === undefined || dialect.operationFirst === true
    const operation = (asksOperation ? texts.of(reader, items, FIELD.operation) : undefined) ?? named
    if (operation !== this.operation) {
      this.operation = operation
      this.operationRole = operation === undefined ? undefined : operationRole(operation)
    }
    const known = this.operationRole
    return known ?? roleByName(dialect, items, item)
  }
}

/** By dialect's place: the rows that share a scope with it and that only a marker tells apart. */
const VARIANTS: readonly (readonly BoundDialect[])[] = DIALECT_FIELDS.map(({ dialect }) =>
  dialect.needsMarker === true
    ? []
    : DIALECT_FIELDS.filter(
        (other) => other.dialect.needsMarker === true && other.dialect.scopes.some((s) => dialect.scopes.includes(s)),
      ),
)
const variantsOf = (marker: number): readonly BoundDialect[] => VARIANTS[marker] as readonly BoundDialect[]

function roleByName(dialect: Dialect, items: ItemBatch, item: number): Role | undefined {
  const { callNames, toolNames, rollupNames } = dialect
  if (callNames === undefined && toolNames === undefined && rollupNames === undefined) return undefined
  const name = items.nameOf(item)
  const begins = (prefix: string): boolean => name.startsWith(prefix)
  if (callNames?.some(begins)) return CHAT
  if (toolNames?.some(begins)) return TOOL
  if (rollupNames?.some(begins)) return name.includes('agent') ? AGENT : STEP
  return undefined
}

function fits(pattern: string, scope: string): boolean {
  return pattern.endsWith('*') ? scope.startsWith(pattern.slice(0, -1)) : scope === pattern
}
