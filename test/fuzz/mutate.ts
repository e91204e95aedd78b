import { unknown } from './equivalent.ts'
import type { Random } from './random.ts'
import { type Draft, encode, GROUP, I64, LEN, leaf, VARINT, varintBytes } from './tree.ts'

/** Keys that some processor looks at, and shapes of keys that a hash or a prefix may be mistaken about. */
const KEYS = [
  ...[
    'gen_ai.operation.name',
    'gen_ai.system',
    'gen_ai.provider.name',
    'gen_ai.request.model',
    'gen_ai.response.model',
  ],
  ...['gen_ai.response.id', 'gen_ai.usage.input_tokens', 'gen_ai.usage.output_tokens', 'gen_ai.usage.cost'],
  ...[
    'llm.usage.total_tokens',
    'llm.token_count.prompt',
    'langfuse.observation.usage_details',
    'ai.usage.promptTokens',
  ],
  ...['gen_ai.usage.cache_read.input_tokens', 'gen_ai.agent.name', 'gen_ai.conversation.id', 'gen_ai.tool.name'],
  ...[
    'gen_ai.tool.call.arguments',
    'tokenfuse.cost.usd',
    'tokenfuse.',
    'tokenfuse.x',
    'session.id',
    '',
    'g',
    'gen_ai.',
  ],
  ...['gen_ai.usage.input_tokens\0', 'GEN_AI.USAGE.INPUT_TOKENS', 'error.type', 'traceloop.span.kind', 'x'.repeat(200)],
]

/** AnyValues that make trouble: counts in other types, out of range, not finite, empty, deep. */
const VALUES: readonly ((random: Random) => Buffer)[] = [
  () => Buffer.alloc(0),
  (random) =>
    string(
      random.pick(['12', '12.0', '1e3', '-5', '', ' 7 ', '0x10', 'NaN', '9007199254740993', '٣', '1'.repeat(400)]),
    ),
  (random) =>
    string(random.pick(['{', '{"input":5,"output":"7"}', '[1,2', '"', 'null', '{"a":{"b":{"c":1}}}', '\ud800'])),
  (random) =>
    encode([leaf(3, VARINT, varintBytes(random.pick([0n, 1n, 2n ** 31n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n])))]),
  (random) =>
    encode([leaf(4, I64, doubleBytes(random.pick([0, -0, 1.5, -1, 1e308, Number.NaN, Number.POSITIVE_INFINITY])))]),
  (random) => encode([leaf(2, VARINT, varintBytes(random.pick([0n, 1n, 2n, 300n])))]),
  (random) => encode([leaf(7, LEN, random.bytes(random.below(20)))]),
  () => encode([leaf(5, LEN, encode([leaf(1, LEN, string('a')), leaf(1, LEN, Buffer.alloc(0))]))]),
  (random) => deep(1 + random.below(120)),
  (random) => Buffer.concat([string('first'), encode([leaf(3, VARINT, Buffer.from([5]))])].slice(random.below(2))),
]

const string = (text: string): Buffer => encode([leaf(1, LEN, Buffer.from(text))])

function doubleBytes(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(value)
  return bytes
}

function deep(levels: number): Buffer {
  let value = string('at the bottom')
  for (let i = 0; i < levels; i++) value = encode([leaf(5, LEN, encode([leaf(1, LEN, value)]))])
  return value
}

/** A key-value pair of the awkward kind. */
const awkward = (random: Random): Draft => ({
  ...leaf(9, LEN, Buffer.alloc(0)),
  type: 'KeyValue',
  fields: pair(random),
})

function pair(random: Random): Draft[] {
  const fields = [leaf(1, LEN, Buffer.from(random.pick(KEYS))), leaf(2, LEN, random.pick(VALUES)(random))]
  return random.chance(0.1) ? fields.toReversed() : fields
}

/** Changes a few things in a tree, at any depth; the result may or may not be a request any more. */
export function mutated(fields: readonly Draft[], type: string, random: Random, donor: readonly Draft[]): Draft[] {
  const out = structuredCopy(fields)
  for (let i = 1 + random.below(4); i > 0; i--) mutateOnce(anyList(out, type, random), random, donor)
  return out
}

const structuredCopy = (fields: readonly Draft[]): Draft[] =>
  fields.map((field) => ({ ...field, fields: structuredCopy(field.fields) }))

interface Place {
  readonly list: Draft[]
  readonly type: string
}

/** A list of fields somewhere in the tree. */
function anyList(fields: Draft[], type: string, random: Random): Place {
  let place: Place = { list: fields, type }
  for (;;) {
    const inner = place.list.filter((field) => field.type !== undefined)
    if (inner.length === 0 || random.chance(0.2)) return place
    const next = random.pick(inner)
    place = { list: next.fields, type: next.type ?? '' }
  }
}

function mutateOnce({ list, type }: Place, random: Random, donor: readonly Draft[]): void {
  const at = random.below(list.length + 1)
  const field = list[at]
  switch (random.below(10)) {
    case 0:
      list.splice(at, 1)
      return
    case 1:
      if (field !== undefined) list.splice(random.below(list.length + 1), 0, ...structuredCopy([field]))
      return
    case 2:
      list.splice(at, 0, unknown(random))
      return
    case 3:
      if (field !== undefined) field.number = random.pick([1, 2, 3, 4, 5, 9, 15, 1000])
      return
    case 4:
      if (field !== undefined && field.type === undefined) field.wire = random.pick([VARINT, I64, LEN, GROUP, 5])
      return
    case 5:
      if (field !== undefined && field.type === undefined) field.body = damaged(field.body, random)
      return
    case 6:
      if (field !== undefined) list[at] = structuredCopy([random.pick(donor)])[0] ?? field
      return
    case 7:
      list.splice(at, 0, leaf(random.below(20), LEN, random.bytes(random.below(20))))
      return
    default:
      place(list, type, random)
  }
}

/** An awkward attribute where attributes are, or an awkward value in place of one. */
function place(list: Draft[], type: string, random: Random): void {
  if (type === 'KeyValue') list.splice(0, list.length, ...pair(random))
  else if (type === 'LogRecord') list.push({ ...awkward(random), number: 6 })
  else if (type === 'Resource') list.push({ ...awkward(random), number: 1 })
  else list.push(awkward(random))
}

export function damaged(bytes: Buffer, random: Random): Buffer {
  const out = Buffer.from(bytes)
  switch (random.below(5)) {
    case 0:
      return out.subarray(0, random.below(out.length + 1))
    case 1:
      return Buffer.concat([out, random.bytes(1 + random.below(4))])
    case 2: {
      const at = random.below(out.length + 1)
      return Buffer.concat([out.subarray(0, at), random.bytes(1 + random.below(3)), out.subarray(at)])
    }
    case 3: {
      const at = random.below(out.length + 1)
      return Buffer.concat([out.subarray(0, at), out.subarray(at + 1 + random.below(4))])
    }
    default:
      for (let i = 1 + random.below(3); i > 0 && out.length > 0; i--) {
        out[random.below(out.length)] = random.pick([0, 1, 0x7f, 0x80, 0xff, random.below(256)])
      }
      return out
  }
}
