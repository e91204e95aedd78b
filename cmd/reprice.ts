import { addPico, type Pico, parseUsd, usdString } from '../genai/money.ts'
import { bundledBook } from '../pricing/book/index.ts'
import type { BookFile } from '../pricing/card.ts'
import { table } from '../pricing/catalog-text.ts'
import { Pricer } from '../pricing/pricer.ts'
import { correctionLine, decodePastCall, type PastCall, type Repriced, reprice } from '../pricing/reprice.ts'
import { DONE, FAILED } from './config-args.ts'

export interface RepriceInput {
  /** Lines of the file exporter, `format: calls`. */
  readonly calls: string
  /** Lines that an earlier run printed; '' = none. */
  readonly corrections: string
  /** Prices of the user's own, before the book. */
  readonly user: readonly BookFile[]
  /** Tells these prices from others; part of the keys of corrections. */
  readonly edition: string | undefined
  readonly isSummaryOnly: boolean
}

interface Io {
  stdout(text: string): void
  stderr(text: string): void
}

/** What became of the calls of one provider and model. */
interface Row {
  calls: number
  corrected: number
  kept: number
  delta: Pico
  old: Pico
}

export function repriceCommand(input: RepriceInput, io: Io): number {
  const pricer = new Pricer({ book: bundledBook, user: input.user, edition: input.edition })
  const earlier = new Map<string, Pico>()
  const lost: string[] = []
  eachLine(input.corrections, (value, number) => {
    const line = value as { readonly correction_of?: unknown; readonly delta_usd?: unknown } | null | undefined
    const delta = parseUsd(String(line?.delta_usd ?? ''))
    const key = line?.correction_of
    if (delta === undefined || typeof key !== 'string') lost.push(`corrections:${number}`)
    else earlier.set(key, addPico(earlier.get(key) ?? 0, delta))
  })
  const rows = new Map<string, Row>()
  eachLine(input.calls, (value, number) => {
    const call = decodePastCall(value)
    if (call === undefined) {
      lost.push(`calls:${number}`)
      return
    }
    const outcome = reprice(call, pricer, earlier.get(call.key))
    count(rows, call, outcome)
    if (outcome.kind === 'corrected' && !input.isSummaryOnly)
      io.stdout(`${JSON.stringify(correctionLine(outcome.correction))}\n`)
  })
  const say = input.isSummaryOnly ? io.stdout : io.stderr
  say(summary(rows, pricer.bookVersion))
  for (const place of lost.slice(0, SHOWN)) io.stderr(`${place}: not a line that can be read\n`)
  if (lost.length > SHOWN) io.stderr(`… and ${lost.length - SHOWN} more\n`)
  return lost.length === 0 ? DONE : FAILED
}

const SHOWN = 20

function eachLine(text: string, take: (value: unknown, number: number) => void): void {
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    let value: unknown
    try {
      value = JSON.parse(line)
    } catch {
      value = undefined
    }
    take(value, i + 1)
  }
}

function count(rows: Map<string, Row>, call: PastCall, outcome: Repriced): void {
  if (outcome.kind === 'not_billed') return
  const name = `${call.provider}\t${call.model}`
  const row = rows.get(name) ?? { calls: 0, corrected: 0, kept: 0, delta: 0, old: 0 }
  rows.set(name, row)
  row.calls++
  if (outcome.kind === 'not_comparable') row.kept++
  row.old = addPico(row.old, (outcome.kind === 'corrected' ? outcome.correction.oldPico : call.pico) ?? 0)
  if (outcome.kind !== 'corrected') return
  row.corrected++
  row.delta = addPico(row.delta, outcome.correction.delta)
}

function summary(rows: ReadonlyMap<string, Row>, book: string): string {
  const total = [...rows.values()].reduce<Pico>((sum, row) => addPico(sum, row.delta), 0)
  const lines = [...rows]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, row]) => [
      ...name.split('\t'),
      String(row.calls),
      String(row.corrected),
      String(row.kept),
      usdString(row.old),
      usdString(row.delta),
    ])
  const head = ['PROVIDER', 'MODEL', 'CALLS', 'CORRECTED', 'LEFT AS THEY ARE', 'WAS USD', 'DELTA USD']
  return `${lines.length === 0 ? '' : table([head, ...lines])}book ${book}: ${usdString(total)} USD to add\n`
}
