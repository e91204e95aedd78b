import {
  type BillStatus,
  Call,
  type CallRole,
  type Cost,
  type CostLayer,
  type CostLine,
  type CostStatus,
  type IdSource,
  type Tags,
} from '../../genai/call.ts'
import type { Pico } from '../../genai/money.ts'
import type { Verdict } from '../../genai/verdict.ts'
import { Packer, Unpacker, Unreadable } from './packer.ts'
import { readUsage, writeUsage } from './usage-codec.ts'

/*
 * What a batch's calls and verdicts look like in the log, so that after a crash exporters are given the same calls as
 * they would have been without one. The calls of a batch resemble each other, so each says first in which fields it
 * equals the one before it; comparing interned strings costs next to nothing, and writing one does not.
 *
 * Names of closed sets are written as their place in these lists: append only.
 */
const SIGNALS: readonly Call['signal'][] = ['span', 'log', 'proxy']
const ROLES: readonly CallRole[] = ['inference', 'embeddings', 'rerank', 'image', 'audio']
const BILLS: readonly BillStatus[] = ['billed', 'superseded', 'rollup', 'duplicate', 'not_billable']
const STATUSES: readonly CostStatus[] = ['priced', 'reported', 'free', 'estimated', 'unpriced']
const LAYERS: readonly CostLayer[] = ['reported', 'contract', 'user', 'book', 'estimate', 'none']

/** Goes into every record's header; a reader keeps the decoders of older versions. */
export const DERIVED_VERSION = 1

const ID_BYTES = 32
/** More than the numbers of one call, or of one cost line, can take. */
const NUMBERS_MAX = 400
const NO_BYTES = Buffer.alloc(0)
const NO_FLAGS: readonly string[] = Object.freeze([])
const NO_LINES: readonly CostLine[] = Object.freeze([])
/** What the first call of a batch is compared with. */
const BLANK = new Call('span', 0, { bytes: NO_BYTES, trace: -1, span: -1, parent: -1 })
BLANK.flags = NO_FLAGS
const packer = new Packer()
/** The cost lines of the call before: they are made anew whenever somebody asks, so nobody asks twice. */
let linesBefore = NO_LINES

export interface Derived {
  readonly calls: readonly Call[]
  readonly verdicts: readonly Verdict[]
}
export const NOTHING_DERIVED: Derived = Object.freeze({ calls: Object.freeze([]), verdicts: Object.freeze([]) })

/**
 * Writes calls and verdicts. What the calls referred to in the original request (their ids) they refer to in the result
 * from then on, so that the request's bytes are not kept alive by them.
 */
export function encodeDerived(calls: readonly Call[], verdicts: readonly Verdict[]): Buffer {
  if (calls.length === 0 && verdicts.length === 0) return NO_BYTES
  packer.reset()
  linesBefore = NO_LINES
  packer.whole(calls.length)
  const places: number[] = []
  let before = BLANK
  for (const call of calls) {
    writeCall(call, before, places)
    before = call
  }
  packer.text(verdicts.length === 0 ? undefined : JSON.stringify(verdicts))
  const bytes = packer.take()
  moveIds(calls, bytes, places)
  return bytes
}

/** Copies what calls refer to in a request that is not kept; for logs that write nothing. */
export function detachIds(calls: readonly Call[]): void {
  packer.reset()
  const places: number[] = []
  for (const call of calls) {
    places.push(writeIds(call.ids))
    places.push(writeResponseId(call))
  }
  moveIds(calls, packer.take(), places)
}

function writeIds(ids: IdSource): number {
  packer.reserve(ID_BYTES)
  const at = packer.position
  packer.copy(ids.bytes, ids.trace, 16)
  packer.copy(ids.bytes, ids.span, 8)
  packer.copy(ids.bytes, ids.parent, 8)
  return at
}

/** Bytes to bytes where it is still that; returns where they went, -1 for text. */
function writeResponseId(call: Call): number {
  const { responseIdAt: at, responseIdLength: length } = call
  if (at < 0) {
    packer.text(call.responseId)
    return -1
  }
  packer.reserve(length)
  packer.whole(length + 1)
  packer.copy(call.ids.bytes, at, length)
  return packer.position - length
}

/** Two places for each call: of its ids, of its response id. */
function moveIds(calls: readonly Call[], bytes: Buffer, places: readonly number[]): void {
  for (let i = 0; i < calls.length; i++) {
    const call = calls[i] as Call
    const { trace, span, parent } = call.ids
    call.ids = idSource(bytes, places[2 * i] as number, trace >= 0, span >= 0, parent >= 0)
    if (call.responseIdAt >= 0) call.responseIdAt = places[2 * i + 1] as number
  }
}

const idSource = (bytes: Uint8Array, at: number, trace: boolean, span: boolean, parent: boolean): IdSource => ({
  bytes,
  trace: trace ? at : -1,
  span: span ? at + 16 : -1,
  parent: parent ? at + 24 : -1,
})

/** Throws when the bytes are not of {@link encodeDerived}. */
export function decodeDerived(bytes: Buffer, version: number): Derived {
  if (bytes.length === 0) return NOTHING_DERIVED
  if (version !== DERIVED_VERSION) throw new Unreadable(`calls of format ${version}, which this version does not know`)
  const from = new Unpacker(bytes)
  const calls: Call[] = []
  let before = BLANK
  for (let left = from.count(ID_BYTES); left > 0; left--) {
    before = readCall(from, before)
    calls.push(before)
  }
  const verdicts = from.text()
  if (!from.atEnd) throw new Unreadable('more bytes than calls')
  return { calls, verdicts: verdicts === undefined ? [] : (JSON.parse(verdicts) as readonly Verdict[]) }
}

/** A bit for each field that differs from the call before. */
function differences(call: Call, before: Call): number {
  return (
    (call.dialect === before.dialect ? 0 : 1) |
    (call.operation === before.operation ? 0 : 2) |
    (call.provider === before.provider ? 0 : 4) |
    (call.requestModel === before.requestModel ? 0 : 8) |
    (call.responseModel === before.responseModel ? 0 : 0x10) |
    (call.serviceTier === before.serviceTier ? 0 : 0x20) |
    (call.speed === before.speed ? 0 : 0x40) |
    (call.inferenceGeo === before.inferenceGeo ? 0 : 0x80) |
    (call.region === before.region ? 0 : 0x100) |
    (call.conversation === before.conversation ? 0 : 0x200) |
    (call.serviceName === before.serviceName ? 0 : 0x400) |
    (call.errorType === before.errorType ? 0 : 0x800) |
    (call.flags === before.flags || call.flags.length + before.flags.length === 0 ? 0 : 0x1000) |
    (call.tags === before.tags ? 0 : tagDifferences(call.tags, before.tags) << 13) |
    (call.correctionOf === undefined ? 0 : 0x100000) |
    (call.reportedPico === undefined ? 0 : 0x200000) |
    (call.resendCount === 0 ? 0 : 0x400000) |
    (call.reportedIsBilled ? 0x800000 : 0) |
    (call.isByok ? 0x1000000 : 0) |
    (call.agentId === before.agentId ? 0 : 0x2000000)
  )
}

function tagDifferences(tags: Tags, before: Tags): number {
  return (
    (tags.run === before.run ? 0 : 1) |
    (tags.agent === before.agent ? 0 : 2) |
    (tags.workflow === before.workflow ? 0 : 4) |
    (tags.step === before.step ? 0 : 8) |
    (tags.customer === before.customer ? 0 : 0x10) |
    (tags.businessUnit === before.businessUnit ? 0 : 0x20) |
    (tags.extra === before.extra ? 0 : 0x40)
  )
}

function writeCall(call: Call, before: Call, places: number[]): void {
  packer.reserve(NUMBERS_MAX)
  const { trace, span, parent } = call.ids
  packer.byte(SIGNALS.indexOf(call.signal) | (trace >= 0 ? 4 : 0) | (span >= 0 ? 8 : 0) | (parent >= 0 ? 16 : 0))
  packer.byte(ROLES.indexOf(call.role) | (BILLS.indexOf(call.bill) << 4))
  places.push(writeIds(call.ids))
  const differs = differences(call, before)
  packer.word(differs)
  packer.number(call.item)
  packer.double(call.startMs)
  packer.double(call.endMs)
  places.push(writeResponseId(call))
  writeUsage(packer, call.usage)
  if ((differs & 0x2000fff) !== 0) writeTexts(call, differs)
  if ((differs & 0xfe000) !== 0) writeTags(call.tags, differs >>> 13)
  if ((differs & 0x1000) !== 0) writeFlags(call.flags)
  if ((differs & 0x100000) !== 0) packer.text(call.correctionOf)
  if ((differs & 0x200000) !== 0) writePico(call.reportedPico)
  if ((differs & 0x400000) !== 0) packer.number(call.resendCount)
  writeCost(call.cost, before.cost)
}

function writeTexts(call: Call, differs: number): void {
  if (differs & 1) packer.text(call.dialect)
  if (differs & 2) packer.text(call.operation)
  if (differs & 4) packer.text(call.provider)
  if (differs & 8) packer.text(call.requestModel)
  if (differs & 0x10) packer.text(call.responseModel)
  if (differs & 0x20) packer.text(call.serviceTier)
  if (differs & 0x40) packer.text(call.speed)
  if (differs & 0x80) packer.text(call.inferenceGeo)
  if (differs & 0x100) packer.text(call.region)
  if (differs & 0x200) packer.text(call.conversation)
  if (differs & 0x400) packer.text(call.serviceName)
  if (differs & 0x800) packer.text(call.errorType)
  if (differs & 0x2000000) packer.text(call.agentId)
}

function readCall(from: Unpacker, before: Call): Call {
  const bits = from.byte()
  const kinds = from.byte()
  const ids = idSource(from.buf, from.position, (bits & 4) !== 0, (bits & 8) !== 0, (bits & 16) !== 0)
  from.skip(ID_BYTES)
  const differs = from.word()
  const call = new Call(member(SIGNALS, bits & 3), from.number(), ids)
  call.role = member(ROLES, kinds & 15)
  call.bill = member(BILLS, kinds >>> 4)
  call.startMs = from.double()
  call.endMs = from.double()
  readResponseId(call, from)
  call.usage = readUsage(from)
  readTexts(call, before, differs, from)
  call.tags = (differs & 0xfe000) === 0 ? before.tags : readTags(from, before.tags, differs >>> 13)
  call.flags = (differs & 0x1000) === 0 ? before.flags : readFlags(from)
  if ((differs & 0x100000) !== 0) call.correctionOf = from.text()
  if ((differs & 0x200000) !== 0) call.reportedPico = readPico(from)
  if ((differs & 0x400000) !== 0) call.resendCount = from.number()
  call.reportedIsBilled = (differs & 0x800000) !== 0
  call.isByok = (differs & 0x1000000) !== 0
  call.cost = readCost(from, before.cost)
  return call
}

function readResponseId(call: Call, from: Unpacker): void {
  const length = from.count(1)
  if (length === 0) return
  call.responseIdAt = from.position
  call.responseIdLength = length - 1
  from.skip(length - 1)
}

function readTexts(call: Call, before: Call, differs: number, from: Unpacker): void {
  call.dialect = differs & 1 ? (from.text() ?? '') : before.dialect
  call.operation = differs & 2 ? (from.text() ?? '') : before.operation
  call.provider = differs & 4 ? (from.text() ?? '') : before.provider
  call.requestModel = differs & 8 ? from.text() : before.requestModel
  call.responseModel = differs & 0x10 ? from.text() : before.responseModel
  call.serviceTier = differs & 0x20 ? from.text() : before.serviceTier
  call.speed = differs & 0x40 ? from.text() : before.speed
  call.inferenceGeo = differs & 0x80 ? from.text() : before.inferenceGeo
  call.region = differs & 0x100 ? from.text() : before.region
  call.conversation = differs & 0x200 ? from.text() : before.conversation
  call.serviceName = differs & 0x400 ? from.text() : before.serviceName
  call.errorType = differs & 0x800 ? from.text() : before.errorType
  call.agentId = differs & 0x2000000 ? from.text() : before.agentId
}

const member = <T>(list: readonly T[], index: number): T => {
  const value = list[index]
  if (value === undefined) throw new Unreadable('a value that this version does not know')
  return value
}

function writeTags(tags: Tags, differs: number): void {
  if (differs & 1) packer.text(tags.run)
  if (differs & 2) packer.text(tags.agent)
  if (differs & 4) packer.text(tags.workflow)
  if (differs & 8) packer.text(tags.step)
  if (differs & 0x10) packer.text(tags.customer)
  if (differs & 0x20) packer.text(tags.businessUnit)
  if (differs & 0x40) writeExtra(tags.extra)
}

function readTags(from: Unpacker, before: Tags, differs: number): Tags {
  const tags: Tags = {
    run: differs & 1 ? from.text() : before.run,
    agent: differs & 2 ? from.text() : before.agent,
    workflow: differs & 4 ? from.text() : before.workflow,
    step: differs & 8 ? from.text() : before.step,
    customer: differs & 0x10 ? from.text() : before.customer,
    businessUnit: differs & 0x20 ? from.text() : before.businessUnit,
    extra: differs & 0x40 ? readExtra(from) : before.extra,
  }
  return tags
}

function writeExtra(extra: Tags['extra']): void {
  const entries = extra === undefined ? undefined : Object.entries(extra)
  packer.whole(entries === undefined ? 0 : entries.length + 1)
  for (const [name, value] of entries ?? []) {
    packer.text(name)
    packer.text(value)
  }
}

function readExtra(from: Unpacker): Tags['extra'] {
  const count = from.count(1)
  if (count === 0) return undefined
  return Object.fromEntries(Array.from({ length: count - 1 }, () => [from.text() ?? '', from.text() ?? '']))
}

function writeFlags(flags: readonly string[]): void {
  packer.whole(flags.length)
  for (const flag of flags) packer.text(flag)
}

function readFlags(from: Unpacker): readonly string[] {
  const count = from.count(1)
  return count === 0 ? NO_FLAGS : Array.from({ length: count }, () => from.text() ?? '')
}

function writePico(pico: Pico | undefined): void {
  packer.byte(pico === undefined ? 0 : typeof pico === 'number' ? 1 : 2)
  if (typeof pico === 'number') packer.number(pico)
  else if (pico !== undefined) packer.text(pico.toString())
}

function readPico(from: Unpacker): Pico | undefined {
  const kind = from.byte()
  if (kind === 0) return undefined
  if (kind === 1) return from.number()
  if (kind === 2) return BigInt(from.text() ?? '0')
  throw new Unreadable('an amount of an unknown kind')
}

function writeCost(cost: Cost | undefined, before: Cost | undefined): void {
  if (cost === undefined) {
    linesBefore = NO_LINES
    packer.byte(0)
    return
  }
  packer.reserve(NUMBERS_MAX)
  const cardDiffers = cost.card !== before?.card
  const bookDiffers = cost.bookVersion !== before?.bookVersion
  packer.byte((STATUSES.indexOf(cost.status) + 1) | (cardDiffers ? 16 : 0) | (bookDiffers ? 32 : 0))
  packer.byte(LAYERS.indexOf(cost.layer))
  writePico(cost.pico)
  if (cardDiffers) packer.text(cost.card)
  if (bookDiffers) packer.text(cost.bookVersion)
  packer.text(cost.reason)
  const lines = cost.lines
  packer.whole(lines.length)
  for (let i = 0; i < lines.length; i++) writeLine(lines[i] as CostLine, linesBefore[i])
  linesBefore = lines
}

function readCost(from: Unpacker, before: Cost | undefined): Cost | undefined {
  const bits = from.byte()
  if (bits === 0) return undefined
  const layer = member(LAYERS, from.byte())
  const pico = readPico(from)
  const card = bits & 16 ? from.text() : before?.card
  const bookVersion = (bits & 32 ? from.text() : before?.bookVersion) ?? ''
  const reason = from.text()
  const earlier = before?.lines ?? NO_LINES
  const lines = Array.from({ length: from.count(3) }, (_, i) => readLine(from, earlier[i]))
  return { status: member(STATUSES, (bits & 15) - 1), layer, pico, card, bookVersion, reason, lines }
}

function writeLine(line: CostLine, before: CostLine | undefined): void {
  packer.reserve(NUMBERS_MAX)
  const same =
    before !== undefined &&
    line.meter === before.meter &&
    line.unit === before.unit &&
    line.unitPriceUsd === before.unitPriceUsd
  packer.byte(same ? 1 : 0)
  if (!same) {
    packer.text(line.meter)
    packer.text(line.unit)
    packer.text(line.unitPriceUsd)
  }
  packer.number(line.quantity)
  writePico(line.pico)
}

function readLine(from: Unpacker, before: CostLine | undefined): CostLine {
  const same = from.byte() === 1
  if (same && before === undefined) throw new Unreadable('equals a line that is not there')
  const meter = (same ? before?.meter : from.text()) ?? ''
  const unit = (same ? before?.unit : from.text()) ?? ''
  const unitPriceUsd = (same ? before?.unitPriceUsd : from.text()) ?? ''
  return { meter, quantity: from.number(), unit, unitPriceUsd, pico: readPico(from) ?? 0 }
}
