import { Call } from '../../genai/call.ts'
import type { Role } from '../../genai/dialects/operations.ts'
import { canonicalProvider } from '../../genai/dialects/providers.ts'
import type { Dialect } from '../../genai/dialects/table.ts'
import { picoFromDouble } from '../../genai/money.ts'
import type { ItemBatch } from '../../otlp/batch.ts'
import type { FieldReader } from '../../otlp/field-reader.ts'
import { stringsIn } from '../../otlp/values.ts'
import { FIELD } from './fields.ts'
import { readUsage } from './usage.ts'

const STRING = 1
const ARRAY = 5
const STATUS_ERROR = 2

/**
 * A call where the role says so; a roll-up where an agent or workflow repeats usage; where nothing says what a span is, a
 * call only if it has both a model and usage.
 */
export function readCall(
  reader: FieldReader,
  items: ItemBatch,
  item: number,
  dialect: Dialect,
  role: Role | undefined,
  serviceNameKey: number,
): Call | undefined {
  const provider = canonicalProvider(reader.text(FIELD.provider) ?? '')
  const read = readUsage(reader, dialect, provider)
  if (role?.is === 'step' && !read.known) return undefined
  const requestModel = reader.text(FIELD.requestModel)
  const responseModel = reader.text(FIELD.responseModel)
  if (role === undefined && (!read.known || (requestModel === undefined && responseModel === undefined)))
    return undefined
  const { index } = items
  const call = new Call('span', item, {
    bytes: items.bytes,
    trace: index.itemTrace[item] as number,
    span: index.itemSpan[item] as number,
    parent: index.itemParent[item] as number,
  })
  call.startMs = items.startMsOf(item)
  call.endMs = items.endMsOf(item)
  call.dialect = dialect.id
  if (role?.is === 'call') call.role = role.role
  call.operation = reader.text(FIELD.operation) ?? ''
  call.provider = provider
  call.requestModel = requestModel
  call.responseModel = responseModel
  call.usage = read.usage
  call.flags = read.flags
  call.errorType = reader.text(FIELD.errorType) ?? (index.itemStatus[item] === STATUS_ERROR ? 'error' : undefined)
  readResponseId(call, reader, items)
  readCircumstances(call, reader, items, item, serviceNameKey)
  readReportedCost(call, reader)
  if (dialect.id === 'tokenfuse_proxy') readProxyNotes(call, reader, items)
  call.bill = role?.is === 'step' ? 'rollup' : role?.is === 'free' ? 'not_billable' : 'billed'
  if (call.bill === 'billed' && !read.known) markMissing(call)
  return call
}

/** A failed request is normally free; an answer without usage is money that nobody counted. */
function markMissing(call: Call): void {
  if (call.errorType !== undefined && !call.flags.includes('usage_missing')) call.bill = 'not_billable'
  else if (!call.flags.includes('usage_missing')) call.flags = [...call.flags, 'usage_missing']
}

/** Only where it stands: every call has another one, and few readers want its text. */
function readResponseId(call: Call, reader: FieldReader, items: ItemBatch): void {
  const hit = reader.hit(FIELD.responseId)
  if (hit < 0 || items.index.hitType[hit] !== STRING || items.index.hitLen[hit] === 0) return
  call.responseIdAt = items.index.hitAt[hit] as number
  call.responseIdLength = items.index.hitLen[hit] as number
}

function readCircumstances(
  call: Call,
  reader: FieldReader,
  items: ItemBatch,
  item: number,
  serviceNameKey: number,
): void {
  call.serviceTier = reader.text(FIELD.serviceTier)
  call.speed = reader.text(FIELD.speed)
  call.inferenceGeo = reader.text(FIELD.inferenceGeo)
  call.region = reader.text(FIELD.region)
  call.conversation = reader.text(FIELD.conversation)
  call.agentId = reader.text(FIELD.agentId)
  call.resendCount = reader.count(FIELD.resendCount) ?? 0
  const service = items.findInResource(item, serviceNameKey)
  call.serviceName = service < 0 ? undefined : items.textOf(service)
}

/** What only the proxy can know: that it estimated, that it cut the answer, and units that no convention has a name for. */
function readProxyNotes(call: Call, reader: FieldReader, items: ItemBatch): void {
  const flags = reader.hit(FIELD.proxyFlags)
  if (flags >= 0 && items.index.hitType[flags] === ARRAY) call.flags = [...call.flags, ...readStrings(items, flags)]
  const web = reader.count(FIELD.webSearches)
  const storage = reader.count(FIELD.storageSearches)
  if (web === undefined && storage === undefined) return
  call.usage.other = {
    ...call.usage.other,
    ...(web === undefined ? {} : { web_searches: web }),
    ...(storage === undefined ? {} : { storage_searches: storage }),
  }
}

/** Bytes inside an array value were not looked at by the scan. */
function readStrings(items: ItemBatch, hit: number): string[] {
  try {
    return stringsIn(items.rawOf(hit))
  } catch {
    return []
  }
}

function readReportedCost(call: Call, reader: FieldReader): void {
  if (!reader.has(FIELD.reportedCost)) return
  if (reader.has(FIELD.usageCost)) call.flags = [...call.flags, 'has_usage_cost']
  const usd = reader.number(FIELD.reportedCost)
  // Instrumentations write 0 for "I do not know the model": only a positive figure says anything.
  if (usd === undefined || usd <= 0) return
  call.reportedPico = picoFromDouble(usd)
  call.reportedIsBilled = reader.has(FIELD.billedCost)
}
