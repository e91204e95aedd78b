import { FLAGS } from '../../genai/dialects/flags.ts'
import { DIALECTS } from '../../genai/dialects/table.ts'
import { VOCABULARIES } from '../../genai/dialects/vocabularies.ts'
import { COMMON_METERS, quantityOf, RARE_METERS, totalInput, totalOutput } from '../../genai/usage.ts'
import { testHost } from '../../test/support/host.ts'
import { decodeRequest, encodeRequest } from '../../test/support/oracle.ts'
import { WANTED } from './fields.ts'
import { factory } from './index.ts'
import { feeder, type Signal } from './testing/golden.ts'

/** Attributes of any type at any place, of dialects that contradict each other, in spans and in log records. */

function sequence(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0
    let x = Math.imul(state ^ (state >>> 16), 0x45d9f3b)
    x ^= x >>> 16
    return (x >>> 0) / 2 ** 32
  }
}

const of = <T>(random: () => number, list: readonly T[]): T => list[Math.floor(random() * list.length)] as T

const SCOPES = ['', 'x', ...DIALECTS.flatMap(({ scopes }) => scopes.map((scope) => scope.replace(/\*$/, '')))]
const SERVICES = ['', 'x', ...DIALECTS.flatMap(({ services }) => services ?? [])]
const EVENTS = ['', 'x', ...DIALECTS.flatMap(({ events, repeats }) => [...(events ?? []), ...(repeats ?? [])])]
const NAMES = ['', 'chat m', 'invoke_agent a', 'call_llm', 'LLM Generation', 'raw_gen_ai_request', 'agent run']
const TEXTS = [
  ...['', ' ', 'chat', 'LLM', 'invoke_agent', 'execute_tool', 'AGENT', 'generation', 'openai', 'anthropic', 'gpt-4o'],
  ...['claude-sonnet-4-5', '100', '-3', 'NaN', '1e400', '٣', '0x10', 'Infinity', '9007199254740993', 'true', '\u0000'],
  ...['{"input_tokens":7,"cache_read_input_tokens":-1}', '{"usage":{"inputTokens":"5"}}', '{"anthropic":null}', '[{}]'],
  ...["{'prompt_tokens': 5}", '{"input":1e99}', '{"__proto__":{"input":5}}', '{"usage_metadata":[]}', 'null', '{'],
]
const NUMBERS = [0, 1, 7, 100, 1000, -1, -100, 2 ** 31, 2 ** 53 - 1, -(2 ** 53)]
const DOUBLES = [0, -0, 1.5, 100, Number.NaN, Number.POSITIVE_INFINITY, -1e300, 2 ** 53, 1e-9]

function value(random: () => number, depth = 0): object {
  switch (Math.floor(random() * (depth > 2 ? 5 : 8))) {
    case 0:
    case 1:
      return { intValue: of(random, NUMBERS) }
    case 2:
      return { stringValue: of(random, TEXTS) }
    case 3:
      return { doubleValue: of(random, DOUBLES) }
    case 4:
      return { boolValue: random() < 0.5 }
    case 5:
      return { bytesValue: Buffer.from([1, 2, 255]) }
    case 6:
      return { arrayValue: { values: [value(random, depth + 1), value(random, depth + 1)] } }
    default:
      return random() < 0.3
        ? {}
        : {
            kvlistValue: {
              values: [{ key: of(random, WANTED), value: value(random, depth + 1) }, { key: 'input_tokens' }],
            },
          }
  }
}

const some = (random: () => number, max: number): object[] =>
  Array.from({ length: Math.floor(random() * max) }, () => ({
    key: random() < 0.03 ? '' : of(random, WANTED),
    ...(random() < 0.02 ? {} : { value: value(random) }),
  }))

/** Something that would be a call if the rest let it. */
function plausible(random: () => number): object[] {
  if (random() < 0.2) return []
  const { input, output, cacheRead } = of(random, VOCABULARIES)
  const count = (): object => ({ intValue: Math.floor(random() * 2000) })
  return [
    { key: 'gen_ai.operation.name', value: { stringValue: of(random, ['chat', 'invoke_agent', 'embeddings', 'x']) } },
    { key: 'gen_ai.request.model', value: { stringValue: of(random, ['gpt-4o', 'claude-sonnet-4-5', 'm']) } },
    { key: of(random, input), value: count() },
    { key: of(random, output), value: count() },
    ...cacheRead.slice(0, 1).map((key) => ({ key, value: count() })),
  ]
}

const id = (random: () => number, length: number): Buffer =>
  random() < 0.1 ? Buffer.alloc(of(random, [0, length])) : Buffer.alloc(length, 1 + Math.floor(random() * 200))

function request(random: () => number): { bytes: Buffer; signal: Signal } {
  const signal: Signal = random() < 0.7 ? 'traces' : 'logs'
  const items = Array.from({ length: 1 + Math.floor(random() * 12) }, () => {
    const common = {
      attributes: [...plausible(random), ...some(random, 6)].sort(() => random() - 0.5),
      traceId: id(random, 16),
      spanId: id(random, 8),
    }
    if (signal === 'logs') {
      const event = { key: 'event.name', value: { stringValue: of(random, EVENTS) } }
      return { ...common, attributes: [event, ...common.attributes], timeUnixNano: '1763900000000000000' }
    }
    return { ...common, parentSpanId: id(random, 8), name: of(random, NAMES), endTimeUnixNano: '1763900000000000000' }
  })
  const resource = {
    attributes: [{ key: 'service.name', value: { stringValue: of(random, SERVICES) } }, ...some(random, 3)],
  }
  const scope = { name: of(random, SCOPES), version: '1' }
  const body =
    signal === 'traces'
      ? { resourceSpans: [{ resource, scopeSpans: [{ scope, spans: items }] }] }
      : { resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords: items }] }] }
  return { bytes: encodeRequest(signal, body), signal }
}

/** No bucket of one call can hold more than all the counts that its span could have given it. */
const MOST = 64 * (2 ** 53 - 1)

test('no throw, no negative or fractional bill, no unknown flag, and what comes out is readable', () => {
  const seed = Math.trunc(Number(process.env['SEED'] ?? 20_261_126))
  const random = sequence(seed)
  const host = testHost()
  const settings = { max_entries: 4096, rollup_grace: 60_000, signal_of_record: {} }
  const feeds = { traces: feeder(factory.create(settings, host)), logs: feeder(factory.create(settings, host)) }
  const problems: string[] = []
  const met = new Set<string>()
  let calls = 0
  for (let i = 0; i < 2500; i++) {
    const { bytes, signal } = request(random)
    const batch = feeds[signal](bytes, signal)
    if (i % 50 === 0) host.clock.advance(10_000)
    for (const call of batch.calls) {
      calls++
      met.add(call.dialect)
      const sign = call.flags.includes('correction') ? -1 : 1
      for (const meter of [...COMMON_METERS, ...RARE_METERS]) {
        const quantity = quantityOf(call.usage, meter)
        if (quantity !== undefined && (!Number.isInteger(quantity) || quantity * sign < 0 || quantity > MOST))
          problems.push(`${i}: ${call.dialect} ${meter} ${quantity}`)
      }
      if (!Number.isFinite(totalInput(call.usage) + totalOutput(call.usage))) problems.push(`${i}: total`)
      for (const flag of call.flags) if (!FLAGS.some((known) => known === flag)) problems.push(`${i}: ${flag}`)
      if (call.reportedPico !== undefined && call.reportedPico <= 0) problems.push(`${i}: cost ${call.reportedPico}`)
    }
    if (i % 10 === 0) {
      const text = JSON.stringify(decodeRequest(signal, batch.items.spliced()))
      const added = text.match(/tokenfuse\.bill\.status/g)?.length ?? 0
      const annotated = batch.calls.filter((call) => call.item >= 0).length
      // Tools that report usage are annotated without being calls.
      if (added < annotated) problems.push(`${i}: ${annotated} calls, ${added} marked`)
    }
  }
  expect({ seed, problems: problems.slice(0, 5) }).toEqual({ seed, problems: [] })
  // The noise is not so loud that nothing is understood any more.
  expect(calls).toBeGreaterThan(5000)
  expect(met.size).toBeGreaterThan(DIALECTS.length * 0.7)
})
