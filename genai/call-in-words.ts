import type { Call, Tags } from './call.ts'
import { billInWords, notesInWords } from './explain.ts'
import { usdString } from './money.ts'
import { COMMON_METERS, type Meter, quantityOf, RARE_METERS } from './usage.ts'

/** `anthropic claude-sonnet-4-5: 1,200 input + 300 output = $0.0081 (priced from book, …), billed`. */
export function callInWords(call: Call): string {
  const who = `${call.provider === '' ? 'unknown provider' : call.provider} ${call.model ?? 'unknown model'}`
  const failed = call.errorType === undefined ? '' : `, failed (${call.errorType})`
  const notes = notesInWords(call)
  const noted = notes === '' ? '' : ` [${call.dialect}: ${notes}]`
  return `${who}: ${usageInWords(call)}${costInWords(call)}, ${billInWords(call)}${failed}${forWhom(call.tags)}${noted}`
}

function usageInWords({ usage }: Call): string {
  const parts = [...COMMON_METERS, ...RARE_METERS].flatMap((meter: Meter) => {
    const quantity = quantityOf(usage, meter)
    return quantity === undefined ? [] : [`${quantity.toLocaleString('en-US')} ${meter.replaceAll('_', ' ')}`]
  })
  return parts.length === 0 ? 'no usage reported' : parts.join(' + ')
}

/** What is not billed need not have a price. */
function costInWords({ bill, cost }: Call): string {
  if (cost === undefined) return bill === 'billed' ? ' = not priced (no token_pricing before this)' : ''
  if (cost.pico === undefined) return ` = unpriced (${cost.reason ?? 'no price known'})`
  const notes = [`${cost.status} from ${cost.layer}`, cost.card, cost.reason].filter((note) => note !== undefined)
  return ` = $${usdString(cost.pico)} (${notes.join(', ')})`
}

function forWhom(tags: Tags): string {
  const { run, agent, workflow, step, customer, businessUnit, extra } = tags
  const known = Object.entries({ run, agent, workflow, step, customer, business_unit: businessUnit, ...extra })
  const parts = known.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]))
  return parts.length === 0 ? '' : `; ${parts.join(' ')}`
}
