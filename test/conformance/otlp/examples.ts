import type { Signal } from './context.ts'

interface Example {
  readonly name: string
  readonly signal: Signal
  /** OTLP/JSON; MARK stands where a text is put to find it again. */
  readonly document: object
}

const TRACE = '5b8efff798038103d269b633813fc60c'
const resource = {
  attributes: [
    { key: 'service.name', value: { stringValue: 'MARK' } },
    { key: 'host.cpu.count', value: { intValue: '8' } },
  ],
  droppedAttributesCount: 1,
}
const scope = {
  name: 'my.library',
  version: '1.0.0',
  attributes: [{ key: 'my.scope', value: { stringValue: 'some' } }],
}
const times = { startTimeUnixNano: '1763900000000000000', timeUnixNano: '1763900001000000000' }
const attributes = [{ key: 'my.attribute', value: { stringValue: 'value' } }]

const trace = {
  resourceSpans: [
    {
      resource,
      scopeSpans: [
        {
          scope,
          spans: [
            {
              traceId: TRACE,
              spanId: 'eee19b7ec3c1b174',
              parentSpanId: 'eee19b7ec3c1b173',
              traceState: 'vendor=1',
              name: 'a server span',
              kind: 2,
              startTimeUnixNano: '1763900000000000000',
              endTimeUnixNano: '1763900001000000000',
              attributes,
              events: [{ timeUnixNano: '1763900000500000000', name: 'halfway', attributes, droppedAttributesCount: 2 }],
              links: [{ traceId: TRACE, spanId: 'eee19b7ec3c1b172', traceState: 'x=y', attributes }],
              droppedEventsCount: 3,
              droppedLinksCount: 4,
              status: { code: 2, message: 'failed' },
            },
          ],
          schemaUrl: 'https://opentelemetry.io/schemas/1.37.0',
        },
      ],
      schemaUrl: 'https://opentelemetry.io/schemas/1.37.0',
    },
  ],
}

const metrics = {
  resourceMetrics: [
    {
      resource,
      scopeMetrics: [
        {
          scope,
          metrics: [
            {
              name: 'counter',
              unit: '1',
              description: 'a counter',
              sum: {
                aggregationTemporality: 1,
                isMonotonic: true,
                dataPoints: [{ ...times, asDouble: 5.5, attributes }],
              },
            },
            { name: 'gauge', unit: '1', gauge: { dataPoints: [{ ...times, asInt: '10', attributes }] } },
            {
              name: 'histogram',
              histogram: {
                aggregationTemporality: 1,
                dataPoints: [
                  {
                    ...times,
                    count: '3',
                    sum: 6.5,
                    bucketCounts: ['1', '2'],
                    explicitBounds: [1.5],
                    min: 0.5,
                    max: 3,
                    attributes,
                  },
                ],
              },
            },
            {
              name: 'exponential',
              exponentialHistogram: {
                aggregationTemporality: 2,
                dataPoints: [
                  {
                    ...times,
                    count: '3',
                    sum: 10,
                    scale: -1,
                    zeroCount: '1',
                    positive: { offset: 1, bucketCounts: ['0', '2'] },
                    negative: { offset: -2, bucketCounts: ['1'] },
                    min: 0,
                    max: 5,
                    zeroThreshold: 0.1,
                  },
                ],
              },
            },
            {
              name: 'summary',
              summary: {
                dataPoints: [{ ...times, count: '2', sum: 3, quantileValues: [{ quantile: 0.5, value: 1.5 }] }],
              },
            },
          ],
        },
      ],
    },
  ],
}

const record = {
  timeUnixNano: '1763900000000000000',
  observedTimeUnixNano: '1763900000000000005',
  severityNumber: 10,
  severityText: 'Information',
  traceId: TRACE,
  spanId: 'eee19b7ec3c1b174',
  flags: 1,
}
const value = {
  kvlistValue: {
    values: [
      {
        key: 'list',
        value: { arrayValue: { values: [{ stringValue: 'many' }, { boolValue: true }, { doubleValue: 637.704 }] } },
      },
      { key: 'bytes', value: { bytesValue: 'AQID' } },
    ],
  },
}
const logs = {
  resourceLogs: [
    {
      resource,
      scopeLogs: [
        {
          scope,
          logRecords: [{ ...record, body: { stringValue: 'Example log record' }, attributes: [{ key: 'map', value }] }],
        },
      ],
    },
  ],
}
const events = {
  resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords: [{ ...record, body: value, attributes }] }] }],
}

export const exampleRequests = (): readonly Example[] => [
  { name: 'trace', signal: 'traces', document: trace },
  { name: 'metrics', signal: 'metrics', document: metrics },
  { name: 'logs', signal: 'logs', document: logs },
  { name: 'events', signal: 'logs', document: events },
]
