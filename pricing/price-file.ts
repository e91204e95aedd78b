import { type Document, isNode, LineCounter, parseDocument } from 'yaml'
import { hashText } from '../genai/hash.ts'
import type { BookFile, Source } from './card.ts'
import type { FxRate } from './currency.ts'
import { parseRational } from './rational.ts'
import { decodeUserCards } from './user-cards.ts'

/** A file of prices that a person maintains: YAML, or JSON, which is YAML too. */
export interface PriceFile {
  readonly name: string
  readonly cards: readonly unknown[]
  readonly aliases: Readonly<Record<string, string>>
  readonly fx: readonly FxRate[]
  readonly sources: Readonly<Record<string, Source>>
  /** `prices.yaml:12:7` of what stands at a path. */
  placeOf(path: Path): string
}

export type ParsedPriceFile =
  | { readonly file: PriceFile; readonly problems?: never }
  /** Each with its position: `prices.yaml:12:7 cards[3].rates.input: expected …`. */
  | { readonly problems: readonly string[]; readonly file?: never }

type Path = readonly (string | number)[]
type Json = Readonly<Record<string, unknown>>
interface Complaint {
  readonly path: Path
  readonly message: string
}

const TEXT_MAX = 4 * 1024 * 1024
const PROBLEMS_MAX = 20
/** `version` and `as_of` stand in files that `tokenfuse prices list --json` wrote. */
const KEYS: readonly string[] = ['cards', 'aliases', 'fx', 'sources', 'version', 'as_of']
const isObject = (v: unknown): v is Json => typeof v === 'object' && v !== null && !Array.isArray(v)
const isText = (v: unknown): v is string => typeof v === 'string' && v.trim() !== ''

/** Reads one file and everything that is wrong with it by itself. Never throws. */
export function parsePriceFile(text: string, name: string): ParsedPriceFile {
  if (text.length > TEXT_MAX) return { problems: [`${name}:1:1 over 4 MiB of text; is this a file of prices?`] }
  const lines = new LineCounter()
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset)
    return `${name}:${Math.max(1, line)}:${Math.max(1, col)}`
  }
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
    if (document.errors.length > 0)
      return { problems: document.errors.slice(0, PROBLEMS_MAX).map((e) => `${at(e.pos[0])} ${e.message}`) }
    return checked(document.toJS({ maxAliasCount: 100 }), name, (path) => at(offsetOf(document, path)))
  } catch (error) {
    // Nested a thousand deep, or aliases that multiply.
    return { problems: [`${name}:1:1 cannot be read: ${error instanceof Error ? error.message : String(error)}`] }
  }
}

/** Everything the user says in files and in the configuration, as one layer; or why it cannot be, with positions. */
export function combined(
  files: readonly PriceFile[],
):
  | { readonly books: readonly BookFile[]; readonly problems?: never }
  | { readonly problems: readonly string[]; readonly books?: never } {
  const owners = files.flatMap((file) => file.cards.map((_, index) => ({ file, index })))
  const { files: books, complaints } = decodeUserCards(
    'user',
    files.flatMap((file) => file.cards),
    { fx: files.flatMap((file) => file.fx), sources: Object.assign({}, ...files.map((file) => file.sources)) },
  )
  if (complaints.length === 0) return { books }
  return {
    problems: complaints.slice(0, PROBLEMS_MAX).map(({ path, message }) => {
      const owner = owners[Number(path[0])]
      const inFile = ['cards', owner?.index ?? 0, ...path.slice(1)]
      return owner === undefined ? message : problem(owner.file, inFile, naming(message, owner.file, owners))
    }),
  }
}

interface Owner {
  readonly file: PriceFile
  readonly index: number
}

/** A card of another file is named with its file. */
const naming = (message: string, file: PriceFile, owners: readonly Owner[]): string =>
  message.replace(/cards\[(\d+)\]/, (text, n: string) => {
    const other = owners[Number(n)]
    if (other === undefined) return text
    return `cards[${other.index}]${other.file === file ? '' : ` of ${other.file.name}`}`
  })

/** Tells one state of the user's files from the next. */
export const editionOf = (texts: readonly string[]): string => hashText(texts.join('\0')).toString(36)

function checked(value: unknown, name: string, placeOf: PriceFile['placeOf']): ParsedPriceFile {
  if (!isObject(value))
    return { problems: [`${name}:1:1 expected a map with cards, and perhaps ${KEYS.slice(1).join(', ')}`] }
  const complaints = [
    ...Object.keys(value)
      .filter((key) => !KEYS.includes(key))
      .map((key): Complaint => ({ path: [key], message: `unknown key; known are ${KEYS.join(', ')}` })),
    ...(value['cards'] === undefined || Array.isArray(value['cards'])
      ? []
      : [{ path: ['cards'], message: 'expected a list of price cards' }]),
    ...aliasComplaints(value['aliases']),
    ...fxComplaints(value['fx'], ['fx']),
    ...sourceComplaints(value['sources']),
  ]
  const shell = { name, placeOf }
  if (complaints.length > 0)
    return { problems: complaints.slice(0, PROBLEMS_MAX).map((c) => problem(shell, c.path, c.message)) }
  const file: PriceFile = {
    ...shell,
    cards: (value['cards'] ?? []) as readonly unknown[],
    aliases: (value['aliases'] ?? {}) as Readonly<Record<string, string>>,
    fx: ((value['fx'] ?? []) as readonly Json[]).map((rate) => ({ ...rate, usd: String(rate['usd']) }) as FxRate),
    sources: (value['sources'] ?? {}) as Readonly<Record<string, Source>>,
  }
  const { problems } = combined([file])
  return problems === undefined ? { file } : { problems }
}

function aliasComplaints(value: unknown): readonly Complaint[] {
  if (value === undefined) return []
  if (!isObject(value)) return [{ path: ['aliases'], message: 'expected a map of names to models' }]
  return Object.entries(value).flatMap(([name, model]) =>
    isText(model) ? [] : [{ path: ['aliases', name], message: 'expected a model, or provider/model' }],
  )
}

const DATE = /^\d{4}-\d{2}-\d{2}$/
const isDate = (v: unknown): boolean => typeof v === 'string' && DATE.test(v) && !Number.isNaN(Date.parse(v))

export function fxComplaints(value: unknown, path: Path): readonly Complaint[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) return [{ path, message: 'expected a list of rates of exchange' }]
  return value.flatMap((rate: unknown, i): Complaint[] => {
    const { currency, from, usd } = isObject(rate) ? rate : ({} as Json)
    const amount = parseRational(String(usd ?? ''))
    if (typeof currency !== 'string' || !/^[A-Z]{3}$/.test(currency) || currency === 'USD')
      return [{ path: [...path, i, 'currency'], message: 'expected a currency such as CNY, not USD' }]
    if (from !== undefined && !isDate(from))
      return [{ path: [...path, i, 'from'], message: 'expected a date such as 2026-11-01' }]
    if (amount === undefined || amount.num <= 0n)
      return [{ path: [...path, i, 'usd'], message: 'expected what one unit is worth in USD, "0.1379"' }]
    const isTwice = value
      .slice(0, i)
      .some((r: unknown) => isObject(r) && r['currency'] === currency && r['from'] === from)
    return isTwice ? [{ path: [...path, i], message: 'the same currency and day is there twice' }] : []
  })
}

function sourceComplaints(value: unknown): readonly Complaint[] {
  if (value === undefined) return []
  if (!isObject(value)) return [{ path: ['sources'], message: 'expected a map of names to sources' }]
  return Object.entries(value).flatMap(([name, source]) =>
    isObject(source) && isText(source['url']) && isDate(source['checked'])
      ? []
      : [{ path: ['sources', name], message: 'expected url and checked, a date such as 2026-11-01' }],
  )
}

const problem = (file: Pick<PriceFile, 'placeOf'>, path: Path, message: string): string =>
  `${file.placeOf(path)} ${pathText(path)}: ${message}`

const pathText = (path: Path): string =>
  path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`),
    '',
  )

/** Where it stands; for what is absent, the nearest thing around it that was written. */
function offsetOf(document: Document.Parsed, path: Path): number {
  for (let depth = path.length; depth > 0; depth--) {
    const node = document.getIn(path.slice(0, depth), true)
    if (isNode(node) && node.range) return node.range[0]
  }
  return document.contents?.range?.[0] ?? 0
}
