import { parse } from 'yaml'
import { jsonSchema, type Schema } from './json-schema.ts'
import { FACTORIES, problemsOf, withBudget, withExporter } from './testing/fakes.ts'
import { schemaErrors } from './testing/schema-check.ts'

const SCHEMA = jsonSchema(FACTORIES)
const errorsOf = (text: string): string[] => schemaErrors(SCHEMA, parse(text, { merge: true }))

describe('what loads is good to the schema, too', () => {
  const check = (text: string) =>
    test(text, () => {
      expect(problemsOf(text)).toEqual([])
      expect(errorsOf(text)).toEqual([])
    })

  check(withBudget(''))
  check(withBudget('{}'))
  check(withBudget('{ window: 1m30s, slots: 0x10, enforce: true, labels: { a: b }, extra: [1] }'))
  check(withBudget('{ budgets: [{ id: a, limit_usd: 0.5, scope: , period: day }, { id: b, limit_usd: "25" }] }'))
  check(withBudget(`{ window: "\${W}", slots: "\${S:-5}", enforce: "\${E}", budgets: "\${B}", labels: "\${L}" }`))
  check(withExporter(`{ endpoint: "https://\${H}:1", headers: { a: "\${K}" }, timeout: 0 }`))
  check(
    withExporter('{ endpoint: "https://x", tls: }')
      .replace('otlp_http:', 'otlphttp/a:')
      .replace('[otlp_http]', '[otlphttp/a]'),
  )
})

describe('what does not load is marked by the schema, too', () => {
  const check = (text: string, ...want: string[]) =>
    test(text, () => {
      expect(problemsOf(text)).not.toEqual([])
      expect(errorsOf(text)).toEqual(want)
    })

  check(withBudget('{ slts: 1 }'), '/processors/budget/slts is unknown')
  check(withBudget('{ slots: "5" }'), '/processors/budget/slots is no integer')
  check(withBudget('{ slots: 0 }'), '/processors/budget/slots is small')
  check(withBudget('{ window: 5 }'), '/processors/budget/window is no string')
  check(withBudget('{ window: 5x }'), '/processors/budget/window does not match')
  check(withBudget('{ enforce: yes please }'), '/processors/budget/enforce is no boolean')
  check(
    withBudget('{ budgets: [{ limit_usd: -1 }] }'),
    '/processors/budget/budgets/0/limit_usd is small',
    '/processors/budget/budgets/0/id is missing',
  )
  check(withBudget('{ budgets: [{ id: a, limit_usd: ten }] }'), '/processors/budget/budgets/0/limit_usd does not match')
  check(withBudget('{ budgets: [{ id: a, period: days }] }'), '/processors/budget/budgets/0/period is not permitted')
  check(withExporter(''), '/exporters/otlp_http is no object')
  check(withExporter('{ endpoint: x }'), '/exporters/otlp_http/endpoint does not match')
  check(withBudget('').replace('debug:', 'debugg:').replace('[debug]', '[debugg]'), '/exporters/debugg is unknown')
  check(withBudget('').replace('traces:', 'trace:'), '/service/pipelines/trace is unknown')
  check(`${withBudget('')}extras: 1\n`, '/extras is unknown')
  check(
    'receivers: { otlp: { protocols: { grpc: } } }\nservice: {}\n',
    '/service/pipelines is missing',
    '/exporters is missing',
  )
})

const at = (...path: string[]): unknown =>
  path.reduce<unknown>(
    (value, step) => (typeof value === 'object' && value !== null ? (value as Schema)[step] : undefined),
    SCHEMA,
  )

test('descriptions, defaults, examples and deprecations are there for the editor', () => {
  expect(at('$schema')).toBe('https://json-schema.org/draft/2020-12/schema')
  const budget = ['$defs', 'processor.budget', 'anyOf', '0', 'properties']
  expect(at('$defs', 'processor.budget', 'description')).toBe('Keeps budgets.')
  expect(at(...budget, 'window')).toMatchObject({ description: 'How long.', default: '1h' })
  expect(at(...budget, 'dry_run')).toMatchObject({
    description: 'Old name. Deprecated: use enforce: false',
    deprecated: true,
  })
  expect(at('$defs', 'exporter.otlp_http', 'anyOf', '0', 'properties', 'endpoint')).toMatchObject({
    examples: ['https://otel.example:4318'],
  })
  expect(at('$defs', 'exporter.otlp_http', 'anyOf', '0', 'properties', 'api_key')).toMatchObject({ writeOnly: true })
})
