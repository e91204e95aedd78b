import { stringify } from 'yaml'
import { SECTIONS, type Section } from './components.ts'
import { formatDuration } from './duration.ts'
import { maskUrl, REDACTED } from './mask.ts'
import type { Configured, ServiceConfig } from './service-config.ts'
import { serviceSpec } from './service-spec.ts'
import type { Field } from './spec.ts'
import { escapeTemplate } from './template.ts'

export type PrintMode = 'redacted' | 'unredacted'
export type PrintFormat = 'yaml' | 'json'

/**
 * The effective configuration, after merging, substitution and defaults. Unredacted it is itself a configuration that
 * loads to the same values: a literal `${` comes out escaped.
 */
export function printConfig(config: ServiceConfig, mode: PrintMode, format: PrintFormat): string {
  const plain = effectiveConfig(config, mode)
  return format === 'json' ? `${JSON.stringify(plain, null, 2)}\n` : stringify(plain, { lineWidth: 0 })
}

function effectiveConfig(config: ServiceConfig, mode: PrintMode): Record<string, unknown> {
  const sections = (Object.keys(SECTIONS) as Section[]).map((section) => {
    const components: readonly Configured[] = [...config[section].values()]
    const pairs = components.map(({ id, factory, config }) => [id, encode(factory.config, config, mode)] as const)
    return [section, Object.fromEntries(pairs)] as const
  })
  const service = encode(serviceSpec, config.service, mode)
  return { ...Object.fromEntries(sections.filter(([, ids]) => Object.keys(ids).length > 0)), service }
}

/** A decoded value as a user would write it; undefined when it is absent. */
function encode(field: Field<unknown>, value: unknown, mode: PrintMode): unknown {
  if (value === undefined || value === null) return value
  if (field.options.secret === true && mode === 'redacted') return value === '' ? '' : REDACTED
  if (field.kind === 'duration') return formatDuration(Number(value))
  if (field.kind === 'list') return Array.isArray(value) ? value.map((item) => encodeItem(field, item, mode)) : value
  if (field.kind === 'map') return mapValues(value, (_key, item) => encodeItem(field, item, mode))
  if (field.kind === 'object') {
    return mapValues(value, (key, item) => {
      const inner = field.fields?.[key]
      return inner === undefined ? item : encode(inner, item, mode)
    })
  }
  return encodeAny(value, mode)
}

const encodeItem = (field: Field<unknown>, item: unknown, mode: PrintMode): unknown =>
  field.item === undefined ? item : encode(field.item, item, mode)

function encodeAny(value: unknown, mode: PrintMode): unknown {
  if (Array.isArray(value)) return value.map((item) => encodeAny(item, mode))
  if (typeof value === 'object' && value !== null) return mapValues(value, (_key, item) => encodeAny(item, mode))
  return typeof value === 'string' ? escapeTemplate(mode === 'redacted' ? maskUrl(value) : value) : value
}

function mapValues(value: unknown, change: (key: string, item: unknown) => unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const pairs = Object.entries(value).map(([key, item]) => [key, change(key, item)] as const)
  return Object.fromEntries(pairs.filter(([, item]) => item !== undefined))
}
