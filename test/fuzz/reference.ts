import { type Field, I64, isDubious, isKnown, LEN, type Message, parse, VARINT, varintAt } from './tree.ts'

/** What a scan must have seen of one item, read from the tree. Texts but keys as latin1, so that every byte counts. */
export interface ItemView {
  readonly trace: string
  readonly span: string
  readonly parent: string
  readonly name: string
  readonly kind: number
  readonly status: number
  readonly start: string
  readonly finish: string
  readonly attributes: readonly AttributeView[]
  readonly scopeName: string
  readonly scopeVersion: string
  readonly resource: readonly AttributeView[]
}

export interface AttributeView {
  readonly key: string
  /** Field number in AnyValue, 0 = none. */
  readonly type: number
  /** Content of strings, bytes, arrays and lists as hex; numbers as text. */
  readonly value: string
}

export interface Reference {
  readonly items: readonly ItemView[]
  /**
   * Something on which decoders may differ: a known number of a wrong wire type, a tag of more than five bytes, or a
   * singular message that stands twice (the specification merges, many decoders replace).
   */
  readonly disputed: boolean
  /** Items with an id of a length that OTLP does not know. */
  readonly badIds: number
}

const ITEMS = {
  traces: { resources: 'ResourceSpans', trace: 1, span: 2, parent: 4, name: 5, kind: 6, start: 7, finish: 8 },
  logs: { resources: 'ResourceLogs', trace: 9, span: 10, parent: -1, name: 12, kind: 2, start: 1, finish: 11 },
} as const
const ATTRIBUTES = { traces: 9, logs: 6 } as const
type Signal = keyof typeof ITEMS

/** Reads the request by the tree alone; undefined when it is not well-formed down to its last value. */
export function reference(bytes: Buffer, signal: Signal): Reference | undefined {
  const tree = parse(bytes, signal)
  if (tree === undefined) return undefined
  const items = of(tree, 1).flatMap((resourceItems) => {
    const resource = attributesOf(last(of(resourceItems, 1)), 1)
    return of(resourceItems, 2).flatMap((scopeItems) => {
      const scope = last(of(scopeItems, 1))
      return of(scopeItems, 2).map((item) => viewOf(item, signal, scope, resource))
    })
  })
  const badIds = of(tree, 1)
    .flatMap((r) => of(r, 2).flatMap((s) => of(s, 2)))
    .filter((item) => hasBadId(item, signal)).length
  return { items, disputed: isDisputed(tree), badIds }
}

/** Also where a later id of a right length stands behind it. */
function hasBadId(item: Message, signal: Signal): boolean {
  const { trace, span, parent } = ITEMS[signal]
  const isBad = (number: number, size: number): boolean =>
    known(item, number).some(({ body }) => body.length !== size && body.length !== 0)
  return isBad(trace, 16) || isBad(span, 8) || isBad(parent, 8)
}

function viewOf(item: Message, signal: Signal, scope: Message | undefined, resource: AttributeView[]): ItemView {
  const at = ITEMS[signal]
  const status = signal === 'traces' ? last(of(item, 15)) : undefined
  return {
    trace: hexOf(last(known(item, at.trace))),
    span: hexOf(last(known(item, at.span))),
    parent: hexOf(last(known(item, at.parent))),
    name: textOf(last(known(item, at.name))),
    kind: small(last(known(item, at.kind))),
    status: status === undefined ? 0 : small(last(known(status, 3))),
    start: fixed(last(known(item, at.start))),
    finish: fixed(last(known(item, at.finish))),
    attributes: attributesOf(item, ATTRIBUTES[signal]),
    scopeName: scope === undefined ? '' : textOf(last(known(scope, 1))),
    scopeVersion: scope === undefined ? '' : textOf(last(known(scope, 2))),
    resource,
  }
}

const known = (message: Message, number: number): readonly Field[] =>
  message.fields.filter((field) => field.number === number && isKnown(message.type, field))
const of = (message: Message, number: number): Message[] =>
  known(message, number).flatMap((field) => (field.message === undefined ? [] : [field.message]))
const last = <T>(list: readonly T[]): T | undefined => list.at(-1)
/** An id; one of zeros is none. */
const hexOf = (field: Field | undefined): string => (field?.body.toString('hex') ?? '').replace(/^0+$/, '')
const textOf = (field: Field | undefined): string => field?.body.toString('latin1') ?? ''
const fixed = (field: Field | undefined): string => field?.body.readBigUInt64LE().toString() ?? ''

/** Enums as the index keeps them: one byte, what does not fit is 0. */
function small(field: Field | undefined): number {
  const value = field === undefined ? 0n : varintAt(field.body, 0)[0]
  return value < 256n ? Number(value) : 0
}

function attributesOf(message: Message | undefined, number: number): AttributeView[] {
  return message === undefined ? [] : of(message, number).map(attributeOf)
}

export function attributeOf(keyValue: Message): AttributeView {
  const key = last(known(keyValue, 1))?.body.toString() ?? ''
  const value = last(of(keyValue, 2))
  const set = value?.fields.findLast((field) => isKnown('AnyValue', field))
  return set === undefined ? { key, type: 0, value: '' } : { key, type: set.number, value: contentOf(set) }
}

function contentOf({ number, wire, body }: Field): string {
  if (wire === LEN) return body.toString('hex')
  if (wire === I64) return String(body.readDoubleLE())
  const value = varintAt(body, 0)[0]
  // A bool of another value than 1 is true as well; the index keeps what stood there.
  if (number === 2 && wire === VARINT) return String(Number(value))
  return String(Number(BigInt.asIntN(64, value)))
}

const SINGULAR: Readonly<Record<string, readonly number[]>> = {
  ...{ ResourceSpans: [1], ResourceLogs: [1], ScopeSpans: [1], ScopeLogs: [1] },
  ...{ Span: [15], LogRecord: [5], KeyValue: [2], AnyValue: [5, 6] },
}

function isDisputed(message: Message): boolean {
  const singular = SINGULAR[message.type] ?? []
  return (
    message.fields.some((field) => isDubious(message.type, field)) ||
    singular.some((number) => of(message, number).length > 1) ||
    message.fields.some((field) => field.message !== undefined && isDisputed(field.message))
  )
}

/** How many data points a metrics request has; undefined when it is not well-formed. */
export function countPoints(bytes: Buffer): number | undefined {
  const tree = parse(bytes, 'metrics')
  if (tree === undefined) return undefined
  const metrics = of(tree, 1).flatMap((resource) => of(resource, 2).flatMap((scope) => of(scope, 2)))
  const kinds = metrics.flatMap((metric) => metric.fields.flatMap((f) => (DATA.has(f.number) ? [f.message] : [])))
  return kinds.reduce(
    (sum, data) => sum + (data?.fields.filter((f) => f.number === 1 && f.wire === LEN).length ?? 0),
    0,
  )
}

const DATA = new Set([5, 7, 9, 10, 11])
