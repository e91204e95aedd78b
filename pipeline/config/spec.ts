/**
 * One value per component that says everything about its configuration: types, defaults, documentation, JSON schema,
 * examples. Written by hand and not with a schema library because loading one costs a third of our start-up time, and
 * because errors must point at line and column of the user's own file (see docs/internals/adr/002-own-config-spec.md).
 */

export type Kind =
  | 'string'
  | 'boolean'
  | 'integer'
  | 'number'
  | 'duration'
  | 'usd'
  | 'choice'
  | 'list'
  | 'map'
  | 'object'
  | 'any'

interface CommonOptions {
  /** Sentences for the reference: what it does, its unit, what happens at its limit. */
  readonly doc: string
  readonly optional?: boolean
  readonly default?: unknown
  readonly examples?: readonly unknown[]
  /** Accepted, but warned about with this text. */
  readonly deprecated?: string
}

/** A field of a config; `T` is what the component gets. */
export interface Field<T> {
  readonly kind: Kind
  readonly options: CommonOptions & {
    /** Shown as `[REDACTED]` by print-config and in logs. */
    readonly secret?: boolean
    readonly choices?: readonly string[]
    readonly pattern?: RegExp
    readonly min?: number
    readonly max?: number
  }
  /** Of lists and maps. */
  readonly item?: Field<unknown>
  /** Of objects. */
  readonly fields?: Readonly<Record<string, Field<unknown>>>
  readonly check?: (value: never) => readonly Complaint[]
  /** Never present; carries the type. */
  readonly type?: T
}

/** What a cross-field check found; `path` is relative to the object, e.g. `['budgets', 0, 'limit_usd']`. */
export interface Complaint {
  readonly path: readonly (string | number)[]
  readonly message: string
}

export type ObjectSpec<T> = Field<T> & { readonly fields: Readonly<Record<string, Field<unknown>>> }
export type Infer<F> = F extends Field<infer T> ? T : never

/** `optional: true` makes the value `T | undefined`; a `default` makes it always present; else it is required. */
type Out<T, O> = O extends { optional: true } ? T | undefined : T

type StringOptions = CommonOptions & { default?: string; secret?: boolean; pattern?: RegExp }
type BooleanOptions = CommonOptions & { default?: boolean }
type NumberOptions = CommonOptions & { default?: number; min?: number; max?: number }
type DurationOptions = CommonOptions & { default?: string; min?: number; max?: number }
type UsdOptions = CommonOptions & { default?: string }

export const string = <const O extends StringOptions>(options: O): Field<Out<string, O>> => ({
  kind: 'string',
  options,
})
export const boolean = <const O extends BooleanOptions>(options: O): Field<Out<boolean, O>> => ({
  kind: 'boolean',
  options,
})
export const integer = <const O extends NumberOptions>(options: O): Field<Out<number, O>> => ({
  kind: 'integer',
  options,
})
export const number = <const O extends NumberOptions>(options: O): Field<Out<number, O>> => ({
  kind: 'number',
  options,
})
/** Written as `300ms`, `5s`, `1m30s`, `26h`, `35d`, or `0`; read as milliseconds. Defaults are written the same way. */
export const duration = <const O extends DurationOptions>(options: O): Field<Out<number, O>> => ({
  kind: 'duration',
  options,
})
/** An amount of USD; read as the exact decimal string that the user wrote, never as a float. */
export const usd = <const O extends UsdOptions>(options: O): Field<Out<string, O>> => ({ kind: 'usd', options })
export const choice = <const C extends readonly string[], const O extends CommonOptions & { default?: C[number] }>(
  choices: C,
  options: O,
): Field<Out<C[number], O>> => ({ kind: 'choice', options: { ...options, choices } })
/** Lists default to `[]`, maps to `{}`, unless a default is given. */
export const list = <T, const O extends CommonOptions>(item: Field<T>, options: O): Field<Out<readonly T[], O>> => ({
  kind: 'list',
  item,
  options,
})
export const map = <T, const O extends CommonOptions>(
  item: Field<T>,
  options: O,
): Field<Out<Readonly<Record<string, T>>, O>> => ({
  kind: 'map',
  item,
  options,
})
/** Any YAML value, taken as it is. */
export const any = <const O extends CommonOptions>(options: O): Field<unknown> => ({ kind: 'any', options })

type Shape = Readonly<Record<string, Field<unknown>>>
type ObjectOf<S extends Shape> = { readonly [K in keyof S]: Infer<S[K]> }

/**
 * An object with exactly these keys. Absent: its fields' defaults apply, unless it is optional, then it is undefined.
 * Present but empty (`grpc:`): its fields' defaults apply.
 */
export const object = <S extends Shape, const O extends CommonOptions = { doc: string }>(
  fields: S,
  options: O,
  check?: (value: ObjectOf<S>) => readonly Complaint[],
): Field<Out<ObjectOf<S>, O>> & { readonly fields: S } => ({
  kind: 'object',
  fields,
  options,
  ...(check === undefined ? {} : { check: check as (value: never) => readonly Complaint[] }),
})
