import { decodeScalar } from './decode-scalar.ts'
import { describe, holdsSecret } from './describe.ts'
import { isNull, locate, type MapNode, type Node, nodeOf, placeOf, plainOf, stepOf } from './located.ts'
import { suggestion } from './nearest.ts'
import type { Path, Place, Report } from './report.ts'
import type { Complaint, Field } from './spec.ts'

/** A value, or nothing because of problems that the report now has. */
export type Decoded<T> = { readonly ok: true; readonly value: T } | { readonly ok: false }

/** Where a value is, or should have been. */
export interface Where {
  readonly path: Path
  /** Of its key, or of the list item. */
  readonly place: Place
}

const FAILED: Decoded<never> = { ok: false }
const done = (value: unknown): Decoded<unknown> => ({ ok: true, value })

/**
 * Reads a value as its field says, with defaults for what is absent. Goes on behind every problem, so that the report
 * has all of them. Null is absence, but for `any`, and for objects, where it means "with all defaults".
 */
export function decode<T>(field: Field<T>, node: Node | undefined, where: Where, report: Report): Decoded<T> {
  // The one place where YAML becomes types: `value` builds exactly what the field describes.
  return new Decoder(report).value(field, node, where) as Decoded<T>
}

class Decoder {
  private readonly report: Report

  constructor(report: Report) {
    this.report = report
  }

  value(field: Field<unknown>, node: Node | undefined, where: Where): Decoded<unknown> {
    this.warnOfDeprecation(field, node, where)
    return this.given(field, node, where)
  }

  private given(field: Field<unknown>, node: Node | undefined, where: Where): Decoded<unknown> {
    if (node?.broken === true) return FAILED
    if (field.kind === 'object') return this.object(field, node, where)
    if (field.kind === 'any' && node !== undefined) return done(plainOf(node))
    if (node === undefined || isAbsent(field, node)) return this.absent(field, where)
    if (field.kind === 'list') return this.list(field, node, where)
    if (field.kind === 'map') return this.map(field, node, where)
    const scalar = decodeScalar(field, node)
    if (scalar.ok) return scalar
    this.report.problem(scalar.code, placeOf(node, where.place), where.path, scalar.message)
    return FAILED
  }

  private absent(field: Field<unknown>, where: Where): Decoded<unknown> {
    const { options, kind } = field
    if (options.default !== undefined) return this.given(field, nodeOf(options.default, where.place), where)
    if (options.optional === true || kind === 'any') return done(undefined)
    if (kind === 'list') return done([])
    if (kind === 'map') return done({})
    this.report.problem('missing', where.place, where.path, `required, but not given; add ${example(field, where)}`)
    return FAILED
  }

  private list(field: Field<unknown>, node: Node, where: Where): Decoded<unknown> {
    const { item } = field
    if (node.kind !== 'list' || item === undefined)
      return this.wrong('a list', field, node, where, 'write [a, b] or "- a"')
    const items = node.items.map((value, index) =>
      this.value(item, emptied(value), { path: [...where.path, index], place: value.place }),
    )
    return together(items, (values) => values)
  }

  private map(field: Field<unknown>, node: Node, where: Where): Decoded<unknown> {
    const { item } = field
    if (node.kind !== 'map' || item === undefined) return this.wrong('a map', field, node, where, 'write "key: value"')
    const keys = [...node.entries.keys()]
    const values = Array.from(node.entries, ([key, entry]) =>
      this.value(item, emptied(entry.value), { path: [...where.path, stepOf(node, key)], place: entry.place }),
    )
    return together(values, (all) => Object.fromEntries(keys.map((key, index) => [key, all[index]])))
  }

  private object(field: Field<unknown>, given: Node | undefined, where: Where): Decoded<unknown> {
    if (given === undefined && field.options.optional === true) return done(undefined)
    const standIn = given === undefined ? field.options.default : {}
    const node = given === undefined || isNull(given) ? nodeOf(standIn ?? {}, where.place) : given
    if (node.kind !== 'map') return this.wrong('a map', field, node, where, 'write its keys below it')
    const fields = field.fields ?? {}
    const known = this.onlyKnown(Object.keys(fields), node, where)
    const values = Object.entries(fields).map(([key, inner]) => {
      const entry = node.entries.get(key)
      return this.value(inner, entry?.value, { path: [...where.path, key], place: entry?.place ?? where.place })
    })
    const whole = together(values, (all) => Object.fromEntries(Object.keys(fields).map((key, i) => [key, all[i]])))
    return known && whole.ok ? this.checked(field, whole.value, node, where) : FAILED
  }

  private onlyKnown(keys: readonly string[], node: MapNode, where: Where): boolean {
    const unknown = Array.from(node.entries).filter(([key]) => !keys.includes(key))
    for (const [key, entry] of unknown) {
      const others = keys.filter((name) => !node.entries.has(name))
      const hint = suggestion(node.origin === undefined ? key : '', others, 'known keys') || '; remove it'
      const from = node.origin === undefined ? '' : ` in ${node.origin}`
      this.report.problem('unknown_key', entry.place, [...where.path, stepOf(node, key)], `unknown key${from}${hint}`)
    }
    return unknown.length === 0
  }

  private checked(field: Field<unknown>, value: unknown, node: Node, where: Where): Decoded<unknown> {
    const check = field.check as ((value: unknown) => readonly Complaint[]) | undefined
    const complaints = check?.(value) ?? []
    for (const complaint of complaints) {
      const { place } = locate(node, complaint.path, where.place)
      this.report.problem('bad_value', place, [...where.path, ...complaint.path], complaint.message)
    }
    return complaints.length === 0 ? done(value) : FAILED
  }

  private wrong(what: string, field: Field<unknown>, node: Node, where: Where, advice: string): Decoded<never> {
    const message = `expected ${what}, got ${describe(field, node)}; ${advice}`
    this.report.problem('wrong_type', placeOf(node, where.place), where.path, message)
    return FAILED
  }

  private warnOfDeprecation(field: Field<unknown>, node: Node | undefined, where: Where): void {
    const text = field.options.deprecated
    if (text === undefined || node === undefined) return
    this.report.warning('deprecated', where.place, where.path, `deprecated: ${text}`)
  }
}

/** An empty environment variable is an empty string to a string field and absence to every other. */
function isAbsent(field: Field<unknown>, node: Node): boolean {
  return isNull(node) && !(field.kind === 'string' && node.raw !== undefined)
}

/** In a list or map a variable that is not set is an empty string: there is no default to fall back to. */
const emptied = (node: Node): Node => (node.unset === true ? { ...node, raw: '' } : node)

function together(values: readonly Decoded<unknown>[], make: (values: unknown[]) => unknown): Decoded<unknown> {
  const all: unknown[] = []
  for (const value of values) if (value.ok) all.push(value.value)
  return all.length === values.length ? done(make(all)) : FAILED
}

/** What to add, with the field's own example when it has one. */
function example(field: Field<unknown>, where: Where): string {
  const [value] = holdsSecret(field) ? [] : (field.options.examples ?? [])
  return `\`${where.path.at(-1) ?? ''}: ${value === undefined ? '…' : JSON.stringify(value)}\``
}
