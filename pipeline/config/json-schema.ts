import type { AnyFactory } from '../component.ts'
import { SECTIONS, type Section, typesOf } from './components.ts'
import { DURATION_PATTERN } from './duration.ts'
import { pipelineSpec, serviceSpec } from './service-spec.ts'
import type { Field } from './spec.ts'

export type Schema = { readonly [keyword: string]: unknown }

const SUBSTITUTION = { $ref: '#/$defs/substitution' } as const

/** One JSON Schema (draft 2020-12) for the whole file, for completion and checks in editors. */
export function jsonSchema(factories: readonly AnyFactory[]): Schema {
  const sections = (Object.keys(SECTIONS) as Section[]).map((section) => [section, sectionSchema(section, factories)])
  const definitions = factories.map((factory) => [nameOf(factory), componentSchema(factory)])
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Tokenfuse configuration',
    type: 'object',
    properties: { ...Object.fromEntries(sections), service: serviceSchema() },
    required: ['receivers', 'exporters', 'service'],
    additionalProperties: false,
    $defs: {
      substitution: {
        description: 'Replaced when the configuration is read: an environment variable or a file.',
        type: 'string',
        pattern: '^\\$\\{',
      },
      ...Object.fromEntries(definitions),
    },
  }
}

const nameOf = (factory: AnyFactory): string => `${factory.kind}.${factory.type}`

const DOCS: Readonly<Record<Section, string>> = {
  receivers: 'Where data comes in. Keys are component ids, `type` or `type/name`.',
  processors: 'What is done with the data on its way. Keys are component ids, `type` or `type/name`.',
  exporters: 'Where data goes. Keys are component ids, `type` or `type/name`.',
  extensions: 'What runs beside the pipelines. Keys are component ids, `type` or `type/name`.',
}

function sectionSchema(section: Section, factories: readonly AnyFactory[]): Schema {
  const ours = factories.filter((factory) => factory.kind === SECTIONS[section])
  const patterns = ours.map((factory) => {
    return [`^(${typesOf(factory).join('|')})(/\\S+)?$`, { $ref: `#/$defs/${nameOf(factory)}` }]
  })
  const map = {
    type: ['object', 'null'],
    patternProperties: Object.fromEntries(patterns),
    additionalProperties: false,
  }
  return { description: DOCS[section], anyOf: [map, SUBSTITUTION] }
}

const componentSchema = (factory: AnyFactory): Schema => ({
  title: factory.type,
  ...fieldSchema(factory.config),
  description: factory.summary,
})

function serviceSchema(): Schema {
  const pipelines = {
    type: 'object',
    patternProperties: { '^(traces|logs|metrics)(/\\S+)?$': fieldSchema(pipelineSpec) },
    additionalProperties: false,
    minProperties: 1,
  }
  const { pipelines: field, ...rest } = serviceSpec.fields
  return {
    description: serviceSpec.options.doc,
    type: 'object',
    properties: { pipelines: { description: field.options.doc, ...withSubstitution(pipelines) }, ...properties(rest) },
    required: ['pipelines'],
    additionalProperties: false,
  }
}

/** The schema of one field. Any value may be a substitution instead: an editor cannot know what it will bring. */
function fieldSchema(field: Field<unknown>): Schema {
  const { doc, default: initial, examples, deprecated, secret } = field.options
  return {
    description: deprecated === undefined ? doc : `${doc} Deprecated: ${deprecated}`,
    ...withSubstitution(valueSchema(field)),
    ...(initial === undefined ? {} : { default: initial }),
    ...(examples === undefined ? {} : { examples }),
    ...(deprecated === undefined ? {} : { deprecated: true }),
    ...(secret === true ? { writeOnly: true } : {}),
  }
}

/** A plain string takes every substitution already, and `any` takes everything. */
function withSubstitution(schema: Schema): Schema {
  const plain = Object.keys(schema).length === 0 || (schema['type'] === 'string' && schema['pattern'] === undefined)
  return plain ? schema : { anyOf: [schema, SUBSTITUTION] }
}

function valueSchema(field: Field<unknown>): Schema {
  const { choices, pattern, min, max } = field.options
  const range = { ...(min === undefined ? {} : { minimum: min }), ...(max === undefined ? {} : { maximum: max }) }
  switch (field.kind) {
    case 'string':
      return pattern === undefined ? { type: 'string' } : { type: 'string', pattern: `${pattern.source}|\\$\\{` }
    case 'boolean':
      return { type: 'boolean' }
    case 'integer':
      return { type: 'integer', ...range }
    case 'number':
      return { type: 'number', ...range }
    case 'duration':
      return { anyOf: [{ type: 'string', pattern: DURATION_PATTERN }, { const: 0 }] }
    case 'usd':
      return { type: ['number', 'string'], minimum: 0, pattern: '^(0|[1-9]\\d*)(\\.\\d+)?$' }
    case 'choice':
      return { enum: choices ?? [] }
    case 'list':
      return { type: ['array', 'null'], items: itemSchema(field) }
    case 'map':
      return { type: ['object', 'null'], additionalProperties: itemSchema(field) }
    case 'object':
      return objectSchema(field)
    case 'any':
      return {}
  }
}

const itemSchema = (field: Field<unknown>): Schema => (field.item === undefined ? {} : fieldSchema(field.item))

function objectSchema(field: Field<unknown>): Schema {
  const fields = field.fields ?? {}
  const required = Object.keys(fields).filter((key) => isRequired(fields[key]))
  return {
    // A bare key, `grpc:`, means all defaults; where something has no default it would be an error.
    type: required.length === 0 ? ['object', 'null'] : 'object',
    properties: properties(fields),
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  }
}

const properties = (fields: Readonly<Record<string, Field<unknown>>>): Schema =>
  Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, fieldSchema(field)]))

/** True when leaving the field out is an error. */
export function isRequired(field: Field<unknown> | undefined): boolean {
  if (field === undefined || field.options.optional === true || field.options.default !== undefined) return false
  if (field.kind === 'object') return Object.values(field.fields ?? {}).some(isRequired)
  return field.kind !== 'list' && field.kind !== 'map' && field.kind !== 'any'
}
