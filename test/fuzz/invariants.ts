import assert from 'node:assert/strict'
import { attributeKey } from '../../otlp/attributes.ts'
import { ItemBatch } from '../../otlp/batch.ts'
import { KeyTable } from '../../otlp/keys.ts'
import { Malformed } from '../../otlp/malformed.ts'
import type { Signal } from '../../pipeline/component.ts'
import { oracle } from '../support/oracle.ts'
import { type AttributeView, attributeOf, countPoints, type ItemView, reference } from './reference.ts'
import { described, type InProcess } from './target.ts'
import { type Field, fieldsOf, isKnown, LEN, parse } from './tree.ts'

/** What must hold for any bytes whatsoever; each function throws an AssertionError that says what did not. */

const ATTRIBUTES = { traces: 9, logs: 6 } as const
const TYPES = {
  traces: ['traces', 'ResourceSpans', 'ScopeSpans', 'Span'],
  logs: ['logs', 'ResourceLogs', 'ScopeLogs', 'LogRecord'],
} as const

/** Keys by exact name and by prefix, some of them all but equal, for the scan by itself. */
const WANTED = [
  ...['gen_ai.operation.name', 'gen_ai.request.model', 'gen_ai.usage.input_tokens', 'gen_ai.usage.*', 'session.id'],
  ...['tokenfuse.*', 'gen_ai.usage.cost', 'service.name', 'error.type', 'x', 'llm.*', 'gen_ai.tool.name', 'user.id'],
]
const isWanted = (key: string): boolean =>
  WANTED.some((name) => (name.endsWith('*') ? key.startsWith(name.slice(0, -1)) : name === key))
const batch = new ItemBatch(new KeyTable(WANTED))

/** Why protobufjs does not take it. It reads on behind the end of a broken message, so its yes is not enough by itself. */
function oracleObjects(signal: Signal, bytes: Buffer): string | undefined {
  try {
    oracle(signal).decode(bytes)
    return undefined
  } catch (error) {
    return String(error)
  }
}

/** The scan sees what the plain decoder sees, and what is added stands where it must, with nothing else changed. */
export function checkScan(bytes: Buffer, signal: 'traces' | 'logs'): 'read' | 'malformed' {
  const want = reference(bytes, signal)
  try {
    batch.load(bytes, signal)
  } catch (error) {
    assert.ok(error instanceof Malformed, `threw ${String(error)}`)
    assert.ok(want === undefined || want.badIds > 0 || want.disputed, `refused what is well-formed: ${error.message}`)
    return 'malformed'
  }
  if (want !== undefined && !want.disputed) {
    assert.equal(batch.count, want.items.length, 'number of items')
    for (const [i, item] of want.items.entries()) assert.deepEqual(viewOf(i), expected(item), `item ${i}`)
  }
  assert.equal(batch.spliced(), bytes, 'nothing added must be the same buffer')
  checkSplice(bytes, signal)
  return 'read'
}

const expected = (item: ItemView): ItemView => ({
  ...item,
  attributes: item.attributes.filter(({ key }) => isWanted(key)),
  resource: item.resource.filter(({ key }) => isWanted(key)),
})

function viewOf(i: number): ItemView {
  const { index, bytes } = batch
  const hex = (at: number, size: number): string => (at < 0 ? '' : bytes.toString('hex', at, at + size))
  const text = (at: number, size: number): string => (at < 0 ? '' : bytes.toString('latin1', at, at + size))
  const fixed = (at: number): string => (at < 0 ? '' : bytes.readBigUInt64LE(at).toString())
  const scope = index.itemScope[i] ?? -1
  const resource = index.scopeResource[scope] ?? -1
  return {
    trace: hex(index.itemTrace[i] ?? -1, 16),
    span: hex(index.itemSpan[i] ?? -1, 8),
    parent: hex(index.itemParent[i] ?? -1, 8),
    name: text(index.itemName[i] ?? -1, index.itemNameLen[i] ?? 0),
    kind: index.itemKind[i] ?? -1,
    status: index.itemStatus[i] ?? -1,
    start: fixed(index.itemStart[i] ?? -1),
    finish: fixed(index.itemFinish[i] ?? -1),
    attributes: hits(index.itemHitFrom[i] ?? 0, index.itemHitTo[i] ?? 0),
    scopeName: text(index.scopeName[scope] ?? -1, index.scopeNameLen[scope] ?? 0),
    scopeVersion: text(index.scopeVersion[scope] ?? -1, index.scopeVersionLen[scope] ?? 0),
    resource: hits(index.resourceHitFrom[resource] ?? 0, index.resourceHitTo[resource] ?? 0),
  }
}

function hits(from: number, to: number): AttributeView[] {
  const { index } = batch
  return Array.from({ length: to - from }, (_, n) => {
    const h = from + n
    const [key, type] = [batch.keyOf(h), index.hitType[h] ?? 0]
    if (type === 0) return { key, type, value: '' }
    const isText = type === 1 || type >= 5
    return { key, type, value: isText ? batch.rawOf(h).toString('hex') : String(index.hitNum[h]) }
  })
}

/** Adds to every other item, in an order that makes pieces, and looks at what comes out. */
function checkSplice(bytes: Buffer, signal: 'traces' | 'logs'): void {
  for (let i = 0; i < batch.count; i += 2) batch.addString(i, attributeKey('tokenfuse.x'), 'v'.repeat(i % 300))
  for (let i = batch.count - 1; i >= 0; i -= 3) batch.addInt(i, attributeKey('tokenfuse.n'), i * 1e9)
  const touched = batch.count > 0
  const out = batch.spliced()
  assert.equal(out === bytes, !touched, 'another buffer exactly when something was added')
  checkOnlyAdded(bytes, out, signal)
}

const isOurs = (key: string): boolean => key.startsWith('tokenfuse.') || key === 'gen_ai.usage.cost'

/**
 * Every byte of the input stands in the output, in its place, but for lengths of what grew; behind the fields of an item
 * stand attributes of ours, each key once, and the item has lost exactly the ones that they replace.
 */
export function checkOnlyAdded(before: Buffer, after: Buffer, signal: 'traces' | 'logs'): void {
  if (before === after) return
  compareLevel(before, after, 0, signal)
}

function compareLevel(before: Buffer, after: Buffer, level: number, signal: 'traces' | 'logs'): void {
  if (before.equals(after)) return
  const type = TYPES[signal][level] ?? ''
  const [old, now] = [fieldsOf(before), fieldsOf(after)]
  if (level === 3) {
    compareItem(old, now, signal)
    return
  }
  assert.equal(now.length, old.length, `${type} has another number of fields`)
  for (const [i, field] of old.entries()) {
    const changed = now[i]
    assert.ok(changed !== undefined)
    if (changed.raw.equals(field.raw)) continue
    const isInner = isKnown(type, field) && field.number === (level === 0 ? 1 : 2)
    assert.ok(isInner && changed.number === field.number && changed.wire === field.wire, `field of ${type} changed`)
    compareLevel(field.body, changed.body, level + 1, signal)
  }
}

function compareItem(old: readonly Field[], now: readonly Field[], signal: 'traces' | 'logs'): void {
  const number = ATTRIBUTES[signal]
  const keyOf = (field: Field): string | undefined =>
    field.number === number && field.wire === LEN ? keyIn(field.body) : undefined
  const dropped: Field[] = []
  let kept = 0
  for (const field of old) {
    if (now[kept]?.raw.equals(field.raw) === true) kept++
    else dropped.push(field)
  }
  const keys = now.map(keyOf)
  for (const field of [...dropped, ...now.slice(kept)]) {
    const key = keyOf(field)
    assert.ok(
      key !== undefined && isOurs(key),
      `a field of an item changed that is not ours: ${field.raw.toString('hex')}`,
    )
    assert.equal(keys.filter((k) => k === key).length, 1, `${key} does not stand once`)
  }
}

function keyIn(keyValue: Buffer): string | undefined {
  const message = parse(keyValue, 'KeyValue')
  return message === undefined ? undefined : attributeOf(message).key
}

/** The whole way through a pipeline with every processor. */
export function checkPipeline(bytes: Buffer, signal: Signal, target: InProcess): string {
  const { outcome, accepted } = target.consume(signal, bytes)
  assert.equal(target.faults(), 0, 'a processor threw')
  if (outcome.kind === 'invalid') {
    const want = signal === 'metrics' ? undefined : reference(bytes, signal)
    const allBad = want !== undefined && want.badIds > 0 && want.badIds === want.items.length
    assert.ok(want === undefined || want.disputed || allBad, `refused what is well-formed: ${outcome.message}`)
    if (signal === 'metrics')
      assert.equal(countPoints(bytes), undefined, `refused what is well-formed: ${outcome.message}`)
    return 'invalid'
  }
  assert.ok(outcome.kind === 'accepted' || outcome.kind === 'partial', outcome.kind)
  if (accepted === undefined) return 'empty'
  if (signal === 'metrics') {
    assert.equal(accepted.bytes, bytes, 'metrics leave as they came')
    return outcome.kind
  }
  const want = reference(bytes, signal)
  if (outcome.kind === 'partial') {
    assert.equal(outcome.rejected, want?.badIds ?? outcome.rejected, 'rejected')
    if (want !== undefined) assert.equal(accepted.items, want.items.length - want.badIds, 'kept')
  }
  if (want !== undefined && !want.disputed && oracleObjects(signal, bytes) === undefined)
    assert.equal(oracleObjects(signal, accepted.bytes), undefined, 'the output cannot be decoded')
  if (outcome.kind === 'accepted') checkOnlyAdded(bytes, accepted.bytes, signal)
  return outcome.kind
}

/** Two forms of one request are understood alike. The targets have seen the same so far. */
export function checkAlike(one: Buffer, other: Buffer, signal: Signal, targets: readonly [InProcess, InProcess]): void {
  const [a, b] = [targets[0].consume(signal, one), targets[1].consume(signal, other)]
  assert.deepEqual(b.outcome, a.outcome)
  assert.equal(b.accepted?.items, a.accepted?.items)
  assert.deepEqual(b.accepted?.calls.map(described), a.accepted?.calls.map(described))
  assert.deepEqual(b.accepted?.verdicts, a.accepted?.verdicts)
}
