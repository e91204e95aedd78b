import { overridden, paddings, rewritten } from './equivalent.ts'
import { damaged, mutated } from './mutate.ts'
import type { Random } from './random.ts'
import type { Seed } from './seeds.ts'
import { type Draft, draftOf, encode, LEN, leaf, parse } from './tree.ts'

/** The request as it is, or with awkward values in it, and the same request written in another way. */
export function equivalentOf(seed: Seed, random: Random): readonly [Buffer, Buffer] {
  const tree = parse(seed.bytes, seed.signal)
  if (tree === undefined) return [seed.bytes, seed.bytes]
  const fields = renewed(draftOf(tree), random.bytes(16), random.below(1e9))
  const other = random.chance(0.5) ? overridden(fields, random) : fields
  const probability = random.pick([0, 0.02, 0.3])
  return [encode(fields), encode(rewritten(other, seed.signal, random), paddings(random, probability))]
}

/** A request that somebody got wrong, or that somebody made up. */
export function mutantOf(seed: Seed, donor: Seed, random: Random): Buffer {
  const tree = parse(seed.bytes, seed.signal)
  if (tree === undefined || random.chance(0.2)) return damaged(seed.bytes, random)
  const gift = parse(donor.bytes, donor.signal)
  const fields = mutated(draftOf(tree), seed.signal, random, draftOf(gift ?? tree))
  const bytes = encode(fields, paddings(random, random.pick([0, 0, 0.1])))
  return random.chance(0.15) ? damaged(bytes, random) : bytes
}

/** Under another trace id and other response ids: what was billed before is not billed again, and would show nothing. */
function renewed(fields: readonly Draft[], trace: Buffer, serial: number, type = ''): Draft[] {
  const key = type === 'KeyValue' ? (fields.find((f) => f.number === 1)?.body.toString() ?? '') : ''
  return fields.map((field) => {
    if (isTraceId(field, type)) return leaf(field.number, LEN, xor(field.body, trace))
    if (key.endsWith('response.id') && field.type === 'AnyValue') return { ...field, fields: [suffixed(field, serial)] }
    return field.type === undefined ? field : { ...field, fields: renewed(field.fields, trace, serial, field.type) }
  })
}

const isTraceId = ({ number, body }: Draft, type: string): boolean =>
  body.length === 16 && ((type === 'Span' && number === 1) || (type === 'LogRecord' && number === 9))
const xor = (a: Buffer, b: Buffer): Buffer => Buffer.from(a.map((byte, i) => byte ^ (b[i] ?? 0)))
const suffixed = (value: Draft, serial: number): Draft =>
  leaf(1, LEN, Buffer.concat([value.fields[0]?.body ?? Buffer.alloc(0), Buffer.from(String(serial))]))
