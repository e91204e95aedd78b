import type { Random } from './random.ts'
import { type Draft, GROUP, I32, I64, LEN, leaf, VARINT, varintBytes } from './tree.ts'

/**
 * Another way of writing the same message: fields in another order, values before their keys, varints longer than they
 * need be, fields that nobody knows. See also {@link overridden}. Every reader must understand the same.
 */
export function rewritten(fields: readonly Draft[], type: string, random: Random): Draft[] {
  const inner = fields.map((field) =>
    field.type === undefined ? field : { ...field, fields: rewritten(field.fields, field.type, random) },
  )
  const moved = random.chance(0.5) && type !== 'AnyValue' ? reordered(inner, random) : inner
  return random.chance(0.3) ? withUnknown(moved, random) : moved
}

/** Fields of one number keep their order among themselves; in a oneof all of them must, so that one is left alone. */
function reordered(fields: readonly Draft[], random: Random): Draft[] {
  const byNumber = new Map<number, Draft[]>()
  for (const field of fields) byNumber.set(field.number, [...(byNumber.get(field.number) ?? []), field])
  const queues = [...byNumber.values()]
  const out: Draft[] = []
  while (out.length < fields.length) {
    const next = random.pick(queues.filter((queue) => queue.length > 0)).shift()
    if (next !== undefined) out.push(next)
  }
  return out
}

function withUnknown(fields: readonly Draft[], random: Random): Draft[] {
  const at = random.below(fields.length + 1)
  return [...fields.slice(0, at), unknown(random), ...fields.slice(at)]
}

/** A field of a number that no message of OTLP has. */
export function unknown(random: Random): Draft {
  const number = random.pick([100, 999, 1001, 536_870_911])
  switch (random.below(5)) {
    case 0:
      return leaf(number, VARINT, varintBytes(BigInt(random.below(2 ** 31)) << 20n))
    case 1:
      return leaf(number, I64, random.bytes(8))
    case 2:
      return leaf(number, I32, random.bytes(4))
    case 3:
      return leaf(number, LEN, random.bytes(random.below(40)))
    default: {
      const inside = Buffer.concat([Buffer.from([0x08, 0x07, 0x12, 0x02]), random.bytes(2)])
      return leaf(number, GROUP, Buffer.concat([inside, varintBytes((BigInt(number) << 3n) | 4n)]))
    }
  }
}

/** Puts before a scalar another one of the same field, which the later one overrides. */
export function overridden(fields: readonly Draft[], random: Random): Draft[] {
  return fields.flatMap((field) => {
    if (field.type !== undefined) return [{ ...field, fields: overridden(field.fields, random) }]
    return random.chance(0.05) ? [decoyOf(field, random), field] : [field]
  })
}

function decoyOf(field: Draft, random: Random): Draft {
  // Ids keep their length: one of another length is an error wherever it stands.
  const size = field.body.length === 16 || field.body.length === 8 ? field.body.length : random.below(9)
  if (field.wire === LEN) return leaf(field.number, LEN, random.bytes(size).map((b) => b & 0x7f) as Buffer)
  if (field.wire === VARINT) return leaf(field.number, VARINT, varintBytes(BigInt(random.below(100))))
  return leaf(field.number, field.wire, random.bytes(field.body.length))
}

/** What `encode` asks for: now and then a varint that is too long. */
export const paddings = (random: Random, probability: number) => (): number =>
  random.chance(probability) ? 1 + random.below(3) : 0
