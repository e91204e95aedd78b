import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import { budget, call } from '../../extensions/ledger/testing/open-ledger.ts'
import type { Verdict } from '../../genai/verdict.ts'
import type { WebhookConfig } from './config.ts'
import { started, stopAll } from './testing/started.ts'
import { type Post, post } from './webhook.ts'
import { signature } from './webhook-formats.ts'

afterEach(stopAll)

interface Sent {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly json: Record<string, unknown>
}

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Answers with the statuses in turn, the last one for ever; 0 is no answer. */
function receiver(...statuses: readonly number[]) {
  const sent: Sent[] = []
  const send: Post = async (url, headers, body) => {
    const status = statuses[Math.min(sent.length, statuses.length - 1)] ?? 200
    sent.push({ url, headers, body, json: JSON.parse(body) as Record<string, unknown> })
    if (status === 0) throw new Error('no answer')
    return status
  }
  return { sent, send }
}

const hook = (part: Partial<WebhookConfig> = {}): WebhookConfig => ({
  ...{
    url: 'https://hooks.example/x?token=hush',
    format: 'standard',
    secret: undefined,
    resumes: true,
    verdicts: true,
  },
  ...part,
})

const order = { scope: { run: 'r1' }, reason: 'enough', code: 'killed', actor: 'ada', untilMs: undefined }
const warning: Verdict = {
  ...{
    timeMs: 1_763_900_000_000,
    kind: 'budget',
    level: 'warn',
    action: 'throttle',
    detector: 'run_cap',
    reason: 'nearly used up',
  },
  ...{
    scope: { budget: 'cap', run: 'r1' },
    run: 'r1',
    agent: 'a',
    spanId: '',
    spanTimeMs: 0,
    evidence: { mark: 'throttle' },
    liftedBy: '',
  },
}

test('a signed notice of a kill and of its end, verifiable as Standard Webhooks describe', async () => {
  const { sent, send } = receiver(200)
  const secret = `whsec_${Buffer.from('0123456789abcdef01234567').toString('base64')}`
  const { ledger, host } = await started({ config: { webhooks: [hook({ secret })] }, post: send })
  const kill = ledger.kill(order)
  await tick()
  ledger.resume(kill.id, 'bob')
  await tick()
  expect(sent.map(({ json }) => json['type'])).toEqual(['tokenfuse.kill', 'tokenfuse.resume'])
  expect(sent[0]?.json).toMatchObject({
    timestamp: new Date(host.clock.now()).toISOString(),
    data: { id: kill.id, scope: { run: 'r1' } },
  })
  for (const { headers, body } of sent) {
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
    const want = createHmac('sha256', Buffer.from(secret.slice(6), 'base64'))
      .update(signed)
      .digest('base64')
    expect(headers['webhook-signature']).toBe(`v1,${want}`)
    expect(headers['webhook-timestamp']).toBe(String(Math.floor(host.clock.now() / 1000)))
  }
  expect(sent[0]?.headers['webhook-id']).not.toBe(sent[1]?.headers['webhook-id'])
  expect(host.metric('tokenfuse_webhook_notices_total', 'standard', 'delivered')).toBe(2)
})

test('the signature is that of the example in the specification', () => {
  // https://github.com/standard-webhooks/standard-webhooks, test vector of the reference libraries.
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
  expect(signature('msg_p5jXN8AQM9LWM0D4loKWxJek', 1_614_265_330, '{"test": 2432232314}', secret)).toBe(
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  )
})

test('each format is what its receiver takes', async () => {
  const formats = ['slack', 'pagerduty', 'alertmanager'] as const
  const { sent, send } = receiver(200)
  const webhooks = formats.map((format) => hook({ format, url: `https://${format}.example`, secret: 'key-1' }))
  const { ledger, killSwitch, host } = await started({ config: { webhooks }, post: send })
  const of = (format: string) => sent.filter(({ url }) => url.includes(format)).map(({ json }) => json)
  const kill = ledger.kill(order)
  killSwitch.enforce(warning)
  for (let i = 0; i < 5; i++) await tick()
  host.clock.advance(60_000)
  ledger.resume(kill.id, 'bob')
  for (let i = 0; i < 5; i++) await tick()
  expect(of('slack').map(({ text }) => text)).toEqual([
    ':octagonal_sign: Tokenfuse stopped run r1: enough',
    ':octagonal_sign: Tokenfuse: nearly used up',
    `:large_green_circle: Tokenfuse lets run r1 go on: kill ${kill.id} was lifted`,
  ])
  expect(of('pagerduty')).toMatchObject([
    {
      routing_key: 'key-1',
      event_action: 'trigger',
      dedup_key: `tokenfuse:${kill.id}`,
      payload: { severity: 'critical', source: 'tokenfuse' },
    },
    {
      event_action: 'trigger',
      dedup_key: 'tokenfuse:cap:budget=cap,run=r1:lifetime:throttle',
      payload: { severity: 'warning' },
    },
    { routing_key: 'key-1', event_action: 'resolve', dedup_key: `tokenfuse:${kill.id}` },
  ])
  const alerts = of('alertmanager') as unknown as { labels: object; startsAt: string; endsAt: string }[][]
  expect(alerts.map(([alert]) => alert)).toMatchObject([
    {
      labels: { alertname: 'TokenfuseKill', severity: 'critical', run: 'r1' },
      annotations: { summary: expect.any(String) },
    },
    { labels: { alertname: 'TokenfuseVerdict', severity: 'warning', budget: 'cap' } },
    {
      labels: alerts[0]?.[0]?.labels,
      startsAt: alerts[0]?.[0]?.startsAt,
      endsAt: new Date(host.clock.now()).toISOString(),
    },
  ])
})

test('a receiver says what it does not want to hear', async () => {
  const { sent, send } = receiver(200)
  const { ledger, killSwitch } = await started({
    config: { webhooks: [hook({ resumes: false, verdicts: false })] },
    post: send,
  })
  killSwitch.enforce(warning)
  ledger.resume(ledger.kill(order).id, 'bob')
  await tick()
  expect(sent.map(({ json }) => json['type'])).toEqual(['tokenfuse.kill'])
})

test('tried again with growing pauses, the same id each time, and given up after eight', async () => {
  const { sent, send } = receiver(500, 0, 429, 408, 503)
  const { ledger, host } = await started({ config: { webhooks: [hook()] }, post: send })
  ledger.kill(order)
  const at: number[] = []
  const from = host.clock.now()
  for (let second = 0; second < 3600; second++) {
    await tick()
    while (at.length < sent.length) at.push((host.clock.now() - from) / 1000)
    host.clock.advance(1000)
  }
  expect(at).toEqual([0, 1, 4, 13, 40, 121, 364, 664])
  expect(new Set(sent.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  expect(host.metric('tokenfuse_webhook_notices_total', 'standard', 'failed')).toBe(1)
  const warned = host.lines.filter(({ level }) => level === 'warn').map(({ message }) => message)
  expect(warned).toEqual(['a notice to hooks.example was not delivered: status 503'])
})

test('what a receiver refuses is not sent again, and does not hold up the next', async () => {
  for (const status of [302, 400, 401, 404, 410]) {
    const { sent, send } = receiver(status, 200)
    const { ledger, host } = await started({ config: { webhooks: [hook()] }, post: send })
    ledger.kill(order)
    ledger.kill({ ...order, scope: { run: 'r2' } })
    await tick()
    await tick()
    expect([status, sent.length]).toEqual([status, 2])
    expect(host.metric('tokenfuse_webhook_notices_total', 'standard', 'refused')).toBe(1)
    expect(host.metric('tokenfuse_webhook_notices_total', 'standard', 'delivered')).toBe(1)
  }
})

test('a receiver that is down holds up neither kills nor the end; what does not fit is counted', async () => {
  const silent: Post = (_url, _headers, _body, signal) =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))))
  const { ledger, host, killSwitch } = await started({
    config: { webhooks: [hook()] },
    post: silent,
    budgets: [budget()],
  })
  for (let i = 0; i < 1500; i++) ledger.kill({ ...order, scope: { run: `r${i}` } })
  expect(ledger.settle(call())).toEqual([])
  expect(host.metric('tokenfuse_webhook_notices_total', 'standard', 'dropped')).toBe(500)
  const ended = killSwitch.shutdown()
  for (let i = 0; i < 10; i++) {
    await new Promise((resolve) => setTimeout(resolve, 5))
    host.clock.advance(1000)
  }
  await ended
  expect(host.metric('tokenfuse_webhook_notices_total', 'standard', 'dropped')).toBe(1500)
})

test('what waits is sent before the end', async () => {
  const { sent, send } = receiver(500, 200)
  const { ledger, killSwitch } = await started({ config: { webhooks: [hook()] }, post: send })
  ledger.kill(order)
  await tick()
  await killSwitch.shutdown()
  expect(sent).toHaveLength(2)
})

test('over real HTTP: the request arrives whole, a redirect is not followed', async () => {
  const seen: string[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString()
    })
    request.on('end', () => {
      seen.push(`${request.method} ${request.url} ${request.headers['content-type']} ${body}`)
      response.writeHead(request.url === '/moved' ? 302 : 204, { location: '/elsewhere' }).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  const { signal } = new AbortController()
  expect(await post(`${url}/ok`, { 'content-type': 'application/json' }, '{"a":1}', signal)).toBe(204)
  expect(await post(`${url}/moved`, { 'content-type': 'application/json' }, '{}', signal)).toBe(302)
  await expect(post('http://127.0.0.1:1', {}, '', signal)).rejects.toThrow()
  expect(seen).toEqual(['POST /ok application/json {"a":1}', 'POST /moved application/json {}'])
  server.closeAllConnections()
  server.close()
})
