import { createConnection } from 'node:net'
import OpenAI from 'openai'
import { KILL, type Stage, type StageOptions, stage } from './testing/harness.ts'
import { type RawServer, rawServer, until } from './testing/raw-server.ts'

let on: Stage
let raw: RawServer | undefined

async function start(options: StageOptions = {}): Promise<OpenAI> {
  on = await stage(options)
  return new OpenAI({ baseURL: `${on.url}/openai/v1`, apiKey: 'key', maxRetries: 0 })
}
afterEach(async () => {
  await on?.stop()
  await raw?.stop()
  raw = undefined
})

const MESSAGES = [{ role: 'user' as const, content: 'hello' }]
const attributes = (): Record<string, unknown> => ({ ...on.pipeline.spans[0]?.attributes })
const post = (path: string, body: string | Buffer, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(on.url + path, { method: 'POST', body, headers })

describe('large bodies', () => {
  const padding = 'lorem ipsum '.repeat(250_000)

  test.each([
    ['stream at the end', { model: 'gpt-5', messages: [{ role: 'user', content: padding }], stream: true }],
    ['stream at the start', { stream: true, model: 'gpt-5', messages: [{ role: 'user', content: padding }] }],
  ])('of 3 MB are asked for their usage all the same: %s', async (_name, body) => {
    await start({ respond: () => ({ text: 'ok', usage: { input: 750_000, output: 3 } }) })
    const answer = await post('/openai/v1/chat/completions', JSON.stringify(body), {
      'content-type': 'application/json',
    })
    expect(await answer.text()).not.toContain('"choices":[]')
    expect(on.provider.requests[0]?.body).toEqual({ ...body, stream_options: { include_usage: true } })
    expect(attributes()).toMatchObject({ 'gen_ai.request.model': 'gpt-5', 'gen_ai.usage.input_tokens': 750_000 })
    expect(attributes()['tokenfuse.proxy.flags']).toBeUndefined()
  })

  test('that need nothing arrive as the same JSON', async () => {
    await start()
    const body = { model: 'gpt-5', messages: [{ role: 'user', content: padding }] }
    expect((await post('/openai/v1/chat/completions', JSON.stringify(body))).status).toBe(200)
    expect(on.provider.requests[0]?.body).toEqual(body)
  })

  test('in chunks of unknown total length go through', async () => {
    await start()
    const text = Buffer.from(
      JSON.stringify({ model: 'gpt-5', messages: [{ role: 'user', content: padding }], stream: true }),
    )
    let at = 0
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (at >= text.length) return controller.close()
        controller.enqueue(text.subarray(at, at + 65_000))
        at += 65_000
      },
    })
    const answer = await fetch(`${on.url}/openai/v1/chat/completions`, { method: 'POST', body: stream, duplex: 'half' })
    await answer.text()
    expect(on.provider.requests[0]?.body).toMatchObject({ stream: true, stream_options: { include_usage: true } })
  })

  test('of 24 MB go through byte for byte where nothing is to be changed', async () => {
    raw = await rawServer((res) =>
      res.writeHead(200, { 'content-type': 'application/json' }).end('{"usage":{"prompt_tokens":5,"total_tokens":5}}'),
    )
    await start({ upstreamUrl: raw.url })
    const body = Buffer.from(JSON.stringify({ model: 'e', input: ['x y '.repeat(6_000_000)] }))
    await post('/openai/v1/embeddings', body)
    expect(raw.bodies[0]?.equals(body)).toBe(true)
    expect(raw.heads[0]?.['content-length']).toBe(String(body.length))
  })

  test('of answers are read without being held: the usage behind 24 MB of vectors', async () => {
    const vectors = 'A'.repeat(24_000_000)
    raw = await rawServer((res) =>
      res
        .writeHead(200, { 'content-type': 'application/json' })
        .end(`{"data":[{"embedding":"${vectors}"}],"model":"e-1","usage":{"prompt_tokens":9,"total_tokens":9}}`),
    )
    await start({ upstreamUrl: raw.url })
    expect(await (await post('/openai/v1/embeddings', '{"model":"e"}')).text()).toContain(vectors)
    expect(attributes()).toMatchObject({ 'gen_ai.response.model': 'e-1', 'gen_ai.usage.input_tokens': 9 })
  })

  test('a client that reads slowly slows the provider down', async () => {
    let written = 0
    const piece = `data: {"choices":[{"delta":{"content":"${'x'.repeat(60_000)}"}}]}\n\n`
    raw = await rawServer((res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' })
      const more = (): void => {
        while (written < 100_000_000) {
          written += piece.length
          if (!res.write(piece)) return void res.once('drain', more)
        }
        res.end()
      }
      more()
    })
    await start({ upstreamUrl: raw.url })
    const answer = await post('/openai/v1/chat/completions', '{"model":"m","stream":true}')
    const reader = answer.body?.getReader()
    await reader?.read()
    let before = -1
    // Until nobody takes any more; the buffers of the sockets on the way take some.
    await until(() => {
      const stands = before === written
      before = written
      return stands && written > 0
    })
    expect(written).toBeLessThan(50_000_000)
    await reader?.cancel()
    await until(() => on.pipeline.spans.length === 1)
  })
})

describe('a provider that fails', () => {
  test('is not there: 502 in its own shape, nothing counted, the money given back', async () => {
    const openai = await start({ upstreamUrl: 'http://127.0.0.1:1' })
    const error = await openai.chat.completions.create({ model: 'm', messages: MESSAGES }).catch((e: unknown) => e)
    expect(error).toMatchObject({ status: 502, code: 'upstream_unreachable' })
    expect(attributes()['error.type']).toBe('upstream_unreachable')
    expect(attributes()['tokenfuse.proxy.flags']).toBeUndefined()
    expect(attributes()['gen_ai.usage.input_tokens']).toBeUndefined()
    expect(on.ledger.released).toEqual(['hold-1'])
    expect(on.host.metric('tokenfuse_proxy_upstream_errors_total', 'openai', 'connect')).toBe(1)
  })

  test('hangs up before it answers', async () => {
    raw = await rawServer((res) => res.destroy())
    const openai = await start({ upstreamUrl: raw.url })
    await expect(openai.chat.completions.create({ model: 'm', messages: MESSAGES })).rejects.toMatchObject({
      status: 502,
    })
    expect(raw.bodies).toHaveLength(1)
  })

  test('is silent: 504', async () => {
    raw = await rawServer(() => {})
    const openai = await start({ upstreamUrl: raw.url, settings: { idle_timeout: 40 } })
    await expect(openai.chat.completions.create({ model: 'm', messages: MESSAGES })).rejects.toMatchObject({
      status: 504,
    })
    expect(attributes()['tokenfuse.proxy.flags']).toEqual(['aborted', 'usage_missing', 'estimated_input'])
    expect(on.host.metric('tokenfuse_proxy_upstream_errors_total', 'openai', 'timeout')).toBe(1)
  })

  test('falls silent in the middle of a stream', async () => {
    raw = await rawServer((res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' })
      res.write('data: {"choices":[{"delta":{"content":"four"}}]}\n\n')
    })
    const openai = await start({ upstreamUrl: raw.url, settings: { idle_timeout: 40 } })
    const stream = await openai.chat.completions.create({ model: 'm', messages: MESSAGES, stream: true })
    await expect(stream.toReadableStream().pipeTo(new WritableStream())).rejects.toThrow()
    await until(() => on.pipeline.spans.length === 1)
    expect(attributes()['gen_ai.usage.output_tokens']).toBe(1)
  })

  test('breaks off in the middle: the client sees it break off, and what came is counted', async () => {
    const openai = await start({
      respond: () => ({ text: 'x'.repeat(80), chunks: 4, breakAfterChunks: 3, chunkDelayMs: 2 }),
    })
    const stream = await openai.chat.completions.create({ model: 'm', messages: MESSAGES, stream: true })
    await expect(stream.toReadableStream().pipeTo(new WritableStream())).rejects.toThrow()
    await until(() => on.pipeline.spans.length === 1)
    expect(attributes()).toMatchObject({
      'error.type': 'upstream_unreachable',
      'gen_ai.usage.output_tokens': 10,
      'tokenfuse.proxy.flags': ['aborted', 'usage_missing', 'estimated_input', 'estimated_output'],
    })
    expect(on.host.metric('tokenfuse_proxy_upstream_errors_total', 'openai', 'cut_off')).toBe(1)
  })

  test('breaks off a whole answer', async () => {
    raw = await rawServer((res) => {
      res.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 })
      res.write('{"id":"x",')
      setImmediate(() => res.destroy())
    })
    await start({ upstreamUrl: raw.url })
    await expect(post('/openai/v1/chat/completions', '{"model":"m"}').then((r) => r.text())).rejects.toThrow()
    await until(() => on.pipeline.spans.length === 1)
  })

  test('answers before it has read everything: its answer counts', async () => {
    raw = await rawServer(
      () => {},
      (res) => res.writeHead(413, { 'content-type': 'application/json' }).end('{"error":{"code":"too_large"}}'),
    )
    await start({ upstreamUrl: raw.url })
    const answer = await post('/openai/v1/embeddings', Buffer.alloc(6_000_000, 'x'))
    expect([answer.status, await answer.text()]).toEqual([413, '{"error":{"code":"too_large"}}'])
    expect(attributes()['error.type']).toBe('too_large')
  })
})

describe('shutdown', () => {
  test('lets calls in flight finish and takes no new ones', async () => {
    const openai = await start({ respond: () => ({ text: 'done', delayMs: 60 }) })
    const call = openai.chat.completions.create({ model: 'm', messages: MESSAGES })
    await until(() => on.provider.requests.length === 1)
    const down = on.proxy.shutdown()
    await expect(post('/openai/v1/chat/completions', '{}')).rejects.toThrow()
    expect((await call).choices[0]?.message.content).toBe('done')
    await down
    expect(on.pipeline.spans).toHaveLength(1)
  })

  test('cuts what is left after drain_timeout: streams by an error event, others by 503', async () => {
    const openai = await start({
      respond: ({ stream }) => (stream ? { text: 'x'.repeat(99), chunks: 99, chunkDelayMs: 20 } : { delayMs: 5000 }),
    })
    const stream = await openai.chat.completions.create({ model: 'm', messages: MESSAGES, stream: true })
    const whole = openai.chat.completions.create({ model: 'm', messages: MESSAGES }).catch((e: unknown) => e)
    await until(() => on.provider.requests.length === 2)
    const down = on.proxy.shutdown()
    on.host.clock.advance(10_000)
    await expect(stream.toReadableStream().pipeTo(new WritableStream())).rejects.toMatchObject({
      code: 'service_unavailable',
    })
    expect(await whole).toMatchObject({ status: 503 })
    await down
    expect(on.pipeline.spans).toHaveLength(2)
    expect(on.ledger.released.toSorted()).toEqual(['hold-1', 'hold-2'])
  })

  test('offers spans that wait once more', async () => {
    const openai = await start()
    on.pipeline.answer = () => ({ kind: 'refused', message: 'full' })
    await openai.chat.completions.create({ model: 'm', messages: MESSAGES })
    on.pipeline.answer = () => ({ kind: 'accepted' })
    await on.proxy.shutdown()
    expect(on.pipeline.spans).toHaveLength(1)
  })
})

describe('bytes that are no request', () => {
  const talk = (bytes: string): Promise<string> =>
    new Promise((resolve, reject) => {
      let heard = ''
      const socket = createConnection(on.proxy.port, '127.0.0.1', () => socket.write(bytes))
      socket.on('data', (part) => {
        heard += part.toString()
      })
      socket.on('end', () => resolve(heard))
      socket.on('error', reject)
    })

  test('are answered and forgotten', async () => {
    await start()
    expect(await talk('nonsense\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /)
    expect(
      await talk(`POST /openai/v1/chat/completions HTTP/1.1\r\nhost: x\r\nx-long: ${'x'.repeat(70_000)}\r\n\r\n`),
    ).toMatch(/^HTTP\/1\.1 431 /)
    expect(
      await talk('POST /openai/v1/\u00e9 HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n'),
    ).toMatch(/^HTTP\/1\.1 4\d\d /)
    expect(
      await talk(
        'POST http://evil.example/openai/v1 HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n',
      ),
    ).toMatch(/^HTTP\/1\.1 404 /)
    const openai = new OpenAI({ baseURL: `${on.url}/openai/v1`, apiKey: 'key' })
    expect(await openai.chat.completions.create({ model: 'm', messages: MESSAGES })).toMatchObject({
      object: 'chat.completion',
    })
  })

  test('a ledger that fails costs the request, not the process', async () => {
    await start()
    on.ledger.reserve = () => {
      throw new Error('disk on fire')
    }
    const answer = await post('/openai/v1/chat/completions', '{}')
    expect([answer.status, answer.headers.get('x-should-retry')]).toEqual([500, 'false'])
    expect(on.provider.count).toBe(0)
    on.ledger.reserve = () => ({ decision: KILL, id: undefined })
    expect((await post('/openai/v1/chat/completions', '{}')).status).toBe(402)
  })
})
