import type { MetricDeclaration } from '../../pipeline/component.ts'
import type { MetricChild, MetricFamily, MetricRegistry } from '../../pipeline/telemetry/metrics.ts'

export const DECLARED: readonly MetricDeclaration[] = [
  {
    name: 'tokenfuse_refused_calls_total',
    type: 'counter',
    description: 'Model calls that were refused, by reason.',
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
  readonly inFlight: MetricChild
  readonly spans: MetricFamily
}

/** Reasons come from kill orders, so from users: the registry bounds how many become series. */
export function proxyMetrics(registry: MetricRegistry): ProxyMetrics {
  const family = (name: string): MetricFamily => {
    const { type, description, labels } = DECLARED.find((each) => each.name === name) ?? {
      type: 'counter',
      description: '',
    }
    return type === 'gauge' ? registry.gauge(name, description, labels) : registry.counter(name, description, labels)
  }
  const refused = family('tokenfuse_refused_calls_total')
  const requests = family('tokenfuse_proxy_requests_total')
  const cut = family('tokenfuse_proxy_streams_cut_total')
  const errors = family('tokenfuse_proxy_upstream_errors_total')
  const missing = family('tokenfuse_proxy_usage_missing_total')
  return {
    refused: (reason) => refused.child(reason).add(1),
    cut: (reason) => cut.child(reason).add(1),
    answered: (upstream, status) => requests.child(upstream, String(status)).add(1),
    upstreamError: (upstream, kind) => errors.child(upstream, kind).add(1),
    usageMissing: (upstream) => missing.child(upstream).add(1),
    inFlight: family('tokenfuse_proxy_in_flight').child(),
    spans: family('tokenfuse_proxy_spans_total'),
  }
}
