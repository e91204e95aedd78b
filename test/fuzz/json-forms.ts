import { damaged } from './mutate.ts'
import type { Random } from './random.ts'

type Json = { [key: string]: Json } | Json[] | string | number | boolean | null

/** What senders, and attackers, write where a number, an id, a text or a list is expected. */
const ODD: readonly Json[] = [
  ...[
    null,
    true,
    0,
    -1,
    Number.POSITIVE_INFINITY,
    1.5,
    12,
    '12',
    '-9223372036854775808',
    '18446744073709551616',
    '',
    'NaN',
    '0af7',
    'zz',
  ],
  ...['AAEC/w==', '\u0000', '\ud800', 'é😀', 'SPAN_KIND_CLIENT', [], {}, [[]], [null], { stringValue: 'x' }],
  ...[{ intValue: '7' }, { doubleValue: 'Infinity' }, { arrayValue: { values: [{}] } }, 'x'.repeat(3000)],
]

/** OTLP/JSON with a few things wrong or odd about it, as text. */
export function oddJson(document: object, random: Random): Buffer {
  const copy = JSON.parse(JSON.stringify(document)) as Json
  for (let i = random.below(4); i > 0; i--) change(copy, random)
  const text = written(copy, random)
  const bytes = Buffer.from(random.chance(0.1) ? `\ufeff${text}` : text)
  return random.chance(0.2) ? damaged(bytes, random) : bytes
}

/** A copy, since what is put in may be changed next. */
const odd = (random: Random): Json => structuredClone(random.pick(ODD))

function change(root: Json, random: Random): void {
  const holder = anyHolder(root, random)
  if (Array.isArray(holder)) {
    const at = random.below(holder.length + 1)
    if (random.chance(0.3)) holder.splice(at, 1)
    else holder.splice(at, random.below(2), odd(random))
    return
  }
  const key = random.pick([...Object.keys(holder), 'unknownField'])
  const value = holder[key] ?? null
  switch (random.below(4)) {
    case 0:
      delete holder[key]
      return
    case 1:
      delete holder[key]
      holder[random.pick([snake(key), key.toUpperCase(), `${key}x`])] = value
      return
    default:
      holder[key] = odd(random)
  }
}

const snake = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

function anyHolder(root: Json, random: Random): Json[] | { [key: string]: Json } {
  let holder = root as Json[] | { [key: string]: Json }
  for (;;) {
    const inner = Object.values(holder).filter((v): v is Json[] => typeof v === 'object' && v !== null)
    if (inner.length === 0 || random.chance(0.15)) return holder
    holder = random.pick(inner)
  }
}

/** As text: with white space, escapes, and keys that stand twice. */
function written(value: Json, random: Random): string {
  const gap = (): string => (random.chance(0.02) ? random.pick([' ', '\n\t', '\r\n  ']) : '')
  if (typeof value === 'string') return random.chance(0.03) ? escaped(value) : JSON.stringify(value)
  if (typeof value === 'number') return String(value) === 'Infinity' ? '1e400' : String(value)
  if (Array.isArray(value)) return `[${gap()}${value.map((v) => written(v, random)).join(`${gap()},${gap()}`)}${gap()}]`
  if (typeof value !== 'object' || value === null) return String(value)
  const members = Object.entries(value).map(([k, v]) => `${JSON.stringify(k)}${gap()}:${gap()}${written(v, random)}`)
  if (random.chance(0.005) && members[0] !== undefined) members.push(members[0])
  return `{${gap()}${members.join(`${gap()},`)}${gap()}}`
}

const escaped = (text: string): string =>
  `"${[...text].map((c) => (c.length === 1 ? `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}` : c)).join('')}"`
