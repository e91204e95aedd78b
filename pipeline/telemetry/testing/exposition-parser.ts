/**
 * A strict reader of both exposition formats, for tests: it accepts what Prometheus accepts and refuses what promtool
 * and the OpenMetrics rules refuse (a family in two places, a series twice, buckets that fall, a missing end).
 */
export interface ParsedSample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  /** As written, so that exact decimals can be compared exactly. */
  readonly text: string
  readonly value: number
  readonly exemplar?: {
    readonly labels: Readonly<Record<string, string>>
    readonly value: number
    readonly seconds: number
  }
}

export interface ParsedFamily {
  readonly name: string
  type: string
  help: string | undefined
  unit: string | undefined
  readonly samples: ParsedSample[]
}

type Parsed = ReadonlyMap<string, ParsedFamily>

export function parseExposition(page: string, format: 'text' | 'openmetrics'): Parsed {
  const families = new Map<string, ParsedFamily>()
  const lines = page.split('\n')
  if (lines.pop() !== '') throw new Error('the last line does not end')
  if (format === 'openmetrics' && lines.pop() !== '# EOF') throw new Error('no # EOF')
  let current: ParsedFamily | undefined
  for (const line of lines) {
    const meta = /^# (HELP|TYPE|UNIT) (\S+) ?(.*)$/s.exec(line)
    if (meta === null) {
      if (line.startsWith('#') || current === undefined) throw new Error(`unexpected line: ${line}`)
      current.samples.push(belongs(current, parseSample(line), format))
      continue
    }
    const [, kind, name = '', rest = ''] = meta
    if (current?.name !== name) current = opened(families, name)
    if (current.samples.length > 0) throw new Error(`${kind} of ${name} after its samples`)
    if (kind === 'HELP') current.help = once(current.help, unescaped(rest), line)
    if (kind === 'TYPE') current.type = once(current.type === '' ? undefined : current.type, rest, line)
    if (kind === 'UNIT') current.unit = once(current.unit, rest, line)
  }
  for (const family of families.values()) checkFamily(family)
  return families
}

/** The one value of a series; undefined when there is none. Labels that are not named must be absent. */
export function sampleOf(
  families: Parsed,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): string | undefined {
  const wanted = seriesKey(name, labels)
  for (const family of families.values()) {
    for (const sample of family.samples) if (seriesKey(sample.name, sample.labels) === wanted) return sample.text
  }
  return undefined
}

function opened(families: Map<string, ParsedFamily>, name: string): ParsedFamily {
  if (families.has(name)) throw new Error(`family ${name} appears twice`)
  const family: ParsedFamily = { name, type: '', help: undefined, unit: undefined, samples: [] }
  families.set(name, family)
  return family
}

function once(before: string | undefined, value: string, line: string): string {
  if (before !== undefined) throw new Error(`said twice: ${line}`)
  return value
}

function belongs(family: ParsedFamily, sample: ParsedSample, format: 'text' | 'openmetrics'): ParsedSample {
  const suffixes =
    family.type === 'histogram'
      ? ['_bucket', '_sum', '_count']
      : family.type === 'counter' && format === 'openmetrics'
        ? ['_total']
        : ['']
  if (!suffixes.some((suffix) => sample.name === family.name + suffix))
    throw new Error(`${sample.name} is not of family ${family.name}`)
  const mayHave = family.type === 'counter' || sample.name.endsWith('_bucket')
  if (sample.exemplar !== undefined && (format === 'text' || !mayHave))
    throw new Error(`exemplar out of place: ${sample.name}`)
  return sample
}

function parseSample(line: string): ParsedSample {
  const name = /^[a-zA-Z_:][a-zA-Z0-9_:]*/.exec(line)?.[0]
  if (name === undefined) throw new Error(`no metric name: ${line}`)
  const [labels, at] = parseLabels(line, name.length)
  const match = /^ (\S+)(?: # (\{.*\}) (\S+) (\S+))?$/.exec(line.slice(at))
  if (match === null) throw new Error(`not a sample: ${line}`)
  const [, text = '', exemplarLabels, exemplarValue, seconds] = match
  const sample = { name, labels, text, value: numberOf(text) }
  if (exemplarLabels === undefined) return sample
  return {
    ...sample,
    exemplar: {
      labels: parseLabels(exemplarLabels, 0)[0],
      value: numberOf(exemplarValue ?? ''),
      seconds: numberOf(seconds ?? ''),
    },
  }
}

function parseLabels(line: string, start: number): [Record<string, string>, number] {
  const labels: Record<string, string> = {}
  if (line[start] !== '{') return [labels, start]
  let at = start + 1
  while (line[at] !== '}') {
    const match = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\["\\n])*)"(,(?!\})|(?=\}))/.exec(line.slice(at))
    if (match === null) throw new Error(`bad labels at ${at}: ${line}`)
    const [all, name = '', value = ''] = match
    if (name in labels) throw new Error(`label ${name} twice: ${line}`)
    labels[name] = unescaped(value)
    at += all.length
  }
  return [labels, at + 1]
}

const unescaped = (text: string): string => text.replace(/\\(.)/gs, (_, c: string) => (c === 'n' ? '\n' : c))

function numberOf(text: string): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY
  if (text === '-Inf') return Number.NEGATIVE_INFINITY
  if (text === 'NaN') return Number.NaN
  if (!/^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/.test(text)) throw new Error(`not a number: ${text}`)
  return Number(text)
}

function seriesKey(name: string, labels: Readonly<Record<string, string>>): string {
  return JSON.stringify([name, Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))])
}

function checkFamily(family: ParsedFamily): void {
  if (family.type === '' || family.help === undefined) throw new Error(`${family.name} lacks HELP or TYPE`)
  if (family.unit !== undefined && !family.name.endsWith(`_${family.unit}`))
    throw new Error(`${family.name} does not end in its unit`)
  const seen = new Set<string>()
  for (const { name, labels } of family.samples) {
    if (seen.has(seriesKey(name, labels))) throw new Error(`series twice: ${seriesKey(name, labels)}`)
    seen.add(seriesKey(name, labels))
  }
  if (family.type === 'histogram') checkHistogram(family)
}

/** Buckets of one label set come in order, never fall, and end in +Inf with the value of `_count`. */
function checkHistogram(family: ParsedFamily): void {
  const last = new Map<string, { le: number; value: number }>()
  for (const { name, labels, value } of family.samples) {
    const { le, ...rest } = labels
    const key = seriesKey('', rest)
    const before = last.get(key)
    if (name.endsWith('_bucket')) {
      const bound = numberOf(le ?? '')
      if (before !== undefined && (bound <= before.le || value < before.value))
        throw new Error(`${family.name}: buckets out of order`)
      last.set(key, { le: bound, value })
    }
    if (name.endsWith('_count') && (before?.le !== Number.POSITIVE_INFINITY || before.value !== value)) {
      throw new Error(`${family.name}: _count is not the +Inf bucket`)
    }
  }
}
