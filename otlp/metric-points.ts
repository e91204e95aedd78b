import { readLength, readVarint, skipField, varint } from './wire.ts'

/** One number that a metric reports, as far as reconciling it needs it. */
export interface MetricPoint {
  readonly metric: string
  readonly value: number
  /** Counted since the sender started, not since its last report. */
  readonly isCumulative: boolean
  readonly attributes: Readonly<Record<string, string>>
  /** What tells series apart: the bytes of resource and attributes. */
  readonly series: string
}

const CUMULATIVE = 2
const SUM = 0x3a
const HISTOGRAM = 0x4a

interface Field {
  readonly tag: number
  readonly body: number
  readonly end: number
}

/** The LEN and 64-bit fields of a message. Throws `Malformed`. */
function* fieldsOf(buf: Buffer, from: number, end: number): Generator<Field> {
  let at = from
  while (at < end) {
    const next = readVarint(buf, at, end)
    const tag = varint
    if ((tag & 7) === 2) {
      const body = readLength(buf, next, end)
      at = body + varint
      yield { tag, body, end: at }
    } else {
      at = skipField(buf, tag, next, end)
      yield { tag, body: next, end: at }
    }
  }
}

const within = (buf: Buffer, { body, end }: Field, tag: number): Field[] =>
  [...fieldsOf(buf, body, end)].filter((field) => field.tag === tag)
const text = (buf: Buffer, { body, end }: Field): string => buf.toString('utf8', body, end)

/**
 * The points of sums and histograms (their sums) whose metric is wanted, of an ExportMetricsServiceRequest. Everything else
 * is passed over by its length. Throws `Malformed`.
 */
export function* metricPoints(buf: Buffer, wanted: (metric: string) => boolean): Generator<MetricPoint> {
  const request: Field = { tag: 0, body: 0, end: buf.length }
  for (const resourceMetrics of within(buf, request, 0x0a)) {
    const resource = within(buf, resourceMetrics, 0x0a)
      .map((field) => text(buf, field))
      .join()
    for (const scopeMetrics of within(buf, resourceMetrics, 0x12)) {
      for (const metric of within(buf, scopeMetrics, 0x12)) yield* pointsOf(buf, metric, resource, wanted)
    }
  }
}

function* pointsOf(
  buf: Buffer,
  metric: Field,
  resource: string,
  wanted: (metric: string) => boolean,
): Generator<MetricPoint> {
  const fields = [...fieldsOf(buf, metric.body, metric.end)]
  const named = fields.find(({ tag }) => tag === 0x0a)
  const name = named === undefined ? '' : text(buf, named)
  if (!wanted(name)) return
  for (const data of fields.filter(({ tag }) => tag === SUM || tag === HISTOGRAM)) {
    const isCumulative = [...fieldsOf(buf, data.body, data.end)].some(
      ({ tag, body }) => tag === 0x10 && buf[body] === CUMULATIVE,
    )
    for (const point of within(buf, data, 0x0a)) {
      const value = data.tag === SUM ? numberOf(buf, point) : sumOf(buf, point)
      if (value === undefined) continue
      const attributes = within(buf, point, data.tag === SUM ? 0x3a : 0x4a)
      const series = `${name}\n${resource}\n${attributes.map((field) => text(buf, field)).join()}`
      yield { metric: name, value, isCumulative, attributes: stringsOf(buf, attributes), series }
    }
  }
}

/** `as_double` or `as_int` of a NumberDataPoint. */
function numberOf(buf: Buffer, point: Field): number | undefined {
  for (const { tag, body } of fieldsOf(buf, point.body, point.end)) {
    if (tag === 0x21) return buf.readDoubleLE(body)
    if (tag === 0x31) return Number(buf.readBigInt64LE(body))
  }
  return undefined
}

/** `sum` of a HistogramDataPoint. */
function sumOf(buf: Buffer, point: Field): number | undefined {
  for (const { tag, body } of fieldsOf(buf, point.body, point.end)) if (tag === 0x29) return buf.readDoubleLE(body)
  return undefined
}

function stringsOf(buf: Buffer, attributes: readonly Field[]): Record<string, string> {
  const found: Record<string, string> = {}
  for (const attribute of attributes) {
    const key = within(buf, attribute, 0x0a)[0]
    const value = within(buf, attribute, 0x12)[0]
    const string = value === undefined ? undefined : within(buf, value, 0x0a)[0]
    if (key !== undefined && string !== undefined) found[text(buf, key)] = text(buf, string)
  }
  return found
}
