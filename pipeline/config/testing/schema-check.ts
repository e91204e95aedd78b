import type { Schema } from '../json-schema.ts'

/** The part of JSON Schema 2020-12 that our schemas use; an unknown keyword throws, so that none goes unchecked. */
export function schemaErrors(schema: Schema, value: unknown, root: Schema = schema, path = ''): string[] {
  return Object.entries(schema).flatMap(([keyword, wanted]) => {
    const rule = RULES[keyword]
    if (rule === undefined) throw new Error(`keyword ${keyword} is not known at ${path}`)
    return rule(wanted, value, { schema, root, path })
  })
}

interface Spot {
  readonly schema: Schema
  readonly root: Schema
  readonly path: string
}
type Rule = (wanted: unknown, value: unknown, spot: Spot) => string[]

const nothing: Rule = () => []
const objectOf = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : undefined
const schemaOf = (value: unknown): Schema => objectOf(value) ?? {}

function typeOf(value: unknown): string[] {
  if (value === null) return ['null']
  if (Array.isArray(value)) return ['array']
  if (typeof value === 'number') return Number.isInteger(value) ? ['integer', 'number'] : ['number']
  return [typeof value]
}

function matches(keys: unknown, name: string): Schema[] {
  return Object.entries(schemaOf(keys)).flatMap(([pattern, schema]) =>
    new RegExp(pattern, 'u').test(name) ? [schemaOf(schema)] : [],
  )
}

const RULES: Readonly<Record<string, Rule>> = {
  $schema: nothing,
  $defs: nothing,
  title: nothing,
  description: nothing,
  default: nothing,
  examples: nothing,
  deprecated: nothing,
  writeOnly: nothing,
  type: (wanted, value, { path }) =>
    typeOf(value).some((type) => [wanted].flat().includes(type)) ? [] : [`${path} is no ${[wanted].flat().join('|')}`],
  enum: (wanted, value, { path }) =>
    Array.isArray(wanted) && wanted.includes(value) ? [] : [`${path} is not permitted`],
  const: (wanted, value, { path }) => (wanted === value ? [] : [`${path} is not ${wanted}`]),
  minimum: (wanted, value, { path }) =>
    typeof value === 'number' && value < Number(wanted) ? [`${path} is small`] : [],
  maximum: (wanted, value, { path }) =>
    typeof value === 'number' && value > Number(wanted) ? [`${path} is large`] : [],
  minProperties: (wanted, value, { path }) =>
    Object.keys(objectOf(value) ?? { x: 1 }).length < Number(wanted) ? [`${path} is empty`] : [],
  pattern: (wanted, value, { path }) =>
    typeof value === 'string' && !new RegExp(String(wanted), 'u').test(value) ? [`${path} does not match`] : [],
  required: (wanted, value, { path }) =>
    [wanted]
      .flat()
      .flatMap((key) =>
        objectOf(value) !== undefined && !Object.hasOwn(objectOf(value) ?? {}, String(key))
          ? [`${path}/${key} is missing`]
          : [],
      ),
  properties: (wanted, value, { root, path }) =>
    Object.entries(objectOf(value) ?? {}).flatMap(([key, item]) =>
      Object.hasOwn(schemaOf(wanted), key)
        ? schemaErrors(schemaOf(schemaOf(wanted)[key]), item, root, `${path}/${key}`)
        : [],
    ),
  patternProperties: (wanted, value, { root, path }) =>
    Object.entries(objectOf(value) ?? {}).flatMap(([key, item]) =>
      matches(wanted, key).flatMap((schema) => schemaErrors(schema, item, root, `${path}/${key}`)),
    ),
  additionalProperties: (wanted, value, { schema, root, path }) =>
    Object.entries(objectOf(value) ?? {}).flatMap(([key, item]) => {
      if (Object.hasOwn(schemaOf(schema['properties']), key) || matches(schema['patternProperties'], key).length > 0)
        return []
      return wanted === false
        ? [`${path}/${key} is unknown`]
        : schemaErrors(schemaOf(wanted), item, root, `${path}/${key}`)
    }),
  items: (wanted, value, { root, path }) =>
    (Array.isArray(value) ? value : []).flatMap((item, index) =>
      schemaErrors(schemaOf(wanted), item, root, `${path}/${index}`),
    ),
  anyOf: (wanted, value, { root, path }) => {
    const tries = [wanted].flat().map((schema) => schemaErrors(schemaOf(schema), value, root, path))
    return tries.some((errors) => errors.length === 0) ? [] : (tries[0] ?? [])
  },
  $ref: (wanted, value, { root, path }) => {
    const target = String(wanted)
      .slice(2)
      .split('/')
      .reduce<unknown>((at, step) => schemaOf(at)[step], root)
    return target === undefined ? [`${path} refers to nothing`] : schemaErrors(schemaOf(target), value, root, path)
  },
}
