import type { Call } from '../../genai/call.ts'
import type { ItemBatch } from '../../otlp/batch.ts'
import type { FieldReader } from '../../otlp/field-reader.ts'
import type { Billing } from './billing.ts'
import { FIELD } from './fields.ts'
import { bytesKey, keyHigh, keyLow } from './span-keys.ts'

const STRING = 1

/**
 * A log record stands inside a span and has no id of its own: it is known by its request id, else by all of its bytes.
 * The id goes onto the call too, so that whoever keys calls does not take all events of one span for one.
 */
export function identify(call: Call, reader: FieldReader, items: ItemBatch): void {
  const { index, bytes } = items
  const hit = reader.hit(FIELD.requestId)
  if (hit >= 0 && index.hitType[hit] === STRING && (index.hitLen[hit] as number) > 0) {
    call.responseIdAt = index.hitAt[hit] as number
    call.responseIdLength = index.hitLen[hit] as number
  }
  // The record's time is when the call was done.
  const ended = call.startMs > 0 ? call.startMs : call.endMs
  const duration = reader.number(FIELD.durationMs) ?? 0
  call.endMs = ended
  call.startMs = duration > 0 ? ended - duration : ended
  if (call.responseIdAt >= 0) return
  const body = index.itemBody[call.item] as number
  bytesKey(bytes, body, (index.itemEnd[call.item] as number) - body, 0, 0)
  call.responseId = `log-${(keyHigh >>> 0).toString(16).padStart(8, '0')}${(keyLow >>> 0).toString(16).padStart(8, '0')}`
}

/** What becomes of an event that is its source's record of a call. */
export function decideEvent(billing: Billing, call: Call, items: ItemBatch): Call['bill'] {
  if (call.responseIdAt >= 0) return billing.byIdentity(call)
  const body = items.index.itemBody[call.item] as number
  return billing.records.decide(items.bytes, body, (items.index.itemEnd[call.item] as number) - body)
}

/** The batch was not taken: its events are new when they come again. */
export function undoEvent(billing: Billing, call: Call, items: ItemBatch): void {
  if (call.bill !== 'billed') return
  billing.undo(call)
  const body = items.index.itemBody[call.item] as number
  if (call.responseIdAt < 0) billing.records.undo(items.bytes, body, (items.index.itemEnd[call.item] as number) - body)
}
