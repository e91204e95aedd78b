import type { Call } from '../../genai/call.ts'
import { addPico, type Pico, usdString } from '../../genai/money.ts'
import type { Verdict } from '../../genai/verdict.ts'
import type { Delivery, Signal } from '../../pipeline/component.ts'

const ITEM: Readonly<Record<Signal, string>> = { traces: 'span', logs: 'log record', metrics: 'data point' }

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
