export const TIME_KEYS = /^(startTimeUnixNano|endTimeUnixNano|timeUnixNano|observedTimeUnixNano)$/
const EPOCH_NANO = 1_763_900_000_000_000_000n
const KEPT_RESOURCE = new Set(['service.name', 'telemetry.sdk.language', 'telemetry.sdk.name'])
const TEXT_MAX = 2000

type Json = Record<string, unknown>

/**
 * Requests as they would come out of any other run: ids and times replaced by their order, and of the resource only what
 * recognition may look at.
 */
export function tidied(requests: readonly object[]): { requests: unknown } {
  const ids = new Map<string, string>()
  const times: bigint[] = []
  walk(requests, (key, value) => {
    if (TIME_KEYS.test(key)) times.push(BigInt(String(value)))
    return value
  })
  const order = [...new Set(times)].sort((a, b) => (a < b ? -1 : 1))
  const idOf = (text: string, length: number): string => {
    const known = ids.get(text)
    if (known !== undefined) return known
    const id = (ids.size + 1).toString(16).padStart(length, '0')
    ids.set(text, id)
    return id
  }
  const named = new Map<string, string>()
  /** Ids that a program makes up: the same one for the same one, whatever it was. */
  const nameOf = (text: string): string => {
    const known = named.get(text) ?? madeUp(named.size + 1, text)
    named.set(text, known)
    return known
  }
  return {
    requests: walk(requests, (key, value) => {
      if (key === 'traceId' && typeof value === 'string') return value === '' ? undefined : idOf(value, 32)
      if ((key === 'spanId' || key === 'parentSpanId') && typeof value === 'string')
        return value === '' ? undefined : idOf(value, 16)
      if (key === 'name' && typeof value === 'string') return value.replace(MADE_UP, nameOf)
      if (key === 'body') return JSON.parse(JSON.stringify(value).replace(/\b[\d.]+ ?ms\b/g, '1ms'))
      if (TIME_KEYS.test(key)) return String(EPOCH_NANO + BigInt(order.indexOf(BigInt(String(value)))) * 1_000_000n)
      if (key === 'resource')
        return {
          attributes: attributesOf(value)
            .filter(({ key: k }) => KEPT_RESOURCE.has(String(k)))
            .map((each) => shortened(each, nameOf)),
        }
      if (key === 'attributes')
        return attributesOf(value)
          .filter(isSaid)
          .map((each) => shortened(each, nameOf))
      // No part of a span's meaning here.
      if (key === 'events' || key === 'links' || key === 'flags' || key.startsWith('dropped') || key === 'schemaUrl')
        return undefined
      return value
    }),
  }
}

const attributesOf = (value: unknown): Json[] =>
  Array.isArray(value) ? value : (((value as Json)['attributes'] as Json[] | undefined) ?? [])

const DURATION = /duration|time_to|ttft|latency|elapsed|ms_to|msTo|PerSecond|_ms$|_ns$|prompt_length$/i
/** Where in the source, in which revision of it and in which thread a span was made. */
const ORIGIN = /^(code\.|thread\.|langsmith\.metadata\.revision_id$)/
const isSaid = (attribute: Json): boolean => !ORIGIN.test(String(attribute['key']))

/** UUIDs, hashes, the ids of Claude Code's agents, of opencode's sessions and of MLflow's traces. */
const MADE_UP =
  /(?<![0-9a-z])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{64}|a[0-9a-f]{16}|ses_[0-9A-Za-z]{26}|tr-[0-9a-f]{32}|aitxt-[0-9A-Za-z]{24}|item_[0-9a-f]{12})(?![0-9a-z])/g

/** Attributes that are nothing but such an id, of whatever shape. */
const MADE_UP_KEY = /event_id$|otel_span_id$/

/** In JSON within a text. */
const MEASURED = /("(?:timestamp|duration|ttft|tokens_per_second|latencyMs|\w+_ms)": ?)[\d.e-]+/g

/** Of the same shape, with a number for its digits. */
function madeUp(number: number, like: string): string {
  const digits = number.toString(16).padStart(like.replaceAll('-', '').length, '0')
  let at = 0
  return like.replace(/[^-]/g, () => digits[at++] as string)
}

/** Ports, moments, made-up ids and durations differ from run to run; long texts say nothing. */
function shortened(attribute: Json, nameOf: (id: string) => string): Json {
  const name = String(attribute['key'])
  return JSON.parse(JSON.stringify(attribute), (key, value: unknown) => {
    if (key === 'intValue' && name === 'server.port') return '4000'
    if ((key === 'doubleValue' || key === 'intValue') && DURATION.test(name)) return key === 'intValue' ? '1' : 0.5
    if (typeof value !== 'string') return value
    if (DURATION.test(name) && /^\d+$/.test(value)) return '1'
    if (MADE_UP_KEY.test(name)) return nameOf(value)
    return value
      .replace(MADE_UP, nameOf)
      .replace(/\b0x[0-9a-f]{8,}\b/g, '0x0')
      .replace(MEASURED, '$11')
      .replace(/datetime\(\d[\d, ]*/g, 'datetime(2025, 11, 23, ')
      .replace(/_time=[\d.]+/g, '_time=1')
      .replace(/ took [\d.]+s$/, ' took 1s')
      .replace(/[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} [\d:]{8} GMT/g, 'Sun, 23 Nov 2025 12:13:20 GMT')
      .replace(/^unknown_service:.*\//, 'unknown_service:')
      .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:4000')
      .replace(/\/[^"'\s]*\/record-\w+\/([\w-]+\.(?:py|mjs))/g, '$1')
      .replace(/\/[^"'\s]*\/record-\w{6}\b/g, '/recorded')
      .replace(/(?<!\d)1[78]\d{11}(?!\d)/g, '1763900000000')
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)/g, '2025-11-23T12:13:20.000Z')
      .slice(0, TEXT_MAX)
  }) as Json
}

function walk(value: unknown, change: (key: string, value: unknown) => unknown, key = ''): unknown {
  const changed = key === '' ? value : change(key, value)
  if (Array.isArray(changed)) return changed.map((each) => walk(each, change))
  if (typeof changed !== 'object' || changed === null) return changed
  if (key === 'attributes' || key === 'resource') return changed
  return Object.fromEntries(
    Object.entries(changed).flatMap(([k, v]) => {
      const next = walk(v, change, k)
      return next === undefined ? [] : [[k, next]]
    }),
  )
}
