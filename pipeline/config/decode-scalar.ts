import type { ProblemCode } from './codes.ts'
import { describe, hides } from './describe.ts'
import { DURATION_MAX_MS, formatDuration, parseDuration } from './duration.ts'
import type { Node } from './located.ts'
import { suggestion } from './nearest.ts'
import type { Field } from './spec.ts'

/** What a scalar field makes of a value. */
export type Scalar =
  | { readonly ok: true; readonly value: string | number | boolean }
  | { readonly ok: false; readonly code: ProblemCode; readonly message: string }

/** The value is not null. */
export function decodeScalar(field: Field<unknown>, node: Node): Scalar {
  switch (field.kind) {
    case 'boolean':
      return boolean(field, node)
    case 'integer':
      return integer(field, node)
    case 'number':
      return number(field, node)
    case 'duration':
      return duration(field, node)
    case 'usd':
      return usd(field, node)
    case 'choice':
      return choice(field, node)
    default:
      return string(field, node)
  }
}

const ok = (value: string | number | boolean): Scalar => ({ ok: true, value })
const no = (code: ProblemCode, message: string): Scalar => ({ ok: false, code, message })

const expected = (what: string, field: Field<unknown>, node: Node, advice: string): Scalar =>
  no('wrong_type', `expected ${what}, got ${describe(field, node)}; ${advice}`)

function string(field: Field<unknown>, node: Node): Scalar {
  const value = node.raw ?? (node.kind === 'scalar' && typeof node.value === 'string' ? node.value : undefined)
  if (value === undefined) {
    const quoted = node.kind === 'scalar' && !hides(field, node) ? `: ${JSON.stringify(node.text)}` : ''
    const advice = node.kind === 'scalar' ? `put it in quotes${quoted}` : such(field, 'write one text')
    return expected('a string', field, node, advice)
  }
  const pattern = field.options.pattern
  if (pattern === undefined || new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, '')).test(value))
    return ok(value)
  const must = such(field, `it must match ${pattern.source}`)
  return no('bad_pattern', `${describe(field, node)} does not have the required form; ${must}`)
}

function boolean(field: Field<unknown>, node: Node): Scalar {
  if (node.kind === 'scalar' && typeof node.value === 'boolean') return ok(node.value)
  return expected('true or false', field, node, 'write true or false, without quotes')
}

function integer(field: Field<unknown>, node: Node): Scalar {
  if (node.kind !== 'scalar' || typeof node.value !== 'number' || !INTEGER.test(node.text)) {
    return expected('an integer', field, node, numberAdvice(node, such(field, 'write digits only, without quotes')))
  }
  if (!Number.isSafeInteger(node.value)) return no('out_of_range', `${shown(field, node)} is beyond 2^53`)
  return ranged(field, node, node.value, String)
}

const INTEGER = /^([-+]?(0|[1-9]\d*)|0x[0-9a-fA-F]+|0o[0-7]+)$/

function number(field: Field<unknown>, node: Node): Scalar {
  const plain = node.kind === 'scalar' && typeof node.value === 'number' && !LEADING_ZERO.test(node.text)
  if (!plain || typeof node.value !== 'number' || !Number.isFinite(node.value)) {
    return expected('a number', field, node, numberAdvice(node, such(field, 'write a plain number, without quotes')))
  }
  return ranged(field, node, node.value, String)
}

/** `0123` is 83 in YAML 1.1 and 123 in YAML 1.2; the Collector reads the first, most people the second. */
const LEADING_ZERO = /^[-+]?0\d/
const numberAdvice = (node: Node, advice: string): string =>
  node.kind === 'scalar' && LEADING_ZERO.test(node.text) ? 'a leading 0 may mean octal; write it without' : advice

function duration(field: Field<unknown>, node: Node): Scalar {
  if (node.kind !== 'scalar' || typeof node.value === 'boolean') {
    return expected('a duration', field, node, such(field, 'write for example 300ms, 5s, 1m30s or 26h'))
  }
  const ms = parseDuration((node.raw ?? node.text).trim())
  if (ms !== undefined && ms > DURATION_MAX_MS) return no('out_of_range', 'longer than a hundred years; check the unit')
  if (ms !== undefined) return ranged(field, node, ms, formatDuration)
  const advice =
    typeof node.value === 'number' ? 'add a unit, for example 5s' : 'write for example 300ms, 5s, 1m30s, 26h, 35d'
  return no('bad_duration', `expected a duration, got ${describe(field, node)}; ${advice}`)
}

const USD = /^(0|[1-9]\d*)(\.\d+)?$/

function usd(field: Field<unknown>, node: Node): Scalar {
  const advice = 'write USD as plain digits, for example 25 or 0.50'
  if (node.kind !== 'scalar' || typeof node.value === 'boolean') return expected('a number', field, node, advice)
  const text = (node.raw ?? node.text).trim()
  if (typeof node.value === 'string' && !/\d/.test(text)) return expected('a number', field, node, advice)
  const decimals = /\.(\d+?)0*$/.exec(text)?.[1]?.length ?? 0
  if (USD.test(text) && decimals <= 12 && text.length <= 40) return ok(text)
  const limit = 'no sign, exponent, separator or leading zero, at most 12 digits behind the point'
  return no('bad_amount', `expected a number, got ${describe(field, node)}; ${advice} (${limit})`)
}

function choice(field: Field<unknown>, node: Node): Scalar {
  const choices = field.options.choices ?? []
  const value = node.kind === 'scalar' && typeof node.value === 'string' ? node.value : node.raw
  if (value !== undefined && choices.includes(value)) return ok(value)
  const near = value === undefined || hides(field, node) ? '' : suggestion(value, choices, 'write one of them')
  const hint = near.includes('did you mean') ? near : '; write one of them'
  return no('bad_choice', `expected one of ${choices.join(', ')}, got ${describe(field, node)}${hint}`)
}

function ranged(field: Field<unknown>, node: Node, value: number, text: (value: number) => string): Scalar {
  const { min, max } = field.options
  if (min !== undefined && value < min)
    return no('out_of_range', `${shown(field, node)} is too small; the least is ${text(min)}`)
  if (max !== undefined && value > max)
    return no('out_of_range', `${shown(field, node)} is too large; the most is ${text(max)}`)
  return ok(value)
}

const shown = (field: Field<unknown>, node: Node): string =>
  hides(field, node) || node.kind !== 'scalar' ? describe(field, node) : node.text

/** The field's own example when it has one. */
function such(field: Field<unknown>, otherwise: string): string {
  const [example] = field.options.examples ?? []
  return example === undefined ? otherwise : `write for example ${JSON.stringify(example)}`
}
