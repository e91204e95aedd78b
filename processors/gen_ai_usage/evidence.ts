import type { Call } from '../../genai/call.ts'
import { COMMON_METERS, type CommonMeter, quantityOf, totalInput, totalOutput } from '../../genai/usage.ts'

/**
 * What another span knows of a call and the call's own does not: both report the same call, since their totals are the
 * same. Only within one batch, where both are at hand.
 */
export function mergeEvidence(call: Call, other: Call): void {
  if (says(call) && says(other) && !sameTotals(call, other)) return
  call.serviceTier ??= other.serviceTier
  call.speed ??= other.speed
  call.inferenceGeo ??= other.inferenceGeo
  call.region ??= other.region
  call.requestModel ??= other.requestModel
  call.responseModel ??= other.responseModel
  call.conversation ??= other.conversation
  call.agentId ??= other.agentId
  if (call.provider === '') call.provider = other.provider
  if (call.reportedPico === undefined && other.reportedPico !== undefined) {
    call.reportedPico = other.reportedPico
    call.reportedIsBilled = other.reportedIsBilled
  }
  // Cache and reasoning that only the other one splits off its totals.
  if (sameTotals(call, other) && parts(other) > parts(call)) call.usage = other.usage
}

const says = ({ usage }: Call): boolean => usage.input !== undefined || usage.output !== undefined

const sameTotals = (a: Call, b: Call): boolean =>
  totalInput(a.usage) === totalInput(b.usage) && totalOutput(a.usage) === totalOutput(b.usage)

/** How many buckets hold something; a write whose time to live is known says more than one without. */
const parts = ({ usage }: Call): number =>
  COMMON_METERS.filter((meter) => (quantityOf(usage, meter) ?? 0) > 0).length +
  ((usage.cacheWrite5m ?? 0) + (usage.cacheWrite1h ?? 0) > 0 ? 1 : 0)

/** Whether a span around a call says that it is the very same call, and reports other usage of it. */
export function conflicts(call: Call, around: Call): boolean {
  return (
    call.responseIdAt >= 0 &&
    around.responseIdAt >= 0 &&
    !sameTotals(call, around) &&
    totalInput(around.usage) > 0 &&
    call.responseId === around.responseId
  )
}

/**
 * Whether what was billed for a span says all that the call below it says: the same buckets, and a price. An agent's own
 * usage is no call; and what a gateway was charged counts more than what a price book says.
 */
export function isSameCall(billed: Call, call: Call): boolean {
  return (
    billed.cost?.pico !== undefined &&
    !billed.flags.includes('rollup_billed') &&
    (billed.reportedIsBilled || !call.reportedIsBilled) &&
    billed.usage.other === undefined &&
    call.usage.other === undefined &&
    (saysTimeToLive(call) ? SAME_PRICE : COARSE).every((meters) => sumOf(billed, meters) === sumOf(call, meters))
  )
}

const saysTimeToLive = ({ usage }: Call): boolean =>
  usage.cacheWrite5m !== undefined || usage.cacheWrite1h !== undefined

/** Meters that cost the same: reasoning is billed as output, and writes of no stated time to live as the short ones. */
const SAME_PRICE: readonly (readonly CommonMeter[])[] = [
  ['input'],
  ['cache_read'],
  ['cache_write', 'cache_write_5m'],
  ['cache_write_1h'],
  ['output', 'reasoning'],
]

/** The same for a call that does not say how long its writes live: whoever was billed around it may know. */
const COARSE: readonly (readonly CommonMeter[])[] = [
  ['input'],
  ['cache_read'],
  ['cache_write', 'cache_write_5m', 'cache_write_1h'],
  ['output', 'reasoning'],
]

const sumOf = ({ usage }: Call, meters: readonly CommonMeter[]): number =>
  meters.reduce((sum, meter) => sum + (quantityOf(usage, meter) ?? 0), 0)
