/**
 * The two text formats that Prometheus scrapes: the classic one (0.0.4) and OpenMetrics 1.0. Everything that has to be
 * escaped is escaped when a label set is made, so that a scrape is mostly concatenation.
 */
export type ExpositionFormat = 'text' | 'openmetrics'

export const CONTENT_TYPE: Readonly<Record<ExpositionFormat, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
}

/** A trace that stands for the observations of one bucket or counter. Only OpenMetrics can carry it. */
export interface Exemplar {
  /** Made by {@link labelText}; at most 128 characters of names and values together. */
  readonly labels: string
  readonly value: number
  readonly timeMs: number
}

export interface Sample {
  /** `_bucket`, `_sum` or `_count` of a histogram; '' otherwise. */
  readonly suffix: '' | '_bucket' | '_sum' | '_count'
  /** Made by {@link labelText}; '' for none. */
  readonly labels: string
  /** A string is an exact decimal, written as it is. */
  readonly value: number | string
  readonly exemplar?: Exemplar | undefined
}

export interface ExposedFamily {
  /** As it was registered; whether a counter's name ends in `_total` makes no difference here. */
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly samples: Iterable<Sample>
}

export interface ExpositionOptions {
  readonly format: ExpositionFormat
  /**
   * False leaves counters in the classic format without `_total`, as a collector does whose reader is configured
   * `without_type_suffix`. OpenMetrics always has it: the format demands it.
   */
  readonly counterSuffix?: boolean
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/
/** What a name may end in for OpenMetrics to know its unit. */
const UNIT = /_(seconds|bytes|ratio|usd)$/

export const isMetricName = (name: string): boolean => NAME.test(name)
/** Names that begin with two underscores belong to Prometheus. */
export const isLabelName = (name: string): boolean => LABEL.test(name) && !name.startsWith('__')

/** `{a="1",b="2"}`, '' without labels. Values may be any text. */
export function labelText(names: readonly string[], values: readonly string[]): string {
  if (names.length === 0) return ''
  return `{${names.map((name, i) => `${name}="${escapeValue(values[i] ?? '')}"`).join(',')}}`
}

/** Adds one label to what {@link labelText} made. */
export function withLabel(labels: string, name: string, value: string): string {
  const last = `${name}="${escapeValue(value)}"`
  return labels === '' ? `{${last}}` : `${labels.slice(0, -1)},${last}}`
}

/** Renders families in the order given. A name may come only once; two of one name are the caller's mistake. */
export function renderExposition(families: Iterable<ExposedFamily>, options: ExpositionOptions): string {
  const out: string[] = []
  for (const family of families) renderFamily(family, options, out)
  if (options.format === 'openmetrics') out.push('# EOF\n')
  return out.join('')
}

function renderFamily(family: ExposedFamily, options: ExpositionOptions, out: string[]): void {
  const open = options.format === 'openmetrics'
  const isCounter = family.type === 'counter'
  const base = isCounter ? counterBase(family.name) : family.name
  const sampled = isCounter && (open || options.counterSuffix !== false) ? `${base}_total` : base
  const described = open ? base : sampled
  out.push(`# HELP ${described} ${escapeHelp(family.help, open)}\n# TYPE ${described} ${family.type}\n`)
  const unit = open ? UNIT.exec(base)?.[1] : undefined
  if (unit !== undefined) out.push(`# UNIT ${described} ${unit}\n`)
  for (const sample of family.samples) {
    const exemplar = open && sample.exemplar !== undefined ? exemplarText(sample.exemplar) : ''
    out.push(`${sampled}${sample.suffix}${sample.labels} ${valueText(sample.value)}${exemplar}\n`)
  }
}

/** A counter's name without the `_total` that the formats add. */
export const counterBase = (name: string): string => (name.endsWith('_total') ? name.slice(0, -'_total'.length) : name)

function exemplarText({ labels, value, timeMs }: Exemplar): string {
  return ` # ${labels === '' ? '{}' : labels} ${valueText(value)} ${timeMs / 1000}`
}

/** How the formats write a number; also what `le` is written with. */
export function valueText(value: number | string): string {
  if (typeof value === 'string') return value
  if (Number.isFinite(value)) return String(value)
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
}

// Half of a surrogate pair cannot be written as UTF-8 and would make a scraper refuse the whole page.
const escapeValue = (value: string): string =>
  /[\\"\n]|[\ud800-\udfff]/.test(value)
    ? value.toWellFormed().replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
    : value

function escapeHelp(help: string, open: boolean): string {
  const escaped = help.toWellFormed().replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
  return open ? escaped.replaceAll('"', '\\"') : escaped
}
