/**
 * Refusals in the provider's own error shape, as values: who sends them (the proxy, an authorization server) is not
 * their business.
 *
 * A stop is HTTP 402, without Retry-After: the one status that every provider SDK answers with exactly one request.
 * 429, 408, 409, 422 and 5xx are all retried by some. A throttle is 429, where a retry is what we want; its Retry-After
 * is 1 to 60 whole seconds, because 0 makes SDKs fire at once, as do delays that overflow their timers.
 */

/** Error shapes of providers; `other` is a plain `{"message"}`. */
export type ErrorShape = 'openai' | 'anthropic' | 'gemini' | 'bedrock' | 'other'

export interface Problem {
  readonly kind: 'stop' | 'throttle' | 'upstream' | 'timeout' | 'unavailable' | 'forbidden' | 'not_found' | 'internal'
  /** `x-tokenfuse-reason` and label: `run_cap`, `killed`, `loop` … */
  readonly code: string
  /** One sentence for a person. */
  readonly message: string
  readonly budget?: string | undefined
  readonly retryAfterMs?: number | undefined
  /** Further facts for programs; money as decimal strings. */
  readonly detail?: Readonly<Record<string, string>> | undefined
}

export interface Refusal {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const STATUS: Readonly<Record<Problem['kind'], number>> = {
  stop: 402,
  throttle: 429,
  forbidden: 403,
  not_found: 404,
  internal: 500,
  upstream: 502,
  unavailable: 503,
  timeout: 504,
}

const OPENAI_TYPES: Readonly<Record<Problem['kind'], readonly [type: string, code: string]>> = {
  // LangChain stops after one try on this code, whatever the status.
  stop: ['insufficient_quota', 'insufficient_quota'],
  throttle: ['rate_limit_error', 'rate_limit_exceeded'],
  forbidden: ['invalid_request_error', 'forbidden'],
  not_found: ['invalid_request_error', 'unknown_url'],
  internal: ['server_error', 'internal_error'],
  upstream: ['server_error', 'upstream_unreachable'],
  unavailable: ['server_error', 'service_unavailable'],
  timeout: ['server_error', 'upstream_timeout'],
}

const ANTHROPIC_TYPES: Readonly<Record<Problem['kind'], string>> = {
  stop: 'billing_error',
  throttle: 'rate_limit_error',
  forbidden: 'permission_error',
  not_found: 'not_found_error',
  internal: 'api_error',
  upstream: 'api_error',
  unavailable: 'overloaded_error',
  timeout: 'timeout_error',
}

const GEMINI_STATUS: Readonly<Record<Problem['kind'], string>> = {
  stop: 'FAILED_PRECONDITION',
  throttle: 'RESOURCE_EXHAUSTED',
  forbidden: 'PERMISSION_DENIED',
  not_found: 'NOT_FOUND',
  internal: 'INTERNAL',
  upstream: 'UNAVAILABLE',
  unavailable: 'UNAVAILABLE',
  timeout: 'DEADLINE_EXCEEDED',
}

const BEDROCK_TYPES: Readonly<Record<Problem['kind'], string>> = {
  // Never ThrottlingException for a stop: AWS SDKs try that three to five times.
  stop: 'ServiceQuotaExceededException',
  throttle: 'ThrottlingException',
  forbidden: 'AccessDeniedException',
  not_found: 'ResourceNotFoundException',
  internal: 'InternalServerException',
  upstream: 'ServiceUnavailableException',
  unavailable: 'ServiceUnavailableException',
  timeout: 'ModelTimeoutException',
}

/** The whole HTTP answer. `requestId` is ours, for the shapes that carry one. */
export function refusal(shape: ErrorShape, problem: Problem, requestId: string): Refusal {
  return {
    status: STATUS[problem.kind],
    headers: {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      ...shapeHeaders(shape, problem, requestId),
      ...verdictHeaders(problem),
    },
    body: JSON.stringify(errorBody(shape, problem, requestId)),
  }
}

/** The error object of a shape, as it stands in a JSON answer and in a stream. */
export function errorBody(shape: ErrorShape, problem: Problem, requestId: string): Record<string, unknown> {
  switch (shape) {
    case 'openai':
      return { error: openAiError(problem), tokenfuse: facts(problem) }
    case 'anthropic':
      return {
        type: 'error',
        error: { type: ANTHROPIC_TYPES[problem.kind], message: problem.message },
        request_id: requestId,
      }
    case 'gemini':
      return { error: geminiError(problem) }
    default:
      return { message: problem.message }
  }
}

/**
 * The last event of a stream that is stopped, in the form that the provider's SDKs turn into a typed error. OpenAI's
 * Responses streams want the fields at the top (`type: error`), while the SDKs throw on `error`: both are there.
 */
export function streamError(shape: ErrorShape, isResponses: boolean, problem: Problem, requestId: string): string {
  if (shape === 'anthropic') return `event: error\ndata: ${JSON.stringify(errorBody(shape, problem, requestId))}\n\n`
  if (shape === 'openai' && isResponses) {
    const error = openAiError(problem)
    return `event: error\ndata: ${JSON.stringify({ ...error, ...{ type: 'error' }, error })}\n\n`
  }
  return `data: ${JSON.stringify(errorBody(shape, problem, requestId))}\n\n`
}

function openAiError(problem: Problem): Record<string, unknown> {
  const [type, code] = OPENAI_TYPES[problem.kind]
  return { message: problem.message, type, param: null, code }
}

function geminiError(problem: Problem): Record<string, unknown> {
  const reason = problem.kind === 'stop' ? 'BUDGET_EXCEEDED' : problem.code.toUpperCase()
  const info = {
    '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
    reason,
    domain: 'tokenfuse',
    metadata: facts(problem),
  }
  return { code: STATUS[problem.kind], message: problem.message, status: GEMINI_STATUS[problem.kind], details: [info] }
}

function facts(problem: Problem): Record<string, string> {
  return {
    reason: problem.code,
    ...(problem.budget === undefined ? {} : { budget: problem.budget }),
    ...problem.detail,
  }
}

function shapeHeaders(shape: ErrorShape, problem: Problem, requestId: string): Record<string, string> {
  if (shape === 'openai') return { 'x-request-id': requestId }
  if (shape === 'anthropic') return { 'request-id': requestId }
  if (shape === 'bedrock') return { 'x-amzn-errortype': BEDROCK_TYPES[problem.kind], 'x-amzn-requestid': requestId }
  return {}
}

function verdictHeaders(problem: Problem): Record<string, string> {
  const reason = { 'x-tokenfuse-reason': headerValue(problem.code) }
  const budget = problem.budget === undefined ? {} : { 'x-tokenfuse-budget': headerValue(problem.budget) }
  if (problem.kind === 'stop') return { 'x-should-retry': 'false', 'x-tokenfuse-verdict': 'deny', ...budget, ...reason }
  if (problem.kind === 'throttle')
    return { 'x-tokenfuse-verdict': 'throttle', ...budget, ...reason, ...retryHeaders(problem.retryAfterMs) }
  // A mistake in the request or in us does not pass by trying again; what is wrong upstream may.
  if (problem.kind === 'upstream' || problem.kind === 'timeout' || problem.kind === 'unavailable') return reason
  return { 'x-should-retry': 'false', ...reason }
}

/** Whole seconds from 1 to 60; anything that is no number counts as 1. */
export function retryHeaders(retryAfterMs: number | undefined): { 'retry-after': string; 'retry-after-ms': string } {
  const wanted = retryAfterMs === undefined || Number.isNaN(retryAfterMs) ? 1000 : retryAfterMs
  const ms = Math.round(Math.min(60_000, Math.max(1000, wanted)))
  return { 'retry-after': String(Math.ceil(ms / 1000)), 'retry-after-ms': String(ms) }
}

/** Names come from users; whatever a header cannot carry is replaced. */
const headerValue = (value: string): string => value.replace(/[^\x20-\x7e]/g, '?').slice(0, 256)
