import OpenAI, { APIError } from 'openai'
import { type Provider, startProvider } from '../../examples/provider/server.ts'
import { eventually, type RunningSidecar, startSidecar } from '../support/sidecar.ts'
import { traceRequest } from '../support/spans.ts'

/** Calls through the proxy with the official client: priced, settled before the next one, refused at the cap. */
let provider: Provider
let sidecar: RunningSidecar
beforeAll(async () => {
  provider = await startProvider({
    respond: () => ({ text: 'hello', usage: { input: 1000, output: 100 }, model: 'gpt-4o-2024-08-06' }),
  })
  // 1000 tokens at 2.50 and 100 at 10 USD per million: 0.0035 a call, so the third call reaches 0.0105.
  sidecar = await startSidecar(`
receivers: { llm_proxy: { upstreams: { openai: { base_url: "${provider.url}" } } } }
processors: { budget: { budgets: [ { id: run-cap, scope: [run], limit_usd: 0.01, period: lifetime, on_exceed: kill } ] } }
`)
})
afterAll(async () => {
  await sidecar.stop()
  sidecar.remove()
  await provider.stop()
})

const client = (run: string): OpenAI =>
  new OpenAI({
    baseURL: `${sidecar.proxy}/openai/v1`,
    apiKey: 'none',
    defaultHeaders: { 'x-tokenfuse-run': run, 'x-tokenfuse-agent': run },
  })
const ask = (openai: OpenAI) =>
  openai.chat.completions.create({ model: 'gpt-4o', messages: [{ role: 'user', content: 'hi' }] })

interface Budgets {
  readonly budgets: readonly {
    readonly id: string
    readonly scope: { readonly run?: string }
    readonly spent_usd: string
  }[]
}
const spent = async (run: string): Promise<string | undefined> =>
  ((await (await fetch(`${sidecar.control}/v1/budgets`)).json()) as Budgets).budgets.find((b) => b.scope.run === run)
    ?.spent_usd

test('the run cap is exact: three calls pass, the fourth is refused with 402 and asked only once', async () => {
  const openai = client('capped')
  for (let i = 0; i < 3; i++) expect((await ask(openai)).choices[0]?.message.content).toBe('hello')
  const reached = provider.count
  const refusal = await ask(openai).catch((error: unknown) => error)
  expect(refusal).toBeInstanceOf(APIError)
  expect(refusal).toMatchObject({ status: 402, code: 'insufficient_quota' })
  expect((refusal as APIError).headers?.get('x-should-retry')).toBe('false')
  expect((refusal as APIError).headers?.get('x-tokenfuse-reason')).toBe('run_cap')
  expect(provider.count).toBe(reached)
  expect(await spent('capped')).toBe('0.0105')
  // Somebody else's run is not concerned.
  await ask(client('another'))
})

test('the call that the proxy saw and the agent reports is billed once', async () => {
  const answer = await ask(client('twice'))
  const attributes = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-4o',
    'gen_ai.response.model': answer.model,
    'gen_ai.response.id': answer.id,
    'gen_ai.usage.input_tokens': 1000,
    'gen_ai.usage.output_tokens': 100,
    'tokenfuse.run.id': 'twice',
  }
  await fetch(`${sidecar.http}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: new Uint8Array(traceRequest([{ id: '99', attributes }])),
  })
  const lines = await eventually(() => {
    const mine = sidecar.lines('calls.jsonl').filter((line) => line['run'] === 'twice')
    return mine.length === 2 ? mine : undefined
  }, 'both reports of the call')
  expect(lines.map((line) => line['bill']).sort()).toEqual(['billed', 'duplicate'])
  expect(await spent('twice')).toBe('0.0035')
})

test('a kill by hand refuses the next call until it is lifted', async () => {
  const openai = client('by-hand')
  await ask(openai)
  const control = (path: string, method: string, body?: object) =>
    fetch(`${sidecar.control}${path}`, {
      method,
      headers: { authorization: 'Bearer secret-secret-secret', 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  const killed = await control('/v1/kill', 'POST', { scope: { run: 'by-hand' }, reason: 'enough' })
  expect(killed.ok).toBe(true)
  const { id } = ((await killed.json()) as { kill: { id: string } }).kill
  await expect(ask(openai)).rejects.toMatchObject({ status: 402 })
  expect((await control(`/v1/kill/${id}`, 'DELETE')).ok).toBe(true)
  await ask(openai)
  // Writing needs the token.
  expect(
    (
      await fetch(`${sidecar.control}/v1/kill`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"scope":{"all":"true"},"reason":"x"}',
      })
    ).status,
  ).toBe(401)
})
