import { type BillStatus, Call } from '../../genai/call.ts'
import type { Role } from '../../genai/dialects/operations.ts'
import { canonicalProvider } from '../../genai/dialects/providers.ts'
import { DIALECTS, type Dialect } from '../../genai/dialects/table.ts'
import { picoFromDouble } from '../../genai/money.ts'
import { attributeKey, encodedString } from '../../otlp/attributes.ts'
import { AttributesReader } from '../../otlp/attributes-reader.ts'
import type { ItemBatch } from '../../otlp/batch.ts'
import type { KeyTable } from '../../otlp/keys.ts'
import type { Batch } from '../../pipeline/batch.ts'
import type { Processor } from '../../pipeline/component.ts'
import type { Host } from '../../pipeline/host.ts'
import type { MetricFamily } from '../../pipeline/telemetry/metrics.ts'
import { Billing } from './billing.ts'
import type { Config } from './config.ts'
import { bindKeys, type Keys, OTHER_KEYS } from './keys.ts'
import { MARKER_KEYS, Recogniser } from './recognise.ts'
import { readStep } from './steps.ts'
import { bindVocabularies, type ReadUsage, readUsage, USAGE_KEYS } from './usage.ts'

const BILL_STATUSES: readonly BillStatus[] = ['billed', 'superseded', 'rollup', 'duplicate', 'not_billable']
const BILL_ATTRIBUTE = Object.fromEntries(
  BILL_STATUSES.map((s) => [s, encodedString('tokenfuse.bill.status', s)]),
) as Record<BillStatus, Uint8Array>
const DIALECT_ATTRIBUTE = new Map(DIALECTS.map((d) => [d.id, encodedString('tokenfuse.dialect', d.id)]))
const INPUT = attributeKey('tokenfuse.usage.input_uncached_tokens')
const CACHE_READ = attributeKey('tokenfuse.usage.cache_read_tokens')
const CACHE_WRITE = attributeKey('tokenfuse.usage.cache_write_tokens')
const OUTPUT = attributeKey('tokenfuse.usage.output_tokens')
const REASONING = attributeKey('tokenfuse.usage.reasoning_tokens')
const FLAGS = attributeKey('tokenfuse.usage.flags')

/** Attributes that make a span worth a look; `session.id` or `service.name` alone do not. */
const TELLING = [...USAGE_KEYS, ...MARKER_KEYS, 'gen_ai.tool.name']

/**
 * First of the domain processors: turns spans into {@link Call}s and Steps.
 *
 * A span that carries none of the wanted attributes costs one comparison. Of one that does, only numbers and interned
 * strings are kept.
 */
export class GenAiUsage implements Processor {
  readonly wants = [...new Set([...USAGE_KEYS, ...MARKER_KEYS, ...OTHER_KEYS])]
  private readonly billing: Billing
  private readonly callsTotal: MetricFamily
  private readonly flagsTotal: MetricFamily
  private bound: Bound | undefined = undefined

  constructor(settings: Config, host: Host) {
    this.billing = new Billing(settings.max_entries)
    this.callsTotal = host.metrics.counter(
      'tokenfuse_gen_ai_calls_total',
      'Provider calls seen, by dialect and by what became of them.',
      ['dialect', 'bill'],
    )
    this.flagsTotal = host.metrics.counter(
      'tokenfuse_gen_ai_usage_flags_total',
      'Notes on usage that was not as its dialect says.',
      ['flag'],
    )
  }

  async start(): Promise<void> {}
  async shutdown(): Promise<void> {}

  bind(table: KeyTable): void {
    const relevant = new Uint8Array(table.size)
    for (const name of TELLING) relevant[table.idOf(name)] = 1
    this.bound = {
      relevant,
      keys: bindKeys(table),
      reader: new AttributesReader(table),
      recogniser: new Recogniser(table),
      vocabularies: bindVocabularies(table),
    }
  }

  process(batch: Batch): void {
    const bound = this.bound
    if (bound === undefined || batch.signal !== 'traces') return
    const items = batch.items
    const { index } = items
    for (let i = 0; i < index.items; i++) {
      const to = index.itemHitTo[i] as number
      for (let h = index.itemHitFrom[i] as number; h < to; h++) {
        if (bound.relevant[index.hitKey[h] as number] === 1) {
          readItem(bound, batch, i)
          break
        }
      }
    }
    this.billing.enter(items, batch.calls.filter(isLeafCandidate))
    for (const call of batch.calls) this.settle(items, call)
  }

  private settle(items: ItemBatch, call: Call): void {
    if (isLeafCandidate(call)) call.bill = this.billing.decide(items, call)
    this.callsTotal.child(call.dialect, call.bill).add(1)
    for (const flag of call.flags) this.flagsTotal.child(flag).add(1)
    annotate(items, call)
  }
}

interface Bound {
  /** 1 for keys that make an item worth a look. */
  readonly relevant: Uint8Array
  readonly keys: Keys
  readonly reader: AttributesReader
  readonly recogniser: Recogniser
  readonly vocabularies: ReturnType<typeof bindVocabularies>
}

/** Calls that stand for themselves and have usage: the ones that structure and identity decide about. */
function isLeafCandidate(call: Call): boolean {
  return call.bill === 'billed' && (call.usage.input !== undefined || call.usage.output !== undefined)
}

function readItem(bound: Bound, batch: Batch, item: number): void {
  const { reader, recogniser, keys } = bound
  const items = batch.items
  reader.load(items, item)
  const found = recogniser.dialect(reader, items.scopeNameOf(item))
  if (found === undefined) return
  const role = recogniser.role(reader, found, () => items.nameOf(item))
  const provider = canonicalProvider(reader.firstText(keys.provider) ?? '')
  const usage = readUsage(reader, bound.vocabularies, found.dialect, provider)
  if (role?.is === 'step') batch.steps.push(readStep(reader, keys, items, item, role.kind))
  const call = toCall(bound, items, item, found.dialect, role, provider, usage)
  if (call !== undefined) batch.calls.push(call)
}

/** A call where the role says so; a roll-up where an agent or workflow repeats usage; a guess only with model and usage. */
function toCall(
  bound: Bound,
  items: ItemBatch,
  item: number,
  dialect: Dialect,
  role: Role | undefined,
  provider: string,
  read: ReadUsage,
): Call | undefined {
  const { reader, keys } = bound
  if (role?.is === 'step' && (!read.known || role.kind === 'tool')) return undefined
  const requestModel = reader.firstText(keys.requestModel)
  const responseModel = reader.firstText(keys.responseModel)
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
  call.operation = reader.text(keys.operation) ?? ''
  call.provider = provider
  call.requestModel = requestModel
  call.responseModel = responseModel
  call.usage = read.usage
  call.flags = read.flags
  readRest(call, reader, keys, items, item)
  call.bill = role?.is === 'step' ? 'rollup' : role?.is === 'free' ? 'not_billable' : 'billed'
  if (call.bill === 'billed' && !read.known) {
    // A failed request is normally free; an answer without usage is money that nobody counted.
    if (call.errorType !== undefined) call.bill = 'not_billable'
    else call.flags = [...call.flags, 'usage_missing']
  }
  return call
}

function readRest(call: Call, reader: AttributesReader, keys: Keys, items: ItemBatch, item: number): void {
  const { index } = items
  for (const key of keys.responseId) {
    const hit = reader.hit(key)
    if (hit >= 0 && index.hitType[hit] === 1 && (index.hitLen[hit] as number) > 0) {
      call.responseIdAt = index.hitAt[hit] as number
      call.responseIdLength = index.hitLen[hit] as number
      break
    }
  }
  call.serviceTier = reader.firstText(keys.serviceTier)
  call.speed = reader.text(keys.speed)
  call.inferenceGeo = reader.text(keys.inferenceGeo)
  call.region = reader.text(keys.region)
  call.conversation = reader.firstText(keys.conversation)
  call.resendCount = reader.count(keys.resendCount) ?? 0
  call.errorType = reader.text(keys.errorType) ?? (index.itemStatus[item] === 2 ? 'error' : undefined)
  const service = items.findInResource(item, keys.serviceName)
  call.serviceName = service < 0 ? undefined : items.textOf(service)
  if (reader.has(keys.usageCost)) call.flags = [...call.flags, 'has_usage_cost']
  for (const key of keys.reportedCost) {
    const usd = reader.number(key)
    // Instrumentations write 0 for "I do not know the model": only a positive figure says anything.
    if (usd !== undefined && usd > 0) {
      call.reportedPico = picoFromDouble(usd)
      break
    }
  }
  call.reportedIsBilled = reader.has(keys.billedCost)
}

function annotate(items: ItemBatch, call: Call): void {
  const { item, usage } = call
  items.addEncoded(item, BILL_ATTRIBUTE[call.bill])
  const dialect = DIALECT_ATTRIBUTE.get(call.dialect)
  if (dialect !== undefined) items.addEncoded(item, dialect)
  if (usage.input !== undefined) items.addInt(item, INPUT, usage.input)
  if (usage.cacheRead !== undefined) items.addInt(item, CACHE_READ, usage.cacheRead)
  if (usage.cacheWrite !== undefined || usage.cacheWrite5m !== undefined || usage.cacheWrite1h !== undefined) {
    items.addInt(item, CACHE_WRITE, (usage.cacheWrite ?? 0) + (usage.cacheWrite5m ?? 0) + (usage.cacheWrite1h ?? 0))
  }
  if (usage.output !== undefined) items.addInt(item, OUTPUT, usage.output)
  if (usage.reasoning !== undefined) items.addInt(item, REASONING, usage.reasoning)
  if (call.flags.length > 0) items.addStrings(item, FLAGS, call.flags)
}
