import {
  counterBase,
  type ExposedFamily,
  type ExpositionFormat,
  isLabelName,
  isMetricName,
  labelText,
  renderExposition,
  type Sample,
} from './exposition.ts'
import { Family, type Reading } from './family.ts'
import type { MetricRegistry } from './metrics.ts'

/** Label sets of one family. */
const CHILDREN_MAX = 2000

const OVERFLOW = 'tokenfuse_telemetry_series_overflow_total'
const READ_ERRORS = 'tokenfuse_telemetry_read_errors_total'

export interface Registry extends MetricRegistry {
  /** The whole exposition. Families appear in the order in which they were registered. */
  /** `counterSuffix`: see {@link renderExposition}. */
  render(format: ExpositionFormat, counterSuffix?: boolean): string
  /** What a family of this name holds now; undefined when nobody registered one. */
  read(name: string): { readonly labelNames: readonly string[]; readonly readings: readonly Reading[] } | undefined
}

export interface RegistryOptions {
  /** Label sets per family. */
  readonly childrenMax?: number
  /** See {@link renderExposition}. */
  readonly counterSuffix?: boolean
}

/**
 * The sidecar's own counters and gauges. Two components may register the same name: they get the same family when type,
 * help and labels agree, and an error (at start, when everything registers) when they do not.
 */
export function createRegistry(options: RegistryOptions = {}): Registry {
  const families = new Map<string, Family>()
  const childrenMax = options.childrenMax ?? CHILDREN_MAX
  let overflow: Family | undefined
  let readErrors: Family | undefined

  const register = (type: Family['type'], name: string, help: string, labels: readonly string[]): Family => {
    // A gauge `x` and a counter `x_total` would be one family to OpenMetrics.
    const key = counterBase(name)
    const known = families.get(key)
    if (known !== undefined) return agreed(known, type, help, labels)
    const family = new Family(type, name, help, checked(name, labels), childrenMax, () => overflow?.child(name).add(1))
    families.set(key, family)
    return family
  }
  // Registered at once, so that a first overflow is a step from 0 and not a series that comes from nowhere.
  overflow = register(
    'counter',
    OVERFLOW,
    'Lookups of label sets beyond the bound of their family, counted under __other__.',
    ['metric'],
  )
  readErrors = register(
    'counter',
    READ_ERRORS,
    'Values that could not be read during a scrape; the scrape went on without them.',
    ['metric'],
  )

  const expose = (family: Family): ExposedFamily => ({
    ...{ name: family.name, type: family.type, help: family.help },
    samples: samplesOf(
      family.readings(() => readErrors.child(family.name).add(1)),
      family.labels,
    ),
  })
  return {
    counter: (name, help, labels = []) => register('counter', name, help, labels),
    gauge: (name, help, labels = []) => register('gauge', name, help, labels),
    observe: (type, name, help, labels, read) => void register(type, name, help, labels).readers.push(read),
    render: (format, counterSuffix = options.counterSuffix ?? true) =>
      renderExposition([...families.values()].map(expose), { format, counterSuffix }),
    read(name) {
      const family = families.get(counterBase(name))
      if (family === undefined) return undefined
      return { labelNames: family.labels, readings: [...family.readings(() => readErrors.child(family.name).add(1))] }
    },
  }
}

/** The registry behind what a host hands out, when that is one of ours; a test's stand-in need not be. */
export const registryOf = (metrics: MetricRegistry): Registry | undefined => (isRegistry(metrics) ? metrics : undefined)

const isRegistry = (metrics: MetricRegistry): metrics is Registry => 'read' in metrics && 'render' in metrics

function* samplesOf(readings: Iterable<Reading>, names: readonly string[]): Iterable<Sample> {
  for (const { labels, value } of readings) yield { suffix: '', labels: labelText(names, labels), value }
}

function checked(name: string, labels: readonly string[]): readonly string[] {
  if (!isMetricName(name)) throw new Error(`"${name}" is not a metric name`)
  for (const label of labels) if (!isLabelName(label)) throw new Error(`metric ${name}: "${label}" is not a label name`)
  if (new Set(labels).size !== labels.length) throw new Error(`metric ${name}: a label is named twice`)
  return [...labels]
}

function agreed(known: Family, type: Family['type'], help: string, labels: readonly string[]): Family {
  const same = known.type === type && known.help === help && known.labels.join() === labels.join()
  if (same) return known
  throw new Error(`metric ${known.name} is registered twice and not the same way: type, help and labels must agree`)
}
