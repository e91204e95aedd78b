import { type ErrorShape, type Problem, refusal, retryHeaders, streamError } from './refuse.ts'

const STOP: Problem = {
  kind: 'stop',
  code: 'run_cap',
  message: 'stopped',
  budget: 'run-cap',
  detail: { limit_usd: '5' },
}
const SHAPES: readonly ErrorShape[] = ['openai', 'anthropic', 'gemini', 'bedrock', 'other']

test.each(SHAPES)('a stop is 402 in the shape of %s, and nothing in it asks for another try', (shape) => {
  const { status, headers } = refusal(shape, STOP, 'req_tf_1')
  expect(status).toBe(402)
  expect(headers).toMatchObject({
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-should-retry': 'false',
    'x-tokenfuse-verdict': 'deny',
    'x-tokenfuse-budget': 'run-cap',
    'x-tokenfuse-reason': 'run_cap',
  })
  expect(Object.keys(headers).filter((name) => name.startsWith('retry-after'))).toEqual([])
})

test('bodies are what each SDK knows', () => {
  const body = (shape: ErrorShape): unknown => JSON.parse(refusal(shape, STOP, 'req_tf_1').body)
  expect(body('openai')).toEqual({
    error: { message: 'stopped', type: 'insufficient_quota', param: null, code: 'insufficient_quota' },
    tokenfuse: { reason: 'run_cap', budget: 'run-cap', limit_usd: '5' },
  })
  expect(body('anthropic')).toEqual({
    type: 'error',
    error: { type: 'billing_error', message: 'stopped' },
    request_id: 'req_tf_1',
  })
  expect(body('gemini')).toEqual({
    error: {
      code: 402,
      message: 'stopped',
      status: 'FAILED_PRECONDITION',
      details: [
        {
          '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
          reason: 'BUDGET_EXCEEDED',
          domain: 'tokenfuse',
          metadata: { reason: 'run_cap', budget: 'run-cap', limit_usd: '5' },
        },
      ],
    },
  })
  expect(body('bedrock')).toEqual({ message: 'stopped' })
  expect(refusal('bedrock', STOP, 'r').headers['x-amzn-errortype']).toBe('ServiceQuotaExceededException')
  expect(body('other')).toEqual({ message: 'stopped' })
})

test('a throttle is 429 with 1 to 60 whole seconds, whatever the ledger wished', () => {
  const check = (ms: number | undefined, seconds: string, exact: string): void =>
    expect(retryHeaders(ms)).toEqual({ 'retry-after': seconds, 'retry-after-ms': exact })
  check(0, '1', '1000')
  check(-5, '1', '1000')
  check(undefined, '1', '1000')
  check(Number.NaN, '1', '1000')
  check(1500, '2', '1500')
  check(60_000, '60', '60000')
  check(2_592_000_000, '60', '60000')
  check(Number.POSITIVE_INFINITY, '60', '60000')
  const { status, headers } = refusal(
    'openai',
    { kind: 'throttle', code: 'monthly_cap', message: 'm', retryAfterMs: 2500 },
    'r',
  )
  expect([status, headers['retry-after'], headers['x-tokenfuse-verdict'], headers['x-should-retry']]).toEqual([
    429,
    '3',
    'throttle',
    undefined,
  ])
})

test('names that no header can carry do not break the answer', () => {
  const { headers } = refusal('openai', { ...STOP, code: 'loop\r\nx-evil: 1', budget: 'Büro €' }, 'r')
  expect(headers['x-tokenfuse-reason']).toBe('loop??x-evil: 1')
  expect(headers['x-tokenfuse-budget']).toBe('B?ro ?')
})

test('the last event of a cut stream is one that SDKs throw on', () => {
  expect(streamError('anthropic', false, STOP, 'r')).toBe(
    'event: error\ndata: {"type":"error","error":{"type":"billing_error","message":"stopped"},"request_id":"r"}\n\n',
  )
  const chat = streamError('openai', false, STOP, 'r')
  expect(JSON.parse(chat.slice('data: '.length))).toMatchObject({
    error: { code: 'insufficient_quota', message: 'stopped' },
  })
  const responses = streamError('openai', true, STOP, 'r')
  expect(responses.startsWith('event: error\ndata: ')).toBe(true)
  expect(JSON.parse(responses.slice(responses.indexOf('{')))).toMatchObject({
    type: 'error',
    code: 'insufficient_quota',
    message: 'stopped',
    error: { code: 'insufficient_quota', message: 'stopped' },
  })
})
