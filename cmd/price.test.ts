import { price } from './price.ts'

async function run(input: readonly (string | Buffer)[], ...args: string[]) {
  let out = ''
  let err = ''
  async function* stdin() {
    yield* input
  }
  const io = { stdin: stdin(), stdout: (t: string) => (out += t), stderr: (t: string) => (err += t) }
  const code = await price({ args, io: { ...io, stdout: (t) => void io.stdout(t), stderr: (t) => void io.stderr(t) } })
  return { code, out, err, lines: out.split('\n').filter((l) => l !== '') }
}

const at = '2026-11-20T12:00:00Z'
const line = (fields: object): string =>
  `${JSON.stringify({ id: 1, provider: 'openai', model: 'gpt-4o', at, usage: { input_tokens: 1500, cache_read_tokens: 500, output_tokens: 100 }, ...fields })}\n`
const answer = async (fields: object) => JSON.parse((await run([line(fields)])).lines[0] ?? '')

test('one line in, one line out, with the keys in their order', async () => {
  const { code, lines } = await run([line({ id: 'a' })])
  expect(code).toBe(0)
  expect(lines[0]).toMatch(
    /^{"id":"a","status":"priced","cost_usd":"0.004125","lines":\[{"meter":"input","quantity":1000,"unit":"token","unit_price_usd":"0.0000025","cost_usd":"0.0025"},.*\],"card":"openai\/gpt-4o","book_version":"[^"]+","layer":"book","flags":\[\]}$/,
  )
})

test('all five statuses', async () => {
  expect(await answer({ reported_cost_usd: '0.000102' })).toMatchObject({
    status: 'reported',
    cost_usd: '0.000102',
    layer: 'reported',
  })
  expect(await answer({ reported_cost_usd: 1.5e-7 })).toMatchObject({ cost_usd: '0.00000015' })
  expect(await answer({ reported_cost_usd: 0.0004970133333333333 })).toMatchObject({ cost_usd: '0.000497013333' })
  expect(await answer({ provider: 'ollama', model: 'llama3' })).toMatchObject({
    status: 'free',
    cost_usd: '0',
    reason: 'local',
    card: null,
  })
  expect(await answer({ model: 'gpt-99' })).toMatchObject({
    status: 'unpriced',
    cost_usd: null,
    lines: [],
    card: null,
    layer: 'none',
    reason: 'unknown_model',
  })
  const estimated = await run([line({ service_tier: 'ultrafast' })], '--estimate')
  expect(JSON.parse(estimated.lines[0] ?? '')).toMatchObject({
    status: 'estimated',
    layer: 'estimate',
    reason: 'no_tier_price:ultrafast',
  })
})

test('every part of a total is taken out of it once', async () => {
  const quantities = async (usage: object, fields = {}) =>
    Object.fromEntries(
      (await answer({ usage, ...fields })).lines.map((l: { meter: string; quantity: number }) => [l.meter, l.quantity]),
    )
  expect(
    await quantities(
      {
        input_tokens: 100,
        cache_read_tokens: 60,
        cache_audio_read_tokens: 10,
        input_audio_tokens: 30,
        output_tokens: 50,
        output_audio_tokens: 20,
        output_reasoning_tokens: 5,
      },
      { model: 'gpt-realtime' },
    ),
  ).toEqual({
    input: 20,
    cache_read: 50,
    cache_read_audio: 10,
    input_audio: 20,
    output: 25,
    reasoning: 5,
    output_audio: 20,
  })
  const claude = { provider: 'anthropic', model: 'claude-opus-5' }
  expect(await quantities({ input_tokens: 100, cache_write_tokens: 30, cache_write_1h_tokens: 10 }, claude)).toEqual({
    input: 70,
    cache_write: 20,
    cache_write_1h: 10,
  })
  expect(await quantities({ web_searches: 2, output_tokens: 1 }, claude)).toEqual({ output: 1, web_searches: 2 })
})

test('parts greater than their total are clamped and flagged, never negative', async () => {
  const clamped = await answer({
    usage: { input_tokens: 100, cache_read_tokens: 150, output_tokens: 5, output_reasoning_tokens: 9 },
  })
  expect(clamped).toMatchObject({ flags: ['clamped', 'usage_inconsistent'], status: 'priced', cost_usd: '0.0002775' })
  expect(await answer({ usage: { input_tokens: 10, output_tokens: 1, novel_tokens: 7 } })).toMatchObject({
    flags: ['unknown_usage:novel_tokens'],
  })
})

test('bad lines are answered in their place and the rest goes on; the exit code tells', async () => {
  const bad = [
    'nonsense\n',
    '[1]\n',
    line({ at: 'yesterday' }),
    line({ at: undefined }),
    line({ usage: { input_tokens: -1 } }),
    line({ usage: { input_tokens: 1.5 } }),
    line({ usage: { input_tokens: '7' } }),
    line({ usage: undefined }),
    line({ model: undefined }),
    line({ model: 7 }),
    line({ reported_cost_usd: -1 }),
    line({ reported_cost_usd: 'much' }),
    line({ usage: { is_byok: 'maybe' } }),
  ]
  const { code, lines, err } = await run([line({}), ...bad, line({})])
  expect(code).toBe(1)
  expect(lines).toHaveLength(bad.length + 2)
  expect(lines.map((l) => JSON.parse(l)).map((a) => a.line ?? a.status)).toEqual([
    'priced',
    ...bad.map((_, i) => i + 2),
    'priced',
  ])
  expect(JSON.parse(lines[1] ?? '')).toMatchObject({
    id: null,
    status: 'unpriced',
    cost_usd: null,
    error: 'line 2: not JSON',
    line: 2,
  })
  expect(JSON.parse(lines[3] ?? '')).toMatchObject({
    id: 1,
    status: 'unpriced',
    error: 'line 4: at: expected an RFC 3339 time such as 2026-11-20T08:30:00Z',
    line: 4,
  })
  expect(err).toBe('tokenfuse price: 13 lines could not be read\n')
})

test('chunks may end anywhere; the last line needs no newline; empty lines are nothing', async () => {
  const text = Buffer.from(`\n${line({ id: 'ä€😀' })}\r\n${line({ id: 'b' }).trimEnd()}`)
  const bytes = Array.from(text, (_, i) => text.subarray(i, i + 1))
  const { lines } = await run(bytes)
  expect(lines.map((l) => JSON.parse(l).id)).toEqual(['ä€😀', 'b'])
})

test('a line without an end does not fill the memory', async () => {
  const chunks = Array.from({ length: 50 }, () => 'x'.repeat(100_000))
  const { code, lines } = await run([...chunks, '\n', line({})])
  expect(code).toBe(1)
  expect(lines.map((l) => JSON.parse(l)).map((a) => a.error ?? a.status)).toEqual([
    'line 1: longer than 1000000 characters',
    'priced',
  ])
})

test('times: zones, fractions, either case', async () => {
  for (const good of ['2026-11-20T12:00:00.123456Z', '2026-11-20T13:00:00+01:00', '2026-11-20t12:00:00z'])
    expect((await answer({ at: good })).status).toBe('priced')
  const peak = (time: string) =>
    answer({ provider: 'deepseek', model: 'deepseek-flash', at: time, usage: { input_tokens: 100 } })
  expect((await peak('2026-11-20T09:00:00+08:00')).card).toBe('deepseek/deepseek-flash/peak_01')
  expect((await peak('2026-11-20T09:00:00Z')).card).toBe('deepseek/deepseek-flash/peak_06')
})

test('--explain says it in words', async () => {
  const { out } = await run(
    [line({ id: 'x' }), line({ id: 'y', model: 'gpt-99' }), line({ id: 'z', model: 'gpt-5.5', region: 'eu' })],
    '--explain',
  )
  expect(out).toContain('x: openai gpt-4o at 2026-11-20T12:00:00.000Z')
  expect(out).toContain('1000 input × 0.0000025 USD per token = 0.0025 USD')
  expect(out).toContain('total 0.004125 USD')
  expect(out).toContain('source: https://')
  expect(out).toContain('Data residency endpoints')
  expect(out).toContain('no price (unknown_model): the cost is unknown, which is not 0')
})

test('options', async () => {
  expect(await run([], '--help')).toMatchObject({ code: 0, err: '' })
  expect((await run([], '--explian')).code).toBe(2)
  expect(await run([])).toMatchObject({ code: 0, out: '' })
})
