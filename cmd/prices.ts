import { type ParseArgsConfig, parseArgs } from 'node:util'
import { tryReadFile } from '../pipeline/config/io.ts'
import { bundledBook } from '../pricing/book/index.ts'
import { compareBooks } from '../pricing/book-diff.ts'
import type { BookFile } from '../pricing/card.ts'
import { faultsOf, filesOf, findModel, holdsAt, select } from '../pricing/catalog.ts'
import { bookJson, cardText, changeText, type Listed, listJson, listText } from '../pricing/catalog-text.ts'
import { combined, editionOf, parsePriceFile } from '../pricing/price-file.ts'
import { type CommandIo, DONE, FAILED, WRONG_USAGE } from './config-args.ts'
import { repriceCommand } from './reprice.ts'

const USAGE = `tokenfuse prices list    [--provider P] [--model PART] [--at DATE] [--prices FILE] [--json]
tokenfuse prices show    MODEL [--provider P] [--at DATE] [--prices FILE] [--json]
tokenfuse prices diff    FILE|book [FILE|book] [--json]
tokenfuse prices check   [FILE …] [--max-age DAYS] [--json]
tokenfuse prices reprice --calls FILE [--corrections FILE] [--prices FILE …] [--summary]

Looks into the price book that comes with Tokenfuse, and into price files of your own.

  list      cards, one a line; --json gives a file that diff, check and price_files can read
  show      the cards of the model that a call with this id is priced by: units, conditions, sources
  diff      what differs between two sets of prices; the second is the book when it is left out
  check     mistakes with their positions, cards that hold at the same time, missing sources, the age of the book
  reprice   prices calls again, as the file exporter writes them (format: calls), and prints correction lines;
            a summary by provider and model goes to stderr, or with --summary alone to stdout

  --at DATE         only what holds on that day (UTC), 2026-11-20 or 2026-11-20T08:30:00Z
  --prices FILE     a price file in place of the book (list, show), or before it (reprice)
  --max-age DAYS    check fails when the book was last checked longer ago
  --corrections F   lines that an earlier reprice printed: only what is still missing is printed again
`

export interface PricesCommand {
  readonly args: readonly string[]
  readonly io: Pick<CommandIo, 'readFile' | 'stdout' | 'stderr' | 'env'>
  /** Milliseconds since the epoch, for the age of the book. */
  readonly now?: () => number
}

type Io = PricesCommand['io']
export interface Values {
  readonly provider?: string | undefined
  readonly model?: string | undefined
  readonly at?: string | undefined
  readonly prices: readonly string[]
  readonly calls?: string | undefined
  readonly corrections?: string | undefined
  readonly 'max-age'?: string | undefined
  readonly json: boolean
  readonly summary: boolean
}

/** An answer instead of a result: what is printed, and how the command ends. */
class Refusal extends Error {
  readonly code: number
  constructor(message: string, code: number) {
    super(message)
    this.code = code
  }
}

const SUB_COMMANDS: Readonly<
  Record<string, (values: Values, positionals: readonly string[], command: PricesCommand) => number>
> = { list, show, diff, check, reprice: (values, positionals, { io }) => reprice(values, positionals, io) }

export function prices(command: PricesCommand): number {
  const { args, io } = command
  const [name = '', ...rest] = args
  if (name === '--help' || name === '-h' || rest.includes('--help') || rest.includes('-h')) {
    io.stdout(USAGE)
    return DONE
  }
  const run = Object.hasOwn(SUB_COMMANDS, name) ? SUB_COMMANDS[name] : undefined
  try {
    if (run === undefined) throw usageError(name === '' ? 'what about the prices?' : `no such thing as "${name}"`)
    const { values, positionals } = parse(rest)
    return run(values, positionals, command)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    io.stderr(`${error.message}\n`)
    return error.code
  }
}

const usageError = (message: string): Refusal => new Refusal(`tokenfuse prices: ${message}\n\n${USAGE}`, WRONG_USAGE)

const OPTIONS = {
  provider: { type: 'string' },
  model: { type: 'string' },
  at: { type: 'string' },
  prices: { type: 'string', multiple: true, default: [] },
  calls: { type: 'string' },
  corrections: { type: 'string' },
  'max-age': { type: 'string' },
  json: { type: 'boolean', default: false },
  summary: { type: 'boolean', default: false },
} as const satisfies ParseArgsConfig['options']

function parse(args: readonly string[]): { readonly values: Values; readonly positionals: readonly string[] } {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, strict: true, allowPositionals: true })
  } catch (error) {
    throw usageError(error instanceof Error ? error.message : String(error))
  }
}

function list(values: Values, positionals: readonly string[], { io }: PricesCommand): number {
  if (positionals.length > 0) throw usageError('list takes no names; use --model PART')
  const { files, listed } = sourceOf(values, io)
  const entries = select(files, { provider: values.provider, model: values.model, atMs: dayOf(values.at) })
  io.stdout(values.json ? bookJson(entries, listed) : listText(entries, listed))
  return DONE
}

function show(values: Values, positionals: readonly string[], { io }: PricesCommand): number {
  const [model, ...more] = positionals
  if (model === undefined || more.length > 0) throw usageError('show takes one model id')
  const { files, listed } = sourceOf(values, io)
  const found = findModel(files, values.provider ?? '', model)
  if (typeof found === 'string') {
    const hint = found === 'ambiguous_provider' ? '; say which provider with --provider' : '; try prices list --model'
    throw new Refusal(`tokenfuse prices: no price for ${model}: ${found}${hint}`, FAILED)
  }
  const atMs = dayOf(values.at)
  const entries = atMs === undefined ? found : found.filter((e) => holdsAt(e.card, atMs))
  if (values.json) io.stdout(listJson(entries))
  else
    io.stdout(`${entries.map(cardText).join('\n')}${entries.length === 0 ? `no price for ${model} on that day\n` : ''}`)
  if (!values.json) io.stdout(`\nbook ${listed.version}\n`)
  return entries.length === 0 ? FAILED : DONE
}

function diff(values: Values, positionals: readonly string[], { io }: PricesCommand): number {
  const [before, after = 'book', ...more] = positionals
  if (before === undefined || more.length > 0) throw usageError('diff takes one or two of FILE or "book"')
  const changes = compareBooks(read(before, io), read(after, io))
  if (values.json) io.stdout(`${JSON.stringify({ before, after, changes }, null, 1)}\n`)
  else io.stdout(changes.length === 0 ? 'No price differs.\n' : changes.map((c) => `${changeText(c)}\n`).join(''))
  return DONE
}

function check(values: Values, positionals: readonly string[], { io, now = Date.now }: PricesCommand): number {
  const faults = positionals.length === 0 ? filesOf(bundledBook).flatMap(faultsOf) : filesFaults(positionals, io)
  const age = Math.floor((now() - Date.parse(bundledBook.asOf)) / 86_400_000)
  const limit = values['max-age'] === undefined ? Number.POSITIVE_INFINITY : Number(values['max-age'])
  if (!(limit >= 0)) throw usageError('--max-age takes a number of days')
  const stale = age > limit ? [`the book is ${age} days old: its facts were last checked on ${bundledBook.asOf}`] : []
  const all = [...faults, ...stale]
  if (values.json) io.stdout(`${JSON.stringify({ book: bundledBook.version, age_days: age, faults: all }, null, 1)}\n`)
  else {
    for (const fault of all) io.stderr(`${fault}\n`)
    for (const note of positionals.flatMap((path) => sourceless(path, io))) io.stderr(`${note}\n`)
    const what = positionals.length === 0 ? 'The book' : positionals.join(', ')
    if (all.length === 0) io.stdout(`${what}: nothing wrong. Book ${bundledBook.version}, ${age} days old.\n`)
  }
  return all.length === 0 ? DONE : FAILED
}

/** Each by itself, and, when each is good, all together. */
function filesFaults(paths: readonly string[], io: Io): readonly string[] {
  const parsed = paths.map((path) => parsePriceFile(textOf(path, io), path))
  const faults = parsed.flatMap((p) => p.problems ?? [])
  return faults.length > 0 ? faults : (combined(parsed.flatMap((p) => p.file ?? [])).problems ?? [])
}

/** Not a mistake in prices of one's own, but worth knowing before an audit. */
function sourceless(path: string, io: Io): readonly string[] {
  const { file } = parsePriceFile(textOf(path, io), path)
  const without = (file?.cards ?? []).flatMap((card, i) =>
    typeof card === 'object' && card !== null && 'source' in card ? [] : [`cards[${i}]`],
  )
  if (without.length === 0) return []
  const shown = without.slice(0, 10).join(', ')
  return [`${path}: note: ${without.length} cards name no source: ${shown}${without.length > 10 ? ' …' : ''}`]
}

function reprice(values: Values, positionals: readonly string[], io: Io): number {
  if (values.calls === undefined || positionals.length > 0) throw usageError('reprice needs --calls FILE')
  return repriceCommand(
    {
      calls: textOf(values.calls, io),
      corrections: values.corrections === undefined ? '' : textOf(values.corrections, io),
      user: values.prices.flatMap((path) => read(path, io)),
      edition: values.prices.length === 0 ? undefined : editionOf(values.prices.map((path) => textOf(path, io))),
      isSummaryOnly: values.summary,
    },
    io,
  )
}

function sourceOf(values: Values, io: Io): { readonly files: readonly BookFile[]; readonly listed: Listed } {
  if (values.prices.length === 0)
    return { files: filesOf(bundledBook), listed: { version: bundledBook.version, asOf: bundledBook.asOf } }
  return {
    files: values.prices.flatMap((path) => read(path, io)),
    listed: { version: values.prices.join('+'), asOf: '' },
  }
}

function read(name: string, io: Io): readonly BookFile[] {
  if (name === 'book') return filesOf(bundledBook)
  const parsed = parsePriceFile(textOf(name, io), name)
  const outcome = parsed.file === undefined ? parsed : combined([parsed.file])
  if (outcome.problems !== undefined) throw new Refusal(outcome.problems.join('\n'), FAILED)
  return 'books' in outcome ? (outcome.books ?? []) : []
}

function textOf(path: string, io: Io): string {
  const outcome = tryReadFile(io, path)
  if ('why' in outcome) throw new Refusal(`${path}:1:1 ${outcome.why}`, WRONG_USAGE)
  return outcome.text
}

function dayOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const ms = /^\d{4}-\d{2}-\d{2}(?:T[\d:.]+Z)?$/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(ms)) throw usageError('--at takes a day or an instant in UTC: 2026-11-20, 2026-11-20T08:30:00Z')
  return ms
}
