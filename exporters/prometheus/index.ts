import type { ExporterFactory } from '../../pipeline/component.ts'
import { type Config, config } from './config.ts'
import { PrometheusExporter } from './prometheus.ts'

export const factory: ExporterFactory<Config> = {
  kind: 'exporter',
  type: 'prometheus',
  stability: 'beta',
  summary: 'Serves spend, tokens, calls, verdicts and budgets to Prometheus, with bounded labels and exact totals.',
  config,
  signals: ['traces', 'logs'],
  metrics: [
    {
      name: 'tokenfuse_prometheus_series',
      type: 'gauge',
      description: 'Label combinations that are exposed.',
      labels: ['exporter'],
    },
    {
      name: 'tokenfuse_prometheus_label_overflow_total',
      type: 'counter',
      description: 'Lookups of a label value beyond the bound of its label, counted under __other__.',
      labels: ['exporter', 'label'],
    },
  ],
  create: (settings, host) => new PrometheusExporter(settings, host),
}
