/**
 * The messages of the OpenTelemetry protocol, as data: the one description that both directions are driven by.
 * Source: opentelemetry-proto (common, resource, trace, logs, metrics v1), state of August 2026.
 */

export type Scalar =
  | 'string'
  | 'bytes'
  /** bytes of a fixed length that JSON writes as hex. */
  | 'traceId'
  | 'spanId'
  | 'bool'
  | 'double'
  | 'int32'
  | 'sint32'
  | 'uint32'
  | 'fixed32'
  | 'int64'
  | 'uint64'
  | 'fixed64'
  | 'sfixed64'
  | 'enum'

export interface FieldSpec {
  readonly number: number
  readonly type: Scalar | 'message'
  /** The name of the message, for type `message`. */
  readonly message?: string
  readonly repeated?: true
  /** Presence counts: a value equal to the default is written all the same (`optional` and members of a oneof). */
  readonly explicit?: true
  /** Members of one oneof exclude each other. A message has at most one oneof in this protocol. */
  readonly oneof?: true
  /** Written to JSON even when it is the default, because readers index by it. */
  readonly always?: true
  readonly names?: Readonly<Record<string, number>>
}

/** Fields by their JSON (lowerCamelCase) name, in the order in which JSON is written. */
export type MessageSpec = Readonly<Record<string, FieldSpec>>

const one = (number: number, type: Scalar): FieldSpec => ({ number, type })
const optional = (number: number, type: Scalar): FieldSpec => ({ number, type, explicit: true })
const choice = (number: number, type: Scalar): FieldSpec => ({ number, type, explicit: true, oneof: true })
const choiceOf = (number: number, message: string): FieldSpec => ({ number, type: 'message', message, oneof: true })
const list = (number: number, type: Scalar): FieldSpec => ({ number, type, repeated: true })
const part = (number: number, message: string): FieldSpec => ({ number, type: 'message', message })
const parts = (number: number, message: string): FieldSpec => ({ number, type: 'message', message, repeated: true })
const named = (number: number, names: Readonly<Record<string, number>>): FieldSpec => ({ number, type: 'enum', names })

const numbered = (prefix: string, names: readonly string[]): Record<string, number> =>
  Object.fromEntries(names.map((name, value) => [prefix + name, value]))

const SPAN_KIND = numbered('SPAN_KIND_', ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'])
const STATUS_CODE = numbered('STATUS_CODE_', ['UNSET', 'OK', 'ERROR'])
const TEMPORALITY = numbered('AGGREGATION_TEMPORALITY_', ['UNSPECIFIED', 'DELTA', 'CUMULATIVE'])
const SEVERITIES = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL']
const SEVERITY = numbered('SEVERITY_NUMBER_', [
  'UNSPECIFIED',
  ...SEVERITIES.flatMap((name) => [name, `${name}2`, `${name}3`, `${name}4`]),
])

const point = (attributes: number): MessageSpec => ({
  attributes: parts(attributes, 'KeyValue'),
  startTimeUnixNano: one(2, 'fixed64'),
  timeUnixNano: one(3, 'fixed64'),
})

export const MESSAGES: Readonly<Record<string, MessageSpec>> = {
  ExportTraceServiceRequest: { resourceSpans: parts(1, 'ResourceSpans') },
  ExportLogsServiceRequest: { resourceLogs: parts(1, 'ResourceLogs') },
  ExportMetricsServiceRequest: { resourceMetrics: parts(1, 'ResourceMetrics') },

  AnyValue: {
    stringValue: choice(1, 'string'),
    boolValue: choice(2, 'bool'),
    intValue: choice(3, 'int64'),
    doubleValue: choice(4, 'double'),
    arrayValue: choiceOf(5, 'ArrayValue'),
    kvlistValue: choiceOf(6, 'KeyValueList'),
    bytesValue: choice(7, 'bytes'),
    stringValueStrindex: choice(8, 'int32'),
  },
  ArrayValue: { values: parts(1, 'AnyValue') },
  KeyValueList: { values: parts(1, 'KeyValue') },
  KeyValue: {
    key: { number: 1, type: 'string', always: true },
    value: part(2, 'AnyValue'),
    keyStrindex: one(3, 'int32'),
  },
  InstrumentationScope: {
    name: one(1, 'string'),
    version: one(2, 'string'),
    attributes: parts(3, 'KeyValue'),
    droppedAttributesCount: one(4, 'uint32'),
  },
  EntityRef: {
    schemaUrl: one(1, 'string'),
    type: one(2, 'string'),
    idKeys: list(3, 'string'),
    descriptionKeys: list(4, 'string'),
  },
  Resource: {
    attributes: parts(1, 'KeyValue'),
    droppedAttributesCount: one(2, 'uint32'),
    entityRefs: parts(3, 'EntityRef'),
  },

  ResourceSpans: { resource: part(1, 'Resource'), scopeSpans: parts(2, 'ScopeSpans'), schemaUrl: one(3, 'string') },
  ScopeSpans: { scope: part(1, 'InstrumentationScope'), spans: parts(2, 'Span'), schemaUrl: one(3, 'string') },
  Span: {
    traceId: one(1, 'traceId'),
    spanId: one(2, 'spanId'),
    traceState: one(3, 'string'),
    parentSpanId: one(4, 'spanId'),
    flags: one(16, 'fixed32'),
    name: one(5, 'string'),
    kind: named(6, SPAN_KIND),
    startTimeUnixNano: one(7, 'fixed64'),
    endTimeUnixNano: one(8, 'fixed64'),
    attributes: parts(9, 'KeyValue'),
    droppedAttributesCount: one(10, 'uint32'),
    events: parts(11, 'Event'),
    droppedEventsCount: one(12, 'uint32'),
    links: parts(13, 'Link'),
    droppedLinksCount: one(14, 'uint32'),
    status: part(15, 'Status'),
  },
  Event: {
    timeUnixNano: one(1, 'fixed64'),
    name: one(2, 'string'),
    attributes: parts(3, 'KeyValue'),
    droppedAttributesCount: one(4, 'uint32'),
  },
  Link: {
    traceId: one(1, 'traceId'),
    spanId: one(2, 'spanId'),
    traceState: one(3, 'string'),
    attributes: parts(4, 'KeyValue'),
    droppedAttributesCount: one(5, 'uint32'),
    flags: one(6, 'fixed32'),
  },
  Status: { message: one(2, 'string'), code: named(3, STATUS_CODE) },

  ResourceLogs: { resource: part(1, 'Resource'), scopeLogs: parts(2, 'ScopeLogs'), schemaUrl: one(3, 'string') },
  ScopeLogs: { scope: part(1, 'InstrumentationScope'), logRecords: parts(2, 'LogRecord'), schemaUrl: one(3, 'string') },
  LogRecord: {
    timeUnixNano: one(1, 'fixed64'),
    observedTimeUnixNano: one(11, 'fixed64'),
    severityNumber: named(2, SEVERITY),
    severityText: one(3, 'string'),
    body: part(5, 'AnyValue'),
    attributes: parts(6, 'KeyValue'),
    droppedAttributesCount: one(7, 'uint32'),
    flags: one(8, 'fixed32'),
    traceId: one(9, 'traceId'),
    spanId: one(10, 'spanId'),
    eventName: one(12, 'string'),
  },

  ResourceMetrics: {
    resource: part(1, 'Resource'),
    scopeMetrics: parts(2, 'ScopeMetrics'),
    schemaUrl: one(3, 'string'),
  },
  ScopeMetrics: { scope: part(1, 'InstrumentationScope'), metrics: parts(2, 'Metric'), schemaUrl: one(3, 'string') },
  Metric: {
    name: one(1, 'string'),
    description: one(2, 'string'),
    unit: one(3, 'string'),
    gauge: choiceOf(5, 'Gauge'),
    sum: choiceOf(7, 'Sum'),
    histogram: choiceOf(9, 'Histogram'),
    exponentialHistogram: choiceOf(10, 'ExponentialHistogram'),
    summary: choiceOf(11, 'Summary'),
    metadata: parts(12, 'KeyValue'),
  },
  Gauge: { dataPoints: parts(1, 'NumberDataPoint') },
  Sum: {
    dataPoints: parts(1, 'NumberDataPoint'),
    aggregationTemporality: named(2, TEMPORALITY),
    isMonotonic: one(3, 'bool'),
  },
  Histogram: { dataPoints: parts(1, 'HistogramDataPoint'), aggregationTemporality: named(2, TEMPORALITY) },
  ExponentialHistogram: {
    dataPoints: parts(1, 'ExponentialHistogramDataPoint'),
    aggregationTemporality: named(2, TEMPORALITY),
  },
  Summary: { dataPoints: parts(1, 'SummaryDataPoint') },
  NumberDataPoint: {
    ...point(7),
    asDouble: choice(4, 'double'),
    asInt: choice(6, 'sfixed64'),
    exemplars: parts(5, 'Exemplar'),
    flags: one(8, 'uint32'),
  },
  HistogramDataPoint: {
    ...point(9),
    count: one(4, 'fixed64'),
    sum: optional(5, 'double'),
    bucketCounts: list(6, 'fixed64'),
    explicitBounds: list(7, 'double'),
    exemplars: parts(8, 'Exemplar'),
    flags: one(10, 'uint32'),
    min: optional(11, 'double'),
    max: optional(12, 'double'),
  },
  ExponentialHistogramDataPoint: {
    ...point(1),
    count: one(4, 'fixed64'),
    sum: optional(5, 'double'),
    scale: one(6, 'sint32'),
    zeroCount: one(7, 'fixed64'),
    positive: part(8, 'Buckets'),
    negative: part(9, 'Buckets'),
    flags: one(10, 'uint32'),
    exemplars: parts(11, 'Exemplar'),
    min: optional(12, 'double'),
    max: optional(13, 'double'),
    zeroThreshold: one(14, 'double'),
  },
  Buckets: { offset: one(1, 'sint32'), bucketCounts: list(2, 'uint64') },
  SummaryDataPoint: {
    ...point(7),
    count: one(4, 'fixed64'),
    sum: one(5, 'double'),
    quantileValues: parts(6, 'ValueAtQuantile'),
    flags: one(8, 'uint32'),
  },
  ValueAtQuantile: { quantile: one(1, 'double'), value: one(2, 'double') },
  Exemplar: {
    filteredAttributes: parts(7, 'KeyValue'),
    timeUnixNano: one(2, 'fixed64'),
    asDouble: choice(3, 'double'),
    asInt: choice(6, 'sfixed64'),
    spanId: one(4, 'spanId'),
    traceId: one(5, 'traceId'),
  },
}

export type OtlpSignal = 'traces' | 'logs' | 'metrics'

export const REQUESTS: Readonly<Record<OtlpSignal, string>> = {
  traces: 'ExportTraceServiceRequest',
  logs: 'ExportLogsServiceRequest',
  metrics: 'ExportMetricsServiceRequest',
}
