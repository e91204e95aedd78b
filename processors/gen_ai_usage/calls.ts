import { Call } from '../../genai/call.ts'
import { costIn, costInBlob } from '../../genai/dialects/blobs.ts'
import { FLAG, flagNames } from '../../genai/dialects/flags.ts'
import type { Role } from '../../genai/dialects/operations.ts'
import { canonicalProvider, vendorOfModel } from '../../genai/dialects/providers.ts'
import { picoFromDouble } from '../../genai/money.ts'
import type { ItemBatch } from '../../otlp/batch.ts'
import type { FieldReader } from '../../otlp/field-reader.ts'
import { numbersIn, stringsIn } from '../../otlp/values.ts'
import { type BoundDialect, FIELD } from './fields.ts'
import { conventionsOf, type ScopeState } from './recognise.ts'
import type { Texts } from './texts.ts'
import type { UsageReader } from './usage.ts'

const STRING = 1
const ARRAY = 5
const KVLIST = 6
const STATUS_ERROR = 2

/** What a call is read with and from; one for all, changed from item to item. */
export interface Source {
  readonly reader: FieldReader
  readonly texts: Texts
  readonly usage: UsageReader
  items: ItemBatch
  bound: BoundDialect
  scope: ScopeState
  serviceName: string | undefined
}

/** Notes of the call that {@link readCall} read last. */
export let callFlags = 0

/**
 * A call where the role says so; a roll-up where an agent or workflow repeats usage; where nothing says what a span is, a
 * call only if it has both a model and usage.
 */
export function readCall(source: Source, item: number, role: Role | undefined): Call | undefined {
  const { reader, texts, usage, items, bound } = source
  const { dialect } = bound
  const known = usage.read(reader, items, bound)
  const kind = role === undefined ? 'unknown' : role.is
  if (kind === 'step' && !known) return undefined
  const requestModel = unquoted(texts.of(reader, items, FIELD.requestModel))
  const responseModel = unquoted(texts.of(reader, items, FIELD.responseModel))
  const nameless = requestModel === undefined && responseModel === undefined
  if (nameless && (kind === 'unknown' || (dialect.needsModel === true && kind !== 'step'))) return undefined
  if (kind === 'unknown' && !known) return undefined
  const { index } = items
  const call = new Call(items.signal === 'logs' ? 'log' : 'span', item, {
    bytes: items.bytes,
    trace: index.itemTrace[item] as number,
    span: index.itemSpan[item] as number,
    parent: index.itemParent[item] as number,
  })
  call.startMs = items.startMsOf(item)
  call.endMs = items.endMsOf(item)
  call.dialect = dialect.id
  if (role !== undefined && role.is === 'call') call.role = role.role
  call.operation = texts.of(reader, items, FIELD.operation) ?? ''
  const reported = texts.of(reader, items, FIELD.provider)
  call.provider = reported === undefined ? (dialect.provider ?? '') : canonicalProvider(reported)
  call.requestModel = requestModel
  call.responseModel = responseModel
  const vendor = call.provider !== '' ? call.provider : vendorOf(responseModel ?? requestModel)
  call.usage = usage.split(reader, items, bound, conventionsOf(source.scope, bound), vendor, call.provider !== '')
  callFlags = usage.flags
  if (reader.has(FIELD.errorType) || index.itemStatus[item] === STATUS_ERROR)
    call.errorType =
      texts.of(reader, items, FIELD.errorType) ?? (index.itemStatus[item] === STATUS_ERROR ? 'error' : undefined)
  readResponseId(call, reader, items)
  readCircumstances(call, source)
  if (reader.has(FIELD.reportedCost)) readReportedCost(call, reader)
  if (reader.has(FIELD.costBlob)) readCostBlob(call, reader, items)
  if (dialect.trustCost === true && call.reportedPico !== undefined) call.reportedIsBilled = !usage.knowsCache
  const free =
    kind === 'free' || reader.has(FIELD.partial) || (role?.is === 'call' && role.needsUsage === true && !known)
  call.bill = kind === 'step' ? 'rollup' : free ? 'not_billable' : 'billed'
  if (reader.has(FIELD.partial)) {
    if (known) call.bill = kind === 'step' ? 'rollup' : 'billed'
    else callFlags |= FLAG.partial_usage
  }
  // An answer from a gateway's own cache: its usage is that of the call that filled the cache.
  if (call.bill === 'billed' && reader.flag(FIELD.cacheHit) === true) {
    call.bill = 'not_billable'
    callFlags |= FLAG.cached_replay
  }
  // Embeddings have no output to be missing.
  if (call.role !== 'inference') callFlags &= ~FLAG.output_missing
  if (call.bill === 'billed' && !known && dialect.usageApart === true) call.bill = 'superseded'
  if (call.bill === 'billed' && !known)
    markMissing(call, dialect.id === 'tokenfuse_proxy' ? proxyFlags(reader, items) : [])
  call.flags = flagNames(callFlags)
  if (dialect.id === 'tokenfuse_proxy') readProxyNotes(call, reader, items)
  return call
}

export const hasUsage = ({ usage }: Call): boolean => usage.input !== undefined || usage.output !== undefined

const QUOTE = 34

/** MLflow writes all of its attributes as JSON. */
const unquoted = (text: string | undefined): string | undefined =>
  text !== undefined && text.charCodeAt(0) === QUOTE ? text.slice(1, -1) : text

const VENDORS_MAX = 1000
const VENDORS = new Map<string, string>()

/** Models repeat endlessly; what their name tells is worked out once. */
function vendorOf(model: string | undefined): string {
  if (model === undefined) return ''
  let vendor = VENDORS.get(model)
  if (vendor === undefined) {
    vendor = vendorOfModel(model)
    if (VENDORS.size < VENDORS_MAX) VENDORS.set(model, vendor)
  }
  return vendor
}

/** A failed request is normally free; an answer without usage is money that nobody counted. */
function markMissing(call: Call, proxy: readonly string[]): void {
  const noted = proxy.includes('usage_missing')
  if (call.errorType !== undefined && !noted) call.bill = 'not_billable'
  else if (!noted) callFlags |= FLAG.usage_missing
}

/** Only where it stands: every call has another one, and few readers want its text. */
function readResponseId(call: Call, reader: FieldReader, items: ItemBatch): void {
  const hit = reader.hit(FIELD.responseId)
  if (hit < 0 || items.index.hitType[hit] !== STRING || items.index.hitLen[hit] === 0) return
  call.responseIdAt = items.index.hitAt[hit] as number
  call.responseIdLength = items.index.hitLen[hit] as number
}

function readCircumstances(call: Call, { reader, texts, usage, items, serviceName }: Source): void {
  const { raw } = usage
  call.serviceTier =
    texts.of(reader, items, FIELD.serviceTier) ?? (raw.serviceTier === '' ? undefined : raw.serviceTier)
  call.speed = texts.of(reader, items, FIELD.speed) ?? (raw.speed === '' ? undefined : raw.speed)
  call.inferenceGeo =
    texts.of(reader, items, FIELD.inferenceGeo) ?? (raw.inferenceGeo === '' ? undefined : raw.inferenceGeo)
  call.region = texts.of(reader, items, FIELD.region)
  call.conversation = texts.of(reader, items, FIELD.conversation)
  call.agentId = texts.of(reader, items, FIELD.agentId)
  call.resendCount = reader.has(FIELD.resendCount) ? (reader.count(FIELD.resendCount) ?? 0) : 0
  call.serviceName = serviceName
}

/** What only the proxy can know: that it estimated, that it cut the answer, and units that no convention has a name for. */
function readProxyNotes(call: Call, reader: FieldReader, items: ItemBatch): void {
  const noted = proxyFlags(reader, items)
  if (noted.length > 0) call.flags = [...call.flags, ...noted]
  const web = reader.count(FIELD.webSearches)
  const storage = reader.count(FIELD.storageSearches)
  if (web === undefined && storage === undefined) return
  call.usage.other = {
    ...call.usage.other,
    ...(web === undefined ? {} : { web_searches: web }),
    ...(storage === undefined ? {} : { storage_searches: storage }),
  }
}

function proxyFlags(reader: FieldReader, items: ItemBatch): readonly string[] {
  const flags = reader.hit(FIELD.proxyFlags)
  return flags >= 0 && items.index.hitType[flags] === ARRAY ? readStrings(items, flags) : []
}

/** Bytes inside an array value were not looked at by the scan. */
function readStrings(items: ItemBatch, hit: number): string[] {
  try {
    return stringsIn(items.rawOf(hit))
  } catch {
    return []
  }
}

/** Costs that are written as an object of their parts, in JSON or as it is. */
function readCostBlob(call: Call, reader: FieldReader, items: ItemBatch): void {
  const hit = reader.hit(FIELD.costBlob)
  const isList = items.index.hitType[hit] === KVLIST
  const usd = isList ? costIn(numbersIn(items.rawOf(hit))) : costInBlob(reader.text(FIELD.costBlob) ?? '')
  if (usd !== undefined && usd > 0) call.reportedPico ??= picoFromDouble(usd)
}

function readReportedCost(call: Call, reader: FieldReader): void {
  if (reader.has(FIELD.usageCost)) callFlags |= FLAG.has_usage_cost
  const usd = reader.number(FIELD.reportedCost)
  // Instrumentations write 0 for "I do not know the model": only a positive figure says anything.
  if (usd === undefined || usd <= 0) return
  call.reportedPico = picoFromDouble(usd)
  call.reportedIsBilled = reader.has(FIELD.billedCost)
}
