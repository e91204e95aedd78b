import { stringify } from 'yaml'
import type { AnyFactory, MetricDeclaration } from '../component.ts'
import { formatDuration } from './duration.ts'
import { isRequired } from './json-schema.ts'
import type { Field } from './spec.ts'

/** The reference page of one component. */
export function componentPage(factory: AnyFactory): string {
  const parts = [
    `# ${factory.type}`,
    factory.summary,
    facts(factory),
    '## Configuration',
    factory.config.options.doc,
    keyTable(factory.config),
    exampleSection(factory),
    metricTable(factory.metrics ?? []),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

/** One row per key of a configuration, however deep: path, type, default, documentation. */
function keyTable(field: Field<unknown>): string {
  const found = rows(field, '')
  if (found.length === 0) return 'It has no configuration keys.'
  return table(['Key', 'Type', 'Default', 'Description'], found)
}

function facts(factory: AnyFactory): string {
  const lines = [`- Kind: ${factory.kind}`, `- Stability: ${factory.stability}`]
  if ('signals' in factory) lines.push(`- Signals: ${factory.signals.join(', ')}`)
  if (factory.aliases !== undefined && factory.aliases.length > 0) {
    lines.push(`- Also known as: ${factory.aliases.map(code).join(', ')}`)
  }
  return lines.join('\n')
}

function rows(field: Field<unknown>, path: string): string[][] {
  if (field.kind === 'object') {
    return Object.entries(field.fields ?? {}).flatMap(([key, inner]) => {
      const innerPath = path === '' ? key : `${path}.${key}`
      return [row(inner, innerPath), ...rows(inner, innerPath)]
    })
  }
  if (field.item === undefined) return []
  return rows(field.item, field.kind === 'list' ? `${path}[]` : `${path}.<key>`)
}

function row(field: Field<unknown>, path: string): string[] {
  const { doc, deprecated, examples, secret } = field.options
  const notes = [
    doc,
    ...(secret === true ? ['Secret: never printed.'] : []),
    ...(deprecated === undefined ? [] : [`**Deprecated:** ${deprecated}`]),
    ...(examples === undefined
      ? []
      : [`Examples: ${examples.map((example) => code(JSON.stringify(example))).join(', ')}.`]),
  ]
  return [code(path), typeText(field), defaultText(field), notes.join(' ')]
}

function typeText(field: Field<unknown>): string {
  const { choices, min, max } = field.options
  if (field.kind === 'choice') return (choices ?? []).map(code).join(', ')
  if (field.kind === 'list' && field.item !== undefined) return `list of ${typeText(field.item)}`
  if (field.kind === 'map' && field.item !== undefined) return `map of ${typeText(field.item)}`
  const text = field.kind === 'duration' ? formatDuration : String
  const range = [
    ...(min === undefined ? [] : [`at least ${text(min)}`]),
    ...(max === undefined ? [] : [`at most ${text(max)}`]),
  ]
  const name = field.kind === 'usd' ? 'USD' : field.kind
  return range.length === 0 ? name : `${name}, ${range.join(', ')}`
}

function defaultText(field: Field<unknown>): string {
  if (field.options.default !== undefined) return code(JSON.stringify(field.options.default))
  if (isRequired(field) && field.kind !== 'object') return '**required**'
  return field.options.optional === true ? 'absent' : ''
}

function exampleSection(factory: AnyFactory): string {
  const [example] = factory.config.options.examples ?? []
  if (example === undefined) return ''
  const text = stringify({ [`${factory.kind}s`]: { [factory.type]: example } })
  return `## Example\n\n\`\`\`yaml\n${text}\`\`\``
}

function metricTable(metrics: readonly MetricDeclaration[]): string {
  if (metrics.length === 0) return ''
  const found = metrics.map((metric) => [
    code(metric.name),
    metric.unit === undefined ? metric.type : `${metric.type}, ${metric.unit}`,
    (metric.labels ?? []).map(code).join(', '),
    metric.description,
  ])
  return `## Metrics\n\n${table(['Name', 'Type', 'Labels', 'Description'], found)}`
}

const code = (text: string): string => `\`${text}\``

function table(head: readonly string[], body: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...body.map(line)].join('\n')
}

/** A bar would end the cell, a newline the table. */
const cell = (text: string): string => text.replace(/\s*\n\s*/g, ' ').replace(/\|/g, '\\|')
