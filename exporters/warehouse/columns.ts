import type { Call } from '../../genai/call.ts'
import type { Pico } from '../../genai/money.ts'
import { COMMON_METERS, type Meter, quantityOf, RARE_METERS } from '../../genai/usage.ts'

/** What travels to the worker: anything that a structured clone copies cheaply. */
export type Cell = string | number | bigint | null

/**
 * - `text`, `integer`, `real`, `boolean`: as in SQL
 * - `pico`: exact pico-USD as an integer for sums in SQL; not in Parquet, where DECIMAL does that
 * - `usd`: an amount, travels as pico-USD; a decimal string in SQLite, DECIMAL(38,12) in Parquet
 */
export type ColumnKind = 'text' | 'integer' | 'real' | 'boolean' | 'pico' | 'usd'

export interface Column {
  readonly name: string
  readonly kind: ColumnKind
  of(call: Call): Pico | string | boolean | undefined
}

const column = (name: string, kind: ColumnKind, of: Column['of']): Column => ({ name, kind, of })
const text = (name: string, of: (call: Call) => string | undefined): Column => column(name, 'text', of)

/** Names say what is in them: our buckets are disjoint, so `input` alone would be taken for the total. */
const METER_NAMES: Partial<Record<Meter, string>> = { input: 'input_uncached_tokens' }
const UNITS: ReadonlySet<Meter> = new Set<Meter>([
  'web_searches',
  'storage_searches',
  'attachment_searches',
  'code_sessions',
  'session_hours',
  'images',
  'seconds',
  'characters',
  'requests',
  'pages',
  'cache_storage_token_hours',
])
const FRACTIONAL: ReadonlySet<Meter> = new Set<Meter>(['session_hours', 'seconds', 'cache_storage_token_hours'])

function meterColumn(meter: Meter): Column {
  const name = METER_NAMES[meter] ?? (UNITS.has(meter) ? meter : `${meter}_tokens`)
  if (FRACTIONAL.has(meter)) return column(name, 'real', (call) => quantityOf(call.usage, meter))
  return column(name, 'integer', (call) => wholeNumber(quantityOf(call.usage, meter)))
}

/** Parquet's INT64 takes no fraction; a count that has one is a sender's mistake, and rounding it beats losing the row. */
function wholeNumber(quantity: number | undefined): number | undefined {
  if (quantity === undefined || Number.isSafeInteger(quantity)) return quantity
  return Number.isFinite(quantity) ? Math.min(Math.round(quantity), Number.MAX_SAFE_INTEGER) : undefined
}

export const USAGE_COLUMNS: readonly Column[] = [...COMMON_METERS, ...RARE_METERS].map(meterColumn)

/** Columns of `llm_call` after `version`, `call_key`, `hour` and `time_ms`. Append only: old day tables are extended. */
export const COLUMNS: readonly Column[] = [
  text('trace_id', (call) => call.traceId),
  text('span_id', (call) => call.spanId),
  text('parent_span_id', (call) => call.parentSpanId),
  text('signal', (call) => call.signal),
  column('duration_ms', 'real', durationOf),
  text('run', (call) => call.tags.run),
  text('agent', (call) => call.tags.agent),
  text('workflow', (call) => call.tags.workflow),
  text('step', (call) => call.tags.step),
  text('customer', (call) => call.tags.customer),
  text('business_unit', (call) => call.tags.businessUnit),
  text('provider', (call) => call.provider),
  text('request_model', (call) => call.requestModel),
  text('response_model', (call) => call.responseModel),
  text('response_id', (call) => call.responseId),
  text('operation', (call) => call.operation),
  text('role', (call) => call.role),
  text('service_tier', (call) => call.serviceTier),
  text('speed', (call) => call.speed),
  text('inference_geo', (call) => call.inferenceGeo),
  text('region', (call) => call.region),
  text('conversation', (call) => call.conversation),
  text('service_name', (call) => call.serviceName),
  ...USAGE_COLUMNS,
  column('cost_pico', 'pico', (call) => call.cost?.pico),
  column('cost_usd', 'usd', (call) => call.cost?.pico),
  text('cost_status', (call) => call.cost?.status ?? 'unpriced'),
  text('cost_reason', (call) => call.cost?.reason),
  text('cost_layer', (call) => call.cost?.layer),
  text('price_card', (call) => call.cost?.card),
  text('price_book', (call) => call.cost?.bookVersion),
  column('reported_cost_usd', 'usd', (call) => call.reportedPico),
  text('bill_status', (call) => call.bill),
  text('correction_of', (call) => call.correctionOf),
  text('flags', (call) => (call.flags.length === 0 ? undefined : JSON.stringify(call.flags))),
  text('dialect', (call) => call.dialect),
  text('error_type', (call) => call.errorType),
  column('resend_count', 'integer', (call) => call.resendCount),
  column('is_byok', 'boolean', (call) => call.isByok),
  text('tags', (call) => (call.tags.extra === undefined ? undefined : JSON.stringify(call.tags.extra))),
]

/** Where a column stands in a row's cells; throws for a name that is none. */
export function cellIndex(name: string): number {
  const index = COLUMNS.findIndex((c) => c.name === name)
  if (index < 0) throw new Error(`llm_call has no column ${name}`)
  return index
}

function durationOf(call: Call): number | undefined {
  return call.startMs > 0 && call.endMs >= call.startMs ? call.endMs - call.startMs : undefined
}
