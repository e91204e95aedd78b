import type { Outcome } from '../../pipeline/component.ts'

/** gRPC status codes, which OTLP also uses over HTTP. */
export const CODE = {
  invalidArgument: 3,
  deadlineExceeded: 4,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
} as const
export type Code = (typeof CODE)[keyof typeof CODE]

/** What a sender is told, whichever protocol it speaks. */
export type Answer =
  | { readonly kind: 'ok' }
  | { readonly kind: 'partial'; readonly rejected: number; readonly message: string }
  | Failure

export interface Failure {
  readonly kind: 'error'
  readonly code: Code
  readonly message: string
  /** Where HTTP has a better word than what belongs to the code. */
  readonly http?: number
  readonly retryAfterMs?: number | undefined
}

export const OK: Answer = { kind: 'ok' }

export const failure = (code: Code, message: string, http?: number): Failure =>
  http === undefined ? { kind: 'error', code, message } : { kind: 'error', code, message, http }

export const tooLarge = (limit: number): Failure =>
  failure(CODE.resourceExhausted, `the request is larger than the limit of ${limit} bytes; send smaller batches`, 413)

export const STOPPING: Failure = { kind: 'error', code: CODE.unavailable, message: 'shutting down', retryAfterMs: 1000 }

export function answerOf(outcome: Outcome): Answer {
  switch (outcome.kind) {
    case 'accepted':
      return OK
    case 'partial':
      return outcome
    case 'invalid':
      return failure(CODE.invalidArgument, outcome.message)
    case 'refused':
      return { kind: 'error', code: CODE.unavailable, message: outcome.message, retryAfterMs: outcome.retryAfterMs }
  }
}

/** The label of `otelcol_receiver_requests`, as the collector has it. */
export function outcomeLabel(answer: Answer): 'success' | 'refused' | 'failure' {
  if (answer.kind !== 'error') return 'success'
  return answer.code === CODE.unavailable ? 'refused' : 'failure'
}
