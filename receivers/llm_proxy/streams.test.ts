import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { messageEvents } from '../../examples/provider/anthropic.ts'
import { chatEvents, responsesEvents } from '../../examples/provider/openai.ts'
import { type ProviderRequest, type Script, settle } from '../../examples/provider/script.ts'
import { EventStream } from './answer-body.ts'
import { ALLOW, KILL, type Stage, type StageOptions, stage } from './testing/harness.ts'
import { type RawServer, rawServer, until } from './testing/raw-server.ts'
import { AnthropicReader } from './usage-anthropic.ts'
import { OpenAiReader } from './usage-openai.ts'

let on: Stage
let raw: RawServer | undefined

async function start(options: StageOptions = {}): Promise<{ openai: OpenAI; anthropic: Anthropic }> {
  on = await stage(options)
  return {
    openai: new OpenAI({ baseURL: `${on.url}/openai/v1`, apiKey: 'key' }),
    anthropic: new Anthropic({ baseURL: `${on.url}/anthropic`, apiKey: 'key' }),
  }
}
afterEach(async () => {
  await on?.stop()
  await raw?.stop()
  raw = undefined
})

const MESSAGES = [{ role: 'user' as const, content: 'A question of forty bytes, counted by me' }]
/** Eight pieces of 40 bytes that come one by one, long enough apart to be cut in between. */
const slow: Script = () => ({ text: 'x'.repeat(320), chunks: 8, chunkDelayMs: 30, usage: { input: 77, output: 99 } })
const attributes = (): Record<string, unknown> => ({ ...on.pipeline.spans[0]?.attributes })

/** Reads until the given piece, then lets the ledger kill, then reads on. */
async function killAt<T>(
  stream: AsyncIterable<T>,
  isPiece: (item: T) => boolean,
): Promise<{ pieces: number; error: unknown }> {
  let pieces = 0
  try {
    for await (const item of stream) {
      if (!isPiece(item)) continue
      pieces++
      if (pieces !== 2) continue
      on.ledger.decide = () => KILL
      on.ledger.tell()
    }
  } catch (error) {
    return { pieces, error }
  }
  return { pieces, error: undefined }
}

async function expectCut(pieces: number): Promise<void> {
  expect(pieces).toBeGreaterThanOrEqual(2)
  expect(pieces).toBeLessThan(8)
  await until(() => on.provider.cut.length === 1)
  expect(on.provider.count).toBe(1)
  expect(on.pipeline.spans).toHaveLength(1)
  expect(on.ledger.released).toEqual(['hold-1'])
  expect(on.host.metric('tokenfuse_proxy_streams_cut_total', 'run_cap')).toBe(1)
}

describe('a kill ends the stream in flight with an error that the SDK understands, and the provider stops', () => {
  test('OpenAI chat: what the provider did not say is estimated, and flagged', async () => {
    const { openai } = await start({ respond: slow })
    const stream = await openai.chat.completions.create({ model: 'gpt-5', messages: MESSAGES, stream: true })
    const { pieces, error } = await killAt(stream, (chunk) => (chunk.choices[0]?.delta.content ?? '') !== '')
    expect(error).toMatchObject({ code: 'insufficient_quota', message: expect.stringContaining('run-cap') })
    await expectCut(pieces)
    const seen = attributes()
    expect(seen['tokenfuse.proxy.flags']).toEqual(['aborted', 'usage_missing', 'estimated_input', 'estimated_output'])
    expect(seen['error.type']).toBe('run_cap')
    // 40 bytes a piece, four bytes a token.
    expect(seen['gen_ai.usage.output_tokens']).toBeGreaterThanOrEqual(20)
    expect(seen['gen_ai.usage.output_tokens']).toBeLessThan(80)
    expect(seen['gen_ai.usage.input_tokens']).toBeGreaterThanOrEqual(10)
    expect(seen['gen_ai.response.id']).toMatch(/^chatcmpl-/)
  })

  test('OpenAI responses', async () => {
    const { openai } = await start({ respond: slow })
    const stream = await openai.responses.create({ model: 'gpt-5', input: 'x', stream: true })
    const { pieces, error } = await killAt(stream, (event) => event.type === 'response.output_text.delta')
    expect(error).toMatchObject({ code: 'insufficient_quota', message: expect.stringContaining('run-cap') })
    await expectCut(pieces)
  })

  test('Anthropic: input is what the provider said, output is estimated', async () => {
    const { anthropic } = await start({ respond: slow })
    const stream = await anthropic.messages.create({
      model: 'claude-x',
      max_tokens: 9,
      messages: MESSAGES,
      stream: true,
    })
    const { pieces, error } = await killAt(stream, (event) => event.type === 'content_block_delta')
    expect(error).toMatchObject({ type: 'billing_error', message: expect.stringContaining('run-cap') })
    await expectCut(pieces)
    expect(attributes()['tokenfuse.proxy.flags']).toEqual(['aborted', 'estimated_output'])
    expect(attributes()['gen_ai.usage.input_tokens']).toBe(77)
  })

  test('Anthropic, by the streaming helper', async () => {
    const { anthropic } = await start({ respond: slow })
    const stream = anthropic.messages.stream({ model: 'claude-x', max_tokens: 9, messages: MESSAGES })
    stream.once('text', () => {
      on.ledger.decide = () => KILL
      on.ledger.tell()
    })
    await expect(stream.finalMessage()).rejects.toMatchObject({ type: 'billing_error' })
    await expectCut(2)
  })

  test('within stream_check_interval when nobody tells of it', async () => {
    const { openai } = await start({ respond: slow })
    const stream = await openai.chat.completions.create({ model: 'gpt-5', messages: MESSAGES, stream: true })
    on.ledger.decide = () => KILL
    on.ledger.tell = () => {}
    Object.defineProperty(on.ledger, 'epoch', { value: 7 })
    on.host.clock.advance(500)
    await expect(stream.toReadableStream().pipeTo(new WritableStream())).rejects.toMatchObject({
      code: 'insufficient_quota',
    })
  })

  test('before the provider has answered: then it is a plain 402', async () => {
    const { openai } = await start({ respond: () => ({ text: 'x', delayMs: 300 }) })
    const call = openai.chat.completions
      .create({ model: 'gpt-5', messages: MESSAGES, stream: true })
      .catch((e: unknown) => e)
    await until(() => on.provider.requests.length === 1)
    on.ledger.decide = () => KILL
    on.ledger.tell()
    expect(await call).toMatchObject({ status: 402, code: 'insufficient_quota' })
    expect(on.provider.count).toBe(1)
    expect(attributes()['tokenfuse.proxy.flags']).toEqual(['aborted', 'usage_missing', 'estimated_input'])
  })

  test('only of the run that was killed', async () => {
    const { openai } = await start({ respond: slow })
    const chat = (run: string) =>
      openai.chat.completions.create(
        { model: 'gpt-5', messages: MESSAGES, stream: true },
        { headers: { 'x-tokenfuse-run': run } },
      )
    const [bad, good] = await Promise.all([chat('bad'), chat('good')])
    on.ledger.decide = ({ run }) => (run === 'bad' ? KILL : ALLOW)
    on.ledger.tell()
    await expect(bad.toReadableStream().pipeTo(new WritableStream())).rejects.toMatchObject({
      code: 'insufficient_quota',
    })
    await good.toReadableStream().pipeTo(new WritableStream())
    expect(on.provider.cut).toHaveLength(1)
  })

  test('but not with cut_streams off, and never a whole answer, which is paid for already', async () => {
    const { openai } = await start({ respond: slow, settings: { cut_streams: false } })
    const stream = await openai.chat.completions.create({ model: 'gpt-5', messages: MESSAGES, stream: true })
    expect((await killAt(stream, (chunk) => chunk.choices.length > 0)).error).toBeUndefined()
    await on.stop()
    const again = await start({ respond: () => ({ text: 'x', delayMs: 30 }) })
    const whole = again.openai.chat.completions.create({ model: 'gpt-5', messages: MESSAGES })
    await until(() => on.provider.requests.length === 1)
    on.ledger.decide = () => KILL
    on.ledger.tell()
    expect(await whole).toMatchObject({ object: 'chat.completion' })
    expect(attributes()['tokenfuse.proxy.flags']).toBeUndefined()
  })

  test('also when the kill comes out of the middle of a batch', async () => {
    const { openai } = await start({ respond: slow })
    const stream = await openai.chat.completions.create({ model: 'gpt-5', messages: MESSAGES, stream: true })
    let depth = 0
    on.pipeline.onSpan = () => {
      expect(depth++).toBe(0)
      on.ledger.decide = () => KILL
      on.ledger.tell()
      depth--
    }
    await fetch(`${on.url}/anthropic/v1/messages`, { method: 'POST', body: '{"model":"m"}' })
    await expect(stream.toReadableStream().pipeTo(new WritableStream())).rejects.toMatchObject({
      code: 'insufficient_quota',
    })
    expect(on.pipeline.spans).toHaveLength(2)
  })
})

describe('a client that leaves', () => {
  test('stops the provider, and what it had is counted', async () => {
    const { openai } = await start({ respond: slow })
    const stream = await openai.chat.completions.create({ model: 'gpt-5', messages: MESSAGES, stream: true })
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break
    await until(() => on.provider.cut.length === 1 && on.pipeline.spans.length === 1)
    expect(attributes()['error.type']).toBe('client_disconnected')
    expect(attributes()['tokenfuse.proxy.flags']).toEqual([
      'aborted',
      'usage_missing',
      'estimated_input',
      'estimated_output',
    ])
    expect(on.ledger.released).toEqual(['hold-1'])
    await until(() => on.host.metric('tokenfuse_proxy_in_flight') === 0)
  })

  test('right after the last token is still counted exactly: the usage that follows is waited for', async () => {
    const { openai } = await start({ respond: slow })
    const stream = await openai.chat.completions.create({ model: 'gpt-5', messages: MESSAGES, stream: true })
    for await (const chunk of stream) if (chunk.choices[0]?.finish_reason === 'stop') break
    await until(() => on.pipeline.spans.length === 1)
    expect(attributes()).toMatchObject({ 'gen_ai.usage.input_tokens': 77, 'gen_ai.usage.output_tokens': 99 })
    expect(attributes()['tokenfuse.proxy.flags']).toBeUndefined()
    await until(() => on.host.metric('tokenfuse_proxy_in_flight') === 0)
  })

  test('and whose usage never comes is let go after two seconds', async () => {
    let hang: (() => void) | undefined
    raw = await rawServer((res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' })
      res.write('data: {"id":"c1","choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":"stop"}]}\n\n')
      res.on('close', () => hang?.())
    })
    const { openai } = await start({ upstreamUrl: raw.url })
    const closed = new Promise<void>((resolve) => {
      hang = resolve
    })
    for await (const _ of await openai.chat.completions.create({ model: 'm', messages: MESSAGES, stream: true })) break
    await until(() => on.host.clock.pending > 0)
    // The guard's own timer is there as well; only after two seconds does the call end.
    await until(() => on.host.clock.pending >= 2)
    expect(on.pipeline.spans).toHaveLength(0)
    on.host.clock.advance(2000)
    await closed
    expect(attributes()['error.type']).toBe('client_disconnected')
  })

  test('before the answer stops the call at the provider', async () => {
    const { openai } = await start({ respond: () => ({ text: 'x', delayMs: 200 }) })
    const abort = new AbortController()
    const call = openai.chat.completions
      .create({ model: 'm', messages: MESSAGES }, { signal: abort.signal })
      .catch((e: unknown) => e)
    await until(() => on.provider.requests.length === 1)
    abort.abort()
    await call
    await until(() => on.provider.cut.length === 1 && on.pipeline.spans.length === 1)
    expect(attributes()['tokenfuse.proxy.flags']).toEqual(['aborted', 'usage_missing', 'estimated_input'])
    expect(on.host.metric('tokenfuse_proxy_requests_total', 'openai', '0')).toBe(1)
  })
})

describe('events are read and forwarded whole, wherever the network cuts them', () => {
  const request: ProviderRequest = {
    number: 1,
    api: 'chat',
    path: '',
    headers: {},
    body: { stream_options: { include_usage: true } },
    stream: true,
    model: 'm',
  }
  const reply = {
    text: 'häppy 😀 text',
    chunks: 3,
    usage: { input: 10, cacheRead: 5, cacheWrite1h: 3, output: 7, reasoning: 2 },
  }
  const as = (api: ProviderRequest['api']) => settle({ ...request, api }, reply, 0)
  const cases = [
    ['chat', () => new OpenAiReader(), chatEvents(as('chat'))],
    ['responses', () => new OpenAiReader(), responsesEvents(as('responses'))],
    ['messages', () => new AnthropicReader(), messageEvents(as('messages'))],
  ] as const

  test.each(cases)('%s', (_name, reader, events) => {
    for (const [lineEnd, step] of [
      ['\n', 1],
      ['\r\n', 13],
    ] as const) {
      const wrong: number[] = []
      const bytes = Buffer.from(events.join('').replaceAll('\n', lineEnd))
      const shown = Buffer.from(
        events
          .filter((event) => !event.includes('"choices":[]'))
          .join('')
          .replaceAll('\n', lineEnd),
      )
      for (let at = 0; at <= bytes.length; at += step) {
        const read = reader()
        const body = new EventStream(read, () => true)
        const out = [...body.push(bytes.subarray(0, at)), ...body.push(bytes.subarray(at)), ...body.end()]
        const { usage } = read.answer()
        const counted = [usage?.input, usage?.cacheRead, usage?.output, usage?.reasoning, read.complete]
        // One comparison per offset: there are thousands.
        if (!Buffer.concat(out).equals(shown) || counted.join() !== '10,5,7,2,true') wrong.push(at)
      }
      expect(wrong).toEqual([])
    }
  })
})

describe('answers that are not what they should be pass unchanged, and are counted by estimate', () => {
  const call = async (
    contentType: string,
    body: string | Buffer,
    more: Record<string, string> = {},
    stream = true,
  ): Promise<Buffer> => {
    raw = await rawServer((res) => {
      res.writeHead(200, { 'content-type': contentType, ...more })
      res.end(body)
    })
    await start({ upstreamUrl: raw.url })
    const answer = await fetch(`${on.url}/openai/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ model: 'gpt-5', stream, messages: MESSAGES }),
      headers: { 'accept-encoding': 'identity' },
    })
    return Buffer.from(await answer.arrayBuffer())
  }
  const check = async (
    contentType: string,
    body: string,
    flags: readonly string[] | undefined,
    stream = true,
  ): Promise<void> => {
    expect((await call(contentType, body, {}, stream)).toString()).toBe(body)
    expect(attributes()['tokenfuse.proxy.flags']).toEqual(flags)
    expect(on.ledger.released).toEqual(['hold-1'])
  }
  const MISSING = ['usage_missing', 'estimated_input']

  test('JSON that is none', () =>
    check('application/json', '{"id": "x", "usage": {"prompt_to', [...MISSING, 'estimated_output'], false))
  test('JSON of another kind', () => check('application/json', '[1,2,3]', MISSING, false))
  test('an empty answer', () => check('application/json', '', MISSING, false))
  test('text', () => check('text/html', '<html>gateway says hello</html>', MISSING, false))
  test('events with broken JSON', () =>
    check(
      'text/event-stream',
      'data: {"choices":[{"delta":{"content":"four"}}]}\n\ndata: {"usage\n\ndata: [DONE]\n\n',
      [...MISSING, 'estimated_output'],
    ))
  test('a stream that just ends', () =>
    check('text/event-stream', 'data: {"choices":[{"delta":{"content":"x"}}]}\n\n', [...MISSING, 'estimated_output']))
  test('a last event without its blank line still counts', () =>
    check(
      'text/event-stream',
      'data: {"choices":[{"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2}}',
      undefined,
    ))
  test('events that are no events', () =>
    check('text/event-stream', '\u0000\u0001\n\n\n:::\n\ndata\n\ndata:null\n\ndata:"x"\n\n', MISSING))

  test('a compressed answer, though none was asked for', async () => {
    const body = Buffer.from([0x1f, 0x8b, 0, 1, 2, 3])
    // Marked with a coding that fetch does not undo.
    expect(await call('application/json', body, { 'content-encoding': 'x-odd' }, false)).toEqual(body)
    expect(attributes()['tokenfuse.proxy.flags']).toEqual(MISSING)
  })

  test('an error event of the provider names the error', async () => {
    await call(
      'text/event-stream',
      'data: {"choices":[{"delta":{"content":"x"}}]}\n\ndata: {"error":{"code":"server_overloaded","message":"m"}}\n\n',
    )
    expect(attributes()['error.type']).toBe('server_overloaded')
  })
})
