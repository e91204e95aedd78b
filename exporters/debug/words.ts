import type { BillStatus, Call, Tags } from '../../genai/call.ts'
import { addPico, type Pico, usdString } from '../../genai/money.ts'
import { COMMON_METERS, type Meter, quantityOf, RARE_METERS } from '../../genai/usage.ts'
import type { Verdict } from '../../genai/verdict.ts'
import type { Delivery, Signal } from '../../pipeline/component.ts'

const ITEM: Readonly<Record<Signal, string>> = { traces: 'span', logs: 'log record', metrics: 'data point' }

const WHY_NOT_BILLED: Readonly<Record<Exclude<BillStatus, 'billed'>, string>> = {
  superseded: 'not billed: better evidence of the same call arrived later',
  rollup: 'not billed: repeats what the calls below it report',
  duplicate: 'not billed: the same call was counted before',
  not_billable: 'not billed: free by its nature',
}

const count = (n: number, what: string): string => `${n.toLocaleString('en-US')} ${what}${n === 1 ? '' : 's'}`
const usd = (pico: Pico): string => `$${usdString(pico)}`

/** `traces: 12 spans, 3 calls ($0.0123, 1 unpriced), 1 verdict`. */
export function summary({ signal, items, calls, verdicts }: Delivery): string {
  const parts = [count(items, ITEM[signal])]
  if (calls.length > 0) parts.push(`${count(calls.length, 'call')} (${total(calls)})`)
  if (verdicts.length > 0) parts.push(count(verdicts.length, 'verdict'))
  return `${signal}: ${parts.join(', ')}`
}

function total(calls: readonly Call[]): string {
  const billed = calls.filter((call) => call.bill === 'billed')
  const sum = billed.reduce<Pico>((pico, call) => addPico(pico, call.cost?.pico ?? 0), 0)
  const unpriced = billed.filter((call) => call.cost?.pico === undefined).length
  return unpriced === 0 ? usd(sum) : `${usd(sum)}, ${unpriced} unpriced`
}

/** `anthropic claude-sonnet-4-5: 1,200 input + 300 output = $0.0081 (priced from book, …), billed`. */
export function callInWords(call: Call): string {
  const who = `${call.provider === '' ? 'unknown provider' : call.provider} ${call.model ?? 'unknown model'}`
  const failed = call.errorType === undefined ? '' : `, failed (${call.errorType})`
  return `${who}: ${usageInWords(call)}${costInWords(call)}, ${billInWords(call)}${failed}${forWhom(call.tags)}`
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
  return ` = ${usd(cost.pico)} (${notes.join(', ')})`
}

function billInWords(call: Call): string {
  if (call.bill !== 'billed') return WHY_NOT_BILLED[call.bill]
  return call.correctionOf === undefined ? 'billed' : `billed as a correction of ${call.correctionOf}`
}

function forWhom(tags: Tags): string {
  const { run, agent, workflow, step, customer, businessUnit, extra } = tags
  const known = Object.entries({ run, agent, workflow, step, customer, business_unit: businessUnit, ...extra })
  const parts = known.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]))
  return parts.length === 0 ? '' : `; ${parts.join(' ')}`
}

/** `3,000 token at $0.000003 = $0.009 (input)`. */
export function costLines({ cost }: Call): string[] {
  return (cost?.lines ?? []).map(
    ({ meter, quantity, unit, unitPriceUsd, pico }) =>
      `${quantity.toLocaleString('en-US')} ${unit} at $${unitPriceUsd} = ${usd(pico)} (${meter})`,
  )
}

export function verdictInWords(verdict: Verdict): string {
  const scope = Object.entries(verdict.scope).map(([key, value]) => `${key}=${value}`)
  return `verdict ${verdict.level}: ${verdict.action} ${scope.join(' ')} (${verdict.kind}, ${verdict.detector}): ${verdict.reason}; lifted by ${verdict.liftedBy}`
}
