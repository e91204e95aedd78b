import { usdString } from '../genai/money.ts'
import { totalInput } from '../genai/usage.ts'
import type { BandEdge, Modifier } from './card.ts'
import { sourceText } from './catalog-text.ts'
import type { PricedCost } from './cost.ts'
import type { PriceRecord } from './record.ts'

/** The same answer in words: what was counted, at which price, by which rule, from which source. */
export function explain(record: PriceRecord, cost: PricedCost): string {
  const { query } = record
  const names = [query.provider, query.responseModel ?? query.requestModel].filter((n) => n !== undefined && n !== '')
  const head = `${record.id === null ? 'call' : String(record.id)}: ${names.join(' ')} at ${new Date(query.endMs).toISOString()}`
  const flags = [...record.flags, ...cost.flags]
  return [
    head,
    ...cost.lines.map(
      (l) => `  ${l.quantity} ${l.meter} × ${l.unitPriceUsd} USD per ${l.unit} = ${usdString(l.pico)} USD`,
    ),
    `  ${resultOf(cost)}`,
    ...cardLines(record, cost),
    ...(flags.length === 0 ? [] : [`  noted: ${flags.join(', ')}`]),
    '',
  ].join('\n')
}

function resultOf(cost: PricedCost): string {
  const reason = cost.reason === undefined ? '' : ` (${cost.reason})`
  if (cost.pico === undefined) return `no price${reason}: the cost is unknown, which is not 0`
  const total = `${usdString(cost.pico)} USD`
  switch (cost.status) {
    case 'reported': {
      const list =
        cost.listPico === undefined ? 'our list price is unknown' : `our list price is ${usdString(cost.listPico)} USD`
      return `total ${total}, as the provider billed it; ${list}`
    }
    case 'free':
      return `total ${total}: it costs nothing${reason}${cost.listPico !== undefined && cost.listPico > 0 ? `; our list price is ${usdString(cost.listPico)} USD` : ''}`
    case 'estimated':
      return `about ${total}${reason}`
    default:
      return `total ${total}`
  }
}

function cardLines(record: PriceRecord, cost: PricedCost): string[] {
  const compiled = cost.priceCard
  if (compiled === undefined) return []
  const { card } = compiled
  const span = `${card.from === undefined ? 'since ever' : `from ${card.from}`}${card.to === undefined ? '' : ` until ${card.to}`}`
  const total = totalInput(record.query.usage)
  const edges = (card.bands ?? []).map(edgeText)
  return [
    `  price card ${compiled.id}, ${span}, layer ${cost.layer}, book ${cost.bookVersion}`,
    ...(edges.length === 0
      ? []
      : [`  ${total} input tokens in all; other prices hold for the whole call with ${edges.join(' and ')}`]),
    ...compiled.modifiers.map((m) => `  ${m.id}: ${m.fees === undefined ? `× ${m.multiply}` : feesText(m.fees)}`),
    ...compiled.sources.map((source) => `  source: ${sourceText(source)}`),
  ]
}

const feesText = (fees: NonNullable<Modifier['fees']>): string =>
  Object.entries(fees)
    .map(([meter, fee]) => `${meter} ${fee} USD each`)
    .join(', ')

const edgeText = (edge: BandEdge): string => ('gt' in edge ? `more than ${edge.gt}` : `${edge.gte} or more`)
