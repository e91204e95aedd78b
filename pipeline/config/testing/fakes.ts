import type {
  AnyFactory,
  Component,
  ExporterFactory,
  ExtensionFactory,
  ProcessorFactory,
  ReceiverFactory,
} from '../../component.ts'
import { formatProblem } from '../report.ts'
import { type Loaded, loadConfig } from '../service.ts'
import type { ServiceConfig } from '../service-config.ts'
import { any, boolean, choice, duration, integer, list, map, number, object, string, usd } from '../spec.ts'

/** Components that exist only to be configured, with every kind of field between them. */

const idle: Component = { start: async () => {}, shutdown: async () => {} }

const server = (endpoint: string) =>
  object({ endpoint: string({ doc: 'Listen address.', default: endpoint }) }, { doc: 'A server.', optional: true })

const otlp: ReceiverFactory<unknown> = {
  kind: 'receiver',
  type: 'otlp',
  stability: 'stable',
  summary: 'Takes OTLP.',
  config: object(
    {
      protocols: object(
        { grpc: server('127.0.0.1:4317'), http: server('127.0.0.1:4318') },
        { doc: 'Servers.' },
        (value) =>
          value.grpc === undefined && value.http === undefined
            ? [{ path: [], message: 'no protocol; add grpc: or http:' }]
            : [],
      ),
    },
    { doc: 'OTLP servers.', examples: [{ protocols: { grpc: {} } }] },
  ),
  create: () => idle,
}

const budgetField = object(
  {
    id: string({ doc: 'Name.', examples: ['per_run'] }),
    limit_usd: usd({ doc: 'Limit in USD.', optional: true }),
    throttle_at: number({ doc: 'Share of the limit.', default: 0.8, min: 0, max: 1 }),
    period: choice(['lifetime', 'hour', 'day'], { doc: 'Period.', default: 'lifetime' }),
    scope: list(string({ doc: 'Subject key.' }), { doc: 'Subject keys.', default: ['run'] }),
  },
  { doc: 'A budget.' },
)

const budget: ProcessorFactory<unknown> = {
  kind: 'processor',
  type: 'budget',
  stability: 'beta',
  summary: 'Keeps budgets.',
  signals: ['traces', 'logs'],
  config: object(
    {
      budgets: list(budgetField, { doc: 'The budgets.' }),
      enforce: boolean({ doc: 'Whether calls are refused.', default: false }),
      dry_run: boolean({ doc: 'Old name.', optional: true, deprecated: 'use enforce: false' }),
      window: duration({ doc: 'How long.', default: '1h', min: 1000, max: 86_400_000 }),
      slots: integer({ doc: 'How many | most.', default: 10, min: 1, max: 1000 }),
      extra: any({ doc: 'Anything.' }),
      labels: map(string({ doc: 'A label.' }), { doc: 'Labels.' }),
    },
    { doc: 'Budgets.' },
    (value) => {
      const ids = value.budgets.map((one) => one.id)
      const index = ids.findIndex((id, i) => ids.indexOf(id) < i)
      return index === -1 ? [] : [{ path: ['budgets', index, 'id'], message: 'used twice; rename it' }]
    },
  ),
  create: () => ({ ...idle, process: () => {} }),
}

const otlpHttp: ExporterFactory<unknown> = {
  kind: 'exporter',
  type: 'otlp_http',
  aliases: ['otlphttp'],
  stability: 'stable',
  summary: 'Sends OTLP.',
  signals: ['traces', 'logs', 'metrics'],
  config: object(
    {
      endpoint: string({ doc: 'Where to.', pattern: /^https?:\/\//, examples: ['https://otel.example:4318'] }),
      headers: map(string({ doc: 'A header.', secret: true }), { doc: 'Headers.' }),
      api_key: string({ doc: 'A key.', secret: true, optional: true }),
      timeout: duration({ doc: 'Longest wait.', default: '30s' }),
      tls: object(
        {
          insecure: boolean({ doc: 'No TLS.', default: false }),
          ca_file: string({ doc: 'CA.', optional: true }),
        },
        { doc: 'TLS.' },
      ),
    },
    { doc: 'OTLP over HTTP.' },
  ),
  metrics: [{ name: 'sent_total', type: 'counter', unit: '{span}', description: 'Sent.', labels: ['exporter'] }],
  create: () => ({ ...idle, export: async () => ({ kind: 'ok' }) }),
}

const debug: ExporterFactory<unknown> = {
  kind: 'exporter',
  type: 'debug',
  stability: 'stable',
  summary: 'Prints.',
  signals: ['traces'],
  config: object({}, { doc: 'Nothing to configure.' }),
  create: () => ({ ...idle, export: async () => ({ kind: 'ok' }) }),
}

const ledger: ExtensionFactory<unknown> = {
  kind: 'extension',
  type: 'ledger',
  stability: 'beta',
  summary: 'Counts.',
  config: object({ directory: string({ doc: 'Where.', default: './data/ledger' }) }, { doc: 'The ledger.' }),
  create: () => idle,
}

export const FACTORIES: readonly AnyFactory[] = [otlp, budget, otlpHttp, debug, ledger]

export interface World {
  readonly files?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  readonly configs?: readonly string[]
  readonly sets?: readonly string[]
}

/** Loads `config.yaml` with this text, unless the world says otherwise. */
export function load(text: string, world: World = {}): Loaded {
  const files: Readonly<Record<string, string>> = { 'config.yaml': text, ...world.files }
  const io = {
    env: world.env ?? {},
    readFile: (path: string) => {
      const content = Object.hasOwn(files, path) ? files[path] : undefined
      if (content === undefined) throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' })
      return content
    },
  }
  return loadConfig({ configs: world.configs ?? ['config.yaml'], sets: world.sets ?? [] }, FACTORIES, io)
}

export const problemsOf = (text: string, world?: World): string[] => {
  const loaded = load(text, world)
  return loaded.ok ? [] : loaded.problems.map(formatProblem)
}

export const warningsOf = (text: string, world?: World): string[] => load(text, world).warnings.map(formatProblem)

/** Throws with the problems when it is not good. */
export function configOf(text: string, world?: World): ServiceConfig {
  const loaded = load(text, world)
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'))
  return loaded.config
}

/** A good configuration around one processor, whose config is `text`; it begins on line 2, behind `  budget: `. */
export const withBudget = (text: string): string => `processors:
  budget: ${text}
receivers: { otlp: { protocols: { grpc: } } }
exporters: { debug: }
service: { pipelines: { traces: { receivers: [otlp], processors: [budget], exporters: [debug] } } }
`

/** A good configuration around one exporter, whose config is `text`; it begins on line 2, behind `  otlp_http: `. */
export const withExporter = (text: string): string => `exporters:
  otlp_http: ${text}
receivers: { otlp: { protocols: { grpc: } } }
service: { pipelines: { traces: { receivers: [otlp], exporters: [otlp_http] } } }
`
