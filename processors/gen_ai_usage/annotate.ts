import { BILL_STATUSES, type BillStatus, type Call } from '../../genai/call.ts'
import { DIALECTS } from '../../genai/dialects/table.ts'
import { attributeKey, encodedString } from '../../otlp/attributes.ts'
import type { ItemBatch } from '../../otlp/batch.ts'

const INPUT = attributeKey('tokenfuse.usage.input_uncached_tokens')
const CACHE_READ = attributeKey('tokenfuse.usage.cache_read_tokens')
const CACHE_WRITE = attributeKey('tokenfuse.usage.cache_write_tokens')
const OUTPUT = attributeKey('tokenfuse.usage.output_tokens')
const REASONING = attributeKey('tokenfuse.usage.reasoning_tokens')
const FLAGS = attributeKey('tokenfuse.usage.flags')

const BILL = new Map<BillStatus, Uint8Array>(
  BILL_STATUSES.map((status) => [status, encodedString('tokenfuse.bill.status', status)]),
)
const DIALECT = new Map(DIALECTS.map((d) => [d.id, encodedString('tokenfuse.dialect', d.id)]))

/** Writes onto the span what was understood of it. Originals stay as they came. */
export function annotate(items: ItemBatch, call: Call): void {
  const { item, usage } = call
  const bill = BILL.get(call.bill)
  if (bill !== undefined) items.addEncoded(item, bill)
  const dialect = DIALECT.get(call.dialect)
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
