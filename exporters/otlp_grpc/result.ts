import { readPartialSuccess, readRetryDelayMs } from '../../otlp/status.ts'
import type { ExportResult, Signal } from '../../pipeline/component.ts'

const RESOURCE_EXHAUSTED = 8

/** Codes of gRPC by number, for messages. */
const NAMES = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
] as const

/** Passing troubles, by the OTLP specification. */
const PASSING: readonly (typeof NAMES)[number][] = [
  'CANCELLED',
  'DEADLINE_EXCEEDED',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNAVAILABLE',
  'DATA_LOSS',
]

export interface Failure {
  readonly code: number
  readonly details: string
  /** The trailer `grpc-status-details-bin`: a google.rpc.Status. */
  readonly status: Buffer | undefined
}

export function failed({ code, details, status }: Failure): ExportResult {
  const name = NAMES[code] ?? 'UNKNOWN'
  const reason = `gRPC ${name}${details === '' ? '' : `: ${details}`}`
  const afterMs = status === undefined ? undefined : readRetryDelayMs(status)
  // A far end without room says so in one of two ways: come back at this time, or (too large a message) never.
  const passing = PASSING.includes(name) || (code === RESOURCE_EXHAUSTED && afterMs !== undefined)
  return passing ? { kind: 'retry', reason, afterMs } : { kind: 'rejected', reason }
}

export function succeeded(signal: Signal, response: Buffer): ExportResult {
  const partial = readPartialSuccess(signal, response, false)
  return partial === undefined ? { kind: 'ok' } : { kind: 'ok', rejected: partial.rejected, message: partial.message }
}
