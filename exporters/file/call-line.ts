import type { Call, Cost } from '../../genai/call.ts'
import { usdString } from '../../genai/money.ts'
import { COMMON_METERS, quantityOf, RARE_METERS } from '../../genai/usage.ts'

const time = (ms: number): string | undefined => (ms === 0 ? undefined : new Date(ms).toISOString())
const text = (value: string): string | undefined => (value === '' ? undefined : value)

/** One line of `format: calls`. What is not known is not there. Money is an exact decimal string of USD. */
export function callLine(call: Call): Readonly<Record<string, unknown>> {
  return {
    time: time(call.startMs),
    end_time: time(call.endMs),
    signal: call.signal,
    trace_id: text(call.traceId),
    span_id: text(call.spanId),
    parent_span_id: text(call.parentSpanId),
    key: call.key,
    correction_of: call.correctionOf,
    dialect: text(call.dialect),
    role: call.role,
    operation: text(call.operation),
    provider: text(call.provider),
    model: call.model,
    request_model: call.requestModel,
    response_model: call.responseModel,
    response_id: call.responseId,
    service_tier: call.serviceTier,
    speed: call.speed,
    inference_geo: call.inferenceGeo,
    region: call.region,
    conversation: call.conversation,
    service_name: call.serviceName,
    error_type: call.errorType,
    resend_count: call.resendCount === 0 ? undefined : call.resendCount,
    usage: usageOf(call),
    flags: call.flags.length === 0 ? undefined : call.flags,
    bill: call.bill,
    cost: call.cost === undefined ? undefined : costOf(call.cost),
    reported_cost_usd: call.reportedPico === undefined ? undefined : usdString(call.reportedPico),
    is_byok: call.isByok || undefined,
    run: call.tags.run,
    agent: call.tags.agent,
    workflow: call.tags.workflow,
    step: call.tags.step,
    customer: call.tags.customer,
    business_unit: call.tags.businessUnit,
    tags: call.tags.extra,
  }
}

function usageOf(call: Call): Readonly<Record<string, number>> {
  const usage: Record<string, number> = {}
  for (const meter of [...COMMON_METERS, ...RARE_METERS]) {
    const quantity = quantityOf(call.usage, meter)
    if (quantity !== undefined) usage[meter] = quantity
  }
  return usage
}

function costOf(cost: Cost): Readonly<Record<string, unknown>> {
  return {
    status: cost.status,
    usd: cost.pico === undefined ? undefined : usdString(cost.pico),
    layer: cost.layer,
    card: cost.card,
    book_version: cost.bookVersion,
    reason: cost.reason,
    lines: cost.lines.map((line) => ({
      meter: line.meter,
      quantity: line.quantity,
      unit: line.unit,
      unit_price_usd: line.unitPriceUsd,
      cost_usd: usdString(line.pico),
    })),
  }
}
