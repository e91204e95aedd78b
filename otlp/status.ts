import { LEN, readLength, readVarint, skipField, VARINT, varint, varintSize, writeVarint } from './wire.ts'

/** A google.rpc.Status, as far as OTLP uses it. */
export interface Status {
  /** A gRPC code, over HTTP as well. */
  readonly code: number
  readonly message: string
  /** A google.rpc.RetryInfo among the details: try again after this. */
  readonly retryAfterMs?: number | undefined
}

/** What a far end did not take of a request that it otherwise accepted. With `rejected` 0 the message is a warning. */
export interface PartialSuccess {
  readonly rejected: number
  readonly message: string
}

const RETRY_INFO = 'google.rpc.RetryInfo'
const TYPE_PREFIX = 'type.googleapis.com/'

/** The name of the count in JSON; in protobuf it is field 1 of all three. */
const REJECTED = { traces: 'rejectedSpans', logs: 'rejectedLogRecords', metrics: 'rejectedDataPoints' } as const
type Signal = keyof typeof REJECTED

// gRPC code <-> HTTP status.

const HTTP_OF_CODE: ReadonlyMap<number, number> = new Map([
  [0, 200],
  [1, 503], // CANCELLED
  [3, 400], // INVALID_ARGUMENT
  [4, 503], // DEADLINE_EXCEEDED
  [7, 403], // PERMISSION_DENIED
  [8, 429], // RESOURCE_EXHAUSTED
  [10, 503], // ABORTED
  [11, 503], // OUT_OF_RANGE
  [12, 404], // UNIMPLEMENTED
  [14, 503], // UNAVAILABLE
  [15, 503], // DATA_LOSS
  [16, 401], // UNAUTHENTICATED
])

/** The HTTP status that says the same as a gRPC code: what OTLP retries over gRPC must look retryable over HTTP. */
export const httpStatusOf = (code: number): number => HTTP_OF_CODE.get(code) ?? 500

const CODE_OF_HTTP: ReadonlyMap<number, number> = new Map([
  [400, 3],
  [401, 16],
  [403, 7],
  [404, 12],
  [405, 12],
  [413, 8],
  [415, 3],
  [429, 8],
  [500, 13],
  [502, 14],
  [503, 14],
  [504, 14],
])

/** The gRPC code that says the same as an HTTP status; UNKNOWN (2) when there is none. */
export const grpcCodeOf = (httpStatus: number): number =>
  httpStatus >= 200 && httpStatus < 300 ? 0 : (CODE_OF_HTTP.get(httpStatus) ?? 2)

// Writing.

/** A Status: the body of an HTTP error, or (protobuf) the trailer `grpc-status-details-bin`. */
export function encodeStatus(status: Status, json: boolean): Buffer {
  const delayMs = status.retryAfterMs === undefined ? undefined : Math.max(0, Math.round(status.retryAfterMs))
  if (json) return Buffer.from(JSON.stringify(statusObject(status, delayMs)))
  const fields = [intField(1, status.code), textField(2, status.message)]
  if (delayMs !== undefined) fields.push(lenField(3, retryInfo(delayMs)))
  return Buffer.concat(fields)
}

function statusObject({ code, message }: Status, delayMs: number | undefined): object {
  if (delayMs === undefined) return { code, message }
  return { code, message, details: [{ '@type': TYPE_PREFIX + RETRY_INFO, retryDelay: jsonDuration(delayMs) }] }
}

/** A Duration as JSON has it: no fraction, or one of three digits. */
function jsonDuration(ms: number): string {
  const rest = ms % 1000
  return `${Math.floor(ms / 1000)}${rest === 0 ? '' : `.${String(rest).padStart(3, '0')}`}s`
}

/** An Any with a RetryInfo in it. */
function retryInfo(ms: number): Buffer {
  const duration = Buffer.concat([intField(1, Math.floor(ms / 1000)), intField(2, (ms % 1000) * 1_000_000)])
  return Buffer.concat([textField(1, TYPE_PREFIX + RETRY_INFO), lenField(2, lenField(1, duration))])
}

/** An Export*ServiceResponse. Without `partial` it is empty: full success must leave `partial_success` unset. */
export function encodeResponse(signal: Signal, partial: PartialSuccess | undefined, json: boolean): Buffer {
  if (partial === undefined) return Buffer.from(json ? '{}' : '')
  if (!json) return lenField(1, Buffer.concat([intField(1, partial.rejected), textField(2, partial.message)]))
  const count = partial.rejected === 0 ? {} : { [REJECTED[signal]]: String(partial.rejected) }
  const message = partial.message === '' ? {} : { errorMessage: partial.message }
  return Buffer.from(JSON.stringify({ partialSuccess: { ...count, ...message } }))
}

const lenField = (number: number, body: Buffer): Buffer =>
  Buffer.concat([varintBytes((number << 3) | LEN), varintBytes(body.length), body])

/** Left out when it is the default, as all of protobuf does. */
const textField = (number: number, text: string): Buffer =>
  text === '' ? Buffer.alloc(0) : lenField(number, Buffer.from(text))
const intField = (number: number, value: number): Buffer =>
  value === 0 ? Buffer.alloc(0) : Buffer.concat([varintBytes((number << 3) | VARINT), varintBytes(value)])

/** A whole number from 0 to 2^53 - 1. */
function varintBytes(value: number): Buffer {
  if (value < 0x80000000) {
    const out = Buffer.alloc(varintSize(value))
    writeVarint(out, 0, value)
    return out
  }
  return Buffer.concat([Buffer.from([(value % 128) | 0x80]), varintBytes(Math.floor(value / 128))])
}

// Reading. What a far end answers may be anything at all, and must not hurt: whatever cannot be read is not there.

/** What a response says was not taken; undefined when all was. */
export function readPartialSuccess(signal: Signal, body: Buffer, json: boolean): PartialSuccess | undefined {
  const partial = json ? partialInJson(signal, body) : partialInProto(body)
  return partial === undefined || (partial.rejected === 0 && partial.message === '') ? undefined : partial
}

/** The message of a Status; empty when there is none. */
export const readStatusMessage = (body: Buffer, json: boolean): string => readStatus(body, json)?.message ?? ''

/** How long a Status asks to wait, in milliseconds; undefined when it does not. */
export const readRetryDelayMs = (body: Buffer, json = false): number | undefined => readStatus(body, json)?.retryAfterMs

/** A Status; undefined when these bytes are none. */
export function readStatus(body: Buffer, json: boolean): Status | undefined {
  return json ? statusInJson(body) : statusInProto(body)
}

function partialInProto(body: Buffer): PartialSuccess | undefined {
  const found = fieldsOf(body)?.bytes.get(1)?.at(-1)
  const fields = found === undefined ? undefined : fieldsOf(found)
  return fields && { rejected: count(fields.ints.get(1) ?? 0), message: fields.bytes.get(2)?.at(-1)?.toString() ?? '' }
}

function statusInProto(body: Buffer): Status | undefined {
  const fields = fieldsOf(body)
  if (fields === undefined) return undefined
  const delays = (fields.bytes.get(3) ?? []).map(delayInAny).filter((delay) => delay !== undefined)
  const message = fields.bytes.get(2)?.at(-1)?.toString() ?? ''
  return { code: fields.ints.get(1) ?? 0, message, retryAfterMs: delays[0] }
}

function delayInAny(any: Buffer): number | undefined {
  const fields = fieldsOf(any)
  const type = fields?.bytes.get(1)?.at(-1)?.toString() ?? ''
  if (!type.endsWith(`/${RETRY_INFO}`)) return undefined
  const info = fieldsOf(fields?.bytes.get(2)?.at(-1) ?? Buffer.alloc(0))
  const delay = info?.bytes.get(1)?.at(-1)
  const parts = delay === undefined ? undefined : fieldsOf(delay)
  return parts && count(parts.ints.get(1) ?? 0) * 1000 + Math.ceil(count(parts.ints.get(2) ?? 0) / 1_000_000)
}

/** Negative numbers are varints past 2^53; nobody rejects, or waits, less than nothing. */
const count = (value: number): number => (value > Number.MAX_SAFE_INTEGER / 1000 ? 0 : value)

interface Fields {
  readonly ints: ReadonlyMap<number, number>
  readonly bytes: ReadonlyMap<number, readonly Buffer[]>
}

/** The fields of a small message; undefined when it is malformed. */
function fieldsOf(body: Buffer): Fields | undefined {
  const ints = new Map<number, number>()
  const bytes = new Map<number, Buffer[]>()
  try {
    for (let at = 0; at < body.length; ) {
      const value = readVarint(body, at, body.length)
      const tag = varint
      const number = tag >>> 3
      if ((tag & 7) === VARINT && number > 0) {
        at = readVarint(body, value, body.length)
        ints.set(number, varint)
      } else if ((tag & 7) === LEN && number > 0) {
        const from = readLength(body, value, body.length)
        at = from + varint
        keep(bytes, number, body.subarray(from, at))
      } else at = skipField(body, tag, value, body.length)
    }
    return { ints, bytes }
  } catch {
    return undefined
  }
}

/** More of one field than any of these messages has. */
const REPEATED_MAX = 64

function keep(fields: Map<number, Buffer[]>, number: number, value: Buffer): void {
  const list = fields.get(number)
  if (list === undefined) fields.set(number, [value])
  else if (list.length < REPEATED_MAX) list.push(value)
  else list[REPEATED_MAX - 1] = value
}

function partialInJson(signal: Signal, body: Buffer): PartialSuccess | undefined {
  const response = parsed(body) ?? {}
  const partial = object(response['partialSuccess'] ?? response['partial_success'])
  const rejected = Number(partial[REJECTED[signal]] ?? 0)
  return {
    rejected: Number.isSafeInteger(rejected) && rejected > 0 ? rejected : 0,
    message: text(partial['errorMessage']),
  }
}

function statusInJson(body: Buffer): Status | undefined {
  const status = parsed(body)
  if (status === undefined) return undefined
  const details = Array.isArray(status['details']) ? status['details'].map(object) : []
  const info = details.find((detail) => text(detail['@type']).endsWith(`/${RETRY_INFO}`))
  const code = Number(status['code'] ?? 0)
  return {
    code: Number.isSafeInteger(code) ? code : 0,
    message: text(status['message']),
    retryAfterMs: durationMs(text(info?.['retryDelay'])),
  }
}

/** A Duration as JSON has it, in milliseconds, rounded up; undefined when it is none. */
function durationMs(duration: string): number | undefined {
  const [, seconds, fraction = ''] = /^(\d{1,12})(?:\.(\d{1,9}))?s$/.exec(duration) ?? []
  return seconds === undefined
    ? undefined
    : Number(seconds) * 1000 + Math.ceil(Number(fraction.padEnd(9, '0')) / 1_000_000)
}

function parsed(body: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    return object(JSON.parse(body.toString()))
  } catch {
    return undefined
  }
}

const object = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
const text = (value: unknown): string => (typeof value === 'string' ? value : '')
