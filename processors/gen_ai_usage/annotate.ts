import { BILL_STATUSES, type BillStatus, type Call } from '../../genai/call.ts'
import { flagNames } from '../../genai/dialects/flags.ts'
import { DIALECTS } from '../../genai/dialects/table.ts'
import { attributeKey, encodedString, encodedStrings } from '../../otlp/attributes.ts'
import type { ItemBatch } from '../../otlp/batch.ts'

const INPUT = attributeKey('tokenfuse.usage.input_uncached_tokens')
const CACHE_READ = attributeKey('tokenfuse.usage.cache_read_tokens')
const CACHE_WRITE = attributeKey('tokenfuse.usage.cache_write_tokens')
const OUTPUT = attributeKey('tokenfuse.usage.output_tokens')
const REASONING = attributeKey('tokenfuse.usage.reasoning_tokens')
const FLAGS = attributeKey('tokenfuse.usage.flags')

const BILL: readonly Uint8Array[] = BILL_STATUSES.map((status) => encodedString('tokenfuse.bill.status', status))
const DIALECT: readonly Uint8Array[] = DIALECTS.map((d) => encodedString('tokenfuse.dialect', d.id))

/** Where a status stands in BILL_STATUSES. */
export function billNumber(bill: BillStatus): number {
  switch (bill) {
    case 'billed':
      return 0
    case 'superseded':
      return 1
    case 'rollup':
      return 2
    case 'duplicate':
      return 3
    case 'not_billable':
      return 4
  }
}

/**
 * Writes onto the item what was understood of it. Originals stay as they came.
 *
 * @param notes the bits of its flags
 */
export function annotate(items: ItemBatch, call: Call, dialect: number, notes: number): void {
  const { item, usage } = call
  items.addEncoded(item, BILL[billNumber(call.bill)] as Uint8Array)
  items.addEncoded(item, DIALECT[dialect] as Uint8Array)
  if (usage.input !== undefined) items.addInt(item, INPUT, usage.input)
  if (usage.cacheRead !== undefined) items.addInt(item, CACHE_READ, usage.cacheRead)
  if (usage.cacheWrite !== undefined || usage.cacheWrite5m !== undefined || usage.cacheWrite1h !== undefined) {
    items.addInt(item, CACHE_WRITE, (usage.cacheWrite ?? 0) + (usage.cacheWrite5m ?? 0) + (usage.cacheWrite1h ?? 0))
  }
  if (usage.output !== undefined) items.addInt(item, OUTPUT, usage.output)
  if (usage.reasoning !== undefined) items.addInt(item, REASONING, usage.reasoning)
  if (call.flags.length > 0) addFlags(items, item, call.flags, notes)
}

const encodedFlags = new Map<number, Uint8Array>()

/** Combinations of flags are few, so each is encoded once; a call may have notes beside them. */
function addFlags(items: ItemBatch, item: number, flags: readonly string[], notes: number): void {
  if (flags !== flagNames(notes)) {
    items.addStrings(item, FLAGS, flags)
    return
  }
  let encoded = encodedFlags.get(notes)
  if (encoded === undefined) {
    encoded = encodedStrings(FLAGS.name, flags)
    encodedFlags.set(notes, encoded)
  }
  items.addEncoded(item, encoded)
}
