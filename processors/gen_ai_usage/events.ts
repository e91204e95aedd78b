import { operationRole, type Role } from '../../genai/dialects/operations.ts'
import { type BoundDialect, DIALECT_FIELDS } from './fields.ts'

/** What a log event of one dialect is: a call of its own, what repeats a call, or something else an agent did. */
export interface EventMeaning {
  readonly bound: BoundDialect
  readonly is: 'call' | 'repeat' | 'step'
  /** Of a step. */
  readonly role: Role | undefined
}

const meaningsOf = (bound: BoundDialect): ReadonlyMap<string, EventMeaning> => {
  const { events, repeats, stepEvents } = bound.dialect
  return new Map<string, EventMeaning>([
    ...Object.entries(stepEvents ?? {}).map(
      ([name, operation]) => [name, { bound, is: 'step', role: operationRole(operation) }] as const,
    ),
    ...(repeats ?? []).map((name) => [name, { bound, is: 'repeat', role: undefined }] as const),
    ...(events ?? []).map((name) => [name, { bound, is: 'call', role: undefined }] as const),
  ])
}

/** By dialect's place in the table. */
const BY_DIALECT = DIALECT_FIELDS.map(meaningsOf)

/**
 * Names that say whose they are; `api_request` alone could be anybody's. Those of the conventions are used by several: they
 * are of the generic dialect, which stands last in the table.
 */
const BY_NAME: ReadonlyMap<string, EventMeaning> = new Map(
  BY_DIALECT.flatMap((meanings) => [...meanings].filter(([name]) => name.includes('.'))),
)

/** What an event name means, of a source that scope or service name give away or of one that only its name does. */
export function eventMeaning(own: BoundDialect | undefined, name: string): EventMeaning | undefined {
  return own === undefined ? BY_NAME.get(name) : BY_DIALECT[own.number]?.get(name)
}
