import type { MetricDeclaration } from '../../pipeline/component.ts'
import type { MetricFamily, MetricRegistry } from '../../pipeline/telemetry/metrics.ts'

/** Distinct reasons that become labels; reasons come from kill orders, so from users. */
const REASONS_MAX = 32

export const DECLARED: readonly MetricDeclaration[] = [
  {
    name: 'tokenfuse_refused_calls_total',
    type: 'counter',
    description: 'Provider calls refused, by the reason that the client was told.',
    labels: ['reason'],
  },
  {
    name: 'tokenfuse_proxy_requests_total',
    type: 'counter',
    description: 'Requests answered, by upstream and status; status 0: the client left before an answer.',
    labels: ['upstream', 'status'],
  },
  {
    name: 'tokenfuse_proxy_in_flight',
    type: 'gauge',
    description: 'Requests under way.',
  },
  {
    name: 'tokenfuse_proxy_streams_cut_total',
    type: 'counter',
    description: 'Streams ended before their time, by reason.',
    labels: ['reason'],
  },
  {
    name: 'tokenfuse_proxy_upstream_errors_total',
    type: 'counter',
    description: 'Calls that a provider did not answer, or not to the end.',
    labels: ['upstream', 'kind'],
  },
  {
    name: 'tokenfuse_proxy_usage_missing_total',
    type: 'counter',
    description: 'Answers without readable usage, whether or not it could be estimated.',
    labels: ['upstream'],
  },
  {
    name: 'tokenfuse_proxy_spans_total',
    type: 'counter',
    description: 'Spans of calls by what the pipeline said: accepted, refused (offered again later), dropped.',
    labels: ['outcome'],
  },
]

export interface ProxyMetrics {
  refused(reason: string): void
  cut(reason: string): void
  answered(upstream: string, status: number): void
  upstreamError(upstream: string, kind: string): void
  usageMissing(upstream: string): void
  readonly spans: MetricFamily
}

export function proxyMetrics(registry: MetricRegistry, inFlight: () => number): ProxyMetrics {
  const family = (name: string): MetricFamily => {
    const found = DECLARED.find((each) => each.name === name)
    return registry.counter(name, found?.description ?? '', found?.labels ?? [])
  }
  const [refused, requests, cut] = [
    family('tokenfuse_refused_calls_total'),
    family('tokenfuse_proxy_requests_total'),
    family('tokenfuse_proxy_streams_cut_total'),
  ]
  const errors = family('tokenfuse_proxy_upstream_errors_total')
  const missing = family('tokenfuse_proxy_usage_missing_total')
  registry.observe('gauge', 'tokenfuse_proxy_in_flight', 'Requests under way.', [], () => [
    { labels: [], value: inFlight() },
  ])
  const bounded = boundedLabel()
  return {
    refused: (reason) => refused.child(bounded(reason)).add(1),
    cut: (reason) => cut.child(bounded(reason)).add(1),
    answered: (upstream, status) => requests.child(upstream, String(status)).add(1),
    upstreamError: (upstream, kind) => errors.child(upstream, kind).add(1),
    usageMissing: (upstream) => missing.child(upstream).add(1),
    spans: family('tokenfuse_proxy_spans_total'),
  }
}

function boundedLabel(): (value: string) => string {
  const seen = new Set<string>()
  return (value) => {
    if (!seen.has(value) && seen.size >= REASONS_MAX) return '__other__'
    seen.add(value)
    return value
  }
}
