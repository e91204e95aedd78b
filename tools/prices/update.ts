// Writes pricing/book from the seeds and the overlay, and prints what changed for review.
//
//   npm run prices:update              writes and prints the difference
//   npm run prices:update -- --check   writes nothing; fails when the book is not what it would write
//   … --correct                        writes over prices that were wrong; without it a changed price must be dated
//   … --inputs FOLDER                  overlay, explained.yaml and cross-check.jsonl from another folder (for tests)
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { BookFile, Card, Source } from '../../pricing/card.ts'
import { cardSchema } from '../../pricing/card-schema.ts'
import { faultsOf } from '../../pricing/catalog.ts'
import { priceLists } from '../../pricing/providers.ts'
import { cardsOf } from './build.ts'
import { crossCheck, type Explanation, parseCrossSeed } from './cross-check.ts'
import { describeChanges, rewritten } from './diff.ts'
import { filled, fillOf, namesOf, parseFill } from './fill.ts'
import { billerOf, nameOf } from './names.ts'
import { npmSeed } from './npm-seed.ts'
import { applyOverlay, concerns, type Overlay, patched } from './overlay.ts'
import { parseSeed, type Seed, type SeedModel, type SeedProvider } from './seed-format.ts'

const here = import.meta.dirname
const flag = process.argv.indexOf('--inputs')
const inputs = flag < 0 ? here : (process.argv[flag + 1] ?? here)
const bookDir = join(here, '../../pricing/book')

interface Draft {
  readonly cards: Card[]
  readonly sources: Record<string, Source>
}

/** The newer release decides; the older one only adds models that the newer no longer lists. */
function draftsOf(newer: Seed, older: Seed): Map<string, Draft> {
  const drafts = new Map<string, Draft>()
  const known = new Map<string, Set<string>>()
  for (const seed of [newer, older]) {
    for (const provider of seed.providers) {
      const ids = known.get(provider.id) ?? new Set()
      known.set(provider.id, ids)
      for (const model of provider.models.filter((m) => seed === newer || !isKnown(m, ids)))
        addModel(drafts, seed, provider, model)
      if (seed === newer) for (const model of provider.models) for (const id of idsOf(model)) ids.add(id)
    }
  }
  return drafts
}

const idsOf = (m: SeedModel): string[] => [m.id, ...m.match.filter((c) => c.startsWith('=')).map((c) => c.slice(1))]
const isKnown = (m: SeedModel, ids: ReadonlySet<string>): boolean => idsOf(m).some((id) => ids.has(id))

function addModel(drafts: Map<string, Draft>, seed: Seed, provider: SeedProvider, model: SeedModel): void {
  const biller = billerOf(provider.id, model)
  const draft: Draft = drafts.get(biller) ?? { cards: [], sources: {} }
  drafts.set(biller, draft)
  const source = sourceName(draft.sources, {
    url: model.refs?.[0] ?? provider.urls[0] ?? '',
    checked: seed.asOf,
    via: `${seed.package} ${seed.version}, ${seed.license}`,
  })
  draft.cards.push(...cardsOf(biller, model, source, nameOf(biller, model)))
}

function sourceName(sources: Record<string, Source>, source: Source): string {
  const text = JSON.stringify(source)
  const found = Object.entries(sources).find(([, s]) => JSON.stringify(s) === text)
  const name = found?.[0] ?? `s${Object.keys(sources).length + 1}`
  sources[name] = source
  return name
}

function readOverlay(provider: string): Overlay {
  const path = join(inputs, 'overlay', `${fileName(provider)}.yaml`)
  return existsSync(path) ? (parse(readFileSync(path, 'utf8')) as Overlay) : {}
}

const fileName = (provider: string): string => provider.replaceAll('.', '_')

function ownCards(provider: string, draft: Draft): Card[] {
  return withoutStolenAliases(withoutLoneEndpoint(merged(applyOverlay(draft.cards, readOverlay(provider)))))
}

function fileOf(provider: string, draft: Draft, all: ReadonlyMap<string, Card[]>): BookFile {
  const overlay = readOverlay(provider)
  const own = all.get(provider) ?? []
  const lists = priceLists(provider).slice(1)
  const elsewhere = new Set([
    ...(overlay.drop ?? []).map((name) => name.toLowerCase()),
    ...lists.flatMap((list) => (all.get(list) ?? []).flatMap(namesOf)),
  ])
  const known = { tiers: tiersOf(overlay), elsewhere }
  const newest = filled(provider, own, known, fillOf(crossSeed))
  const rest = filled(provider, [...own, ...newest.cards], known, fill)
  const more = { cards: [...newest.cards, ...rest.cards], sources: { ...newest.sources, ...rest.sources } }
  const cards = [...own, ...patched(more.cards, overlay)]
  const used = new Set([
    ...cards.flatMap((c) => [c.source, ...(c.also ?? [])]),
    ...(overlay.modifiers ?? []).map((m) => m.source),
  ])
  const sources = Object.entries({ ...draft.sources, ...overlay.sources, ...more.sources }).filter(([name]) =>
    used.has(name),
  )
  return {
    provider,
    sources: Object.fromEntries(sources),
    ...(overlay.modifiers === undefined ? {} : { modifiers: overlay.modifiers.map((m) => expanded(m, cards)) }),
    cards: cards.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  }
}

/** Tiers that a modifier of ours prices for every model. */
const tiersOf = (overlay: Overlay): ReadonlySet<string> =>
  new Set((overlay.modifiers ?? []).flatMap((m) => (m.models === undefined ? (m.when.tier ?? []) : [])))

/** Modifiers name models by prefix in the overlay and one by one in the book. */
function expanded<M extends { readonly models?: readonly string[] }>(modifier: M, cards: readonly Card[]): M {
  if (modifier.models === undefined) return modifier
  const models = new Set(cards.filter((c) => concerns({ models: modifier.models ?? [] }, c)).map((c) => c.model))
  return { ...modifier, models: [...models].sort() }
}

/** Two snapshots of a model at one price are one card with both their names. */
function merged(cards: readonly Card[]): Card[] {
  const out = new Map<string, Card>()
  for (const card of cards) {
    const key = JSON.stringify({ ...card, aliases: [], source: '' })
    const before = out.get(key)
    out.set(
      key,
      before === undefined ? card : { ...before, aliases: [...(before.aliases ?? []), ...(card.aliases ?? [])] },
    )
  }
  return [...out.values()]
}

/** Where only one endpoint is on sale there is nothing to tell apart. */
function withoutLoneEndpoint(cards: readonly Card[]): Card[] {
  const endpoints = Map.groupBy(cards, (c) => c.model)
  const isLone = (card: Card): boolean =>
    new Set(endpoints.get(card.model)?.map((c) => c.when?.endpoint?.[0])).size === 1
  return cards.map((card) => {
    if (card.when?.endpoint === undefined || !isLone(card)) return card
    const { endpoint: _, ...when } = card.when
    const { when: __, ...rest } = card
    return {
      ...rest,
      id: card.id.replace(/\/(?:regional|global)/, ''),
      ...(Object.keys(when).length === 0 ? {} : { when }),
    }
  })
}

/** An alias belongs to the first model that claims it, and never to one whose neighbour has it as its own id. */
function withoutStolenAliases(cards: readonly Card[]): Card[] {
  const owner = new Map(cards.map((c) => [c.model.toLowerCase(), c.model]))
  const written = new Set<string>()
  return cards.map((card) => {
    // One card of a model carries the aliases for all of them.
    const aliases = (card.aliases ?? []).filter((alias) => {
      const key = alias.toLowerCase()
      if (!owner.has(key)) owner.set(key, card.model)
      const isOurs = owner.get(key) === card.model && key !== card.model.toLowerCase() && !written.has(key)
      if (isOurs) written.add(key)
      return isOurs
    })
    const { id, model, aliases: _, ...rest } = card
    return aliases.length === 0 ? { id, model, ...rest } : { id, model, aliases, ...rest }
  })
}

/** Where another collection of prices says something else, and nobody has written down why. */
function disagreements(files: readonly BookFile[]): string[] {
  const explained = parse(readFileSync(join(inputs, 'explained.yaml'), 'utf8')) as readonly Explanation[]
  const { unexplained, idle, missing, agreed } = crossCheck(files, crossSeed, explained)
  process.stdout.write(
    `${crossSeed.package} ${crossSeed.version} (${crossSeed.asOf}): ${agreed} prices agree, ${missing.length} models are not in the book\n`,
  )
  return [
    ...unexplained.map((line) => `${line}; correct the overlay, or say why in explained.yaml`),
    ...idle.map((why) => `explained.yaml: nothing needs this any more: ${why}`),
  ]
}

/**
 * JSON with one card per line, inside a module: it bundles, needs no file system, and each provider is parsed only when
 * somebody calls it. As object literals the whole book took 30 ms of every start.
 */
function formatFile(file: BookFile): string {
  const rows = (items: readonly unknown[]): string => `[\n${items.map((i) => JSON.stringify(i)).join(',\n')}\n]`
  const sources = Object.entries(file.sources).map(([name, s]) => `${JSON.stringify(name)}:${JSON.stringify(s)}`)
  const modifiers = file.modifiers === undefined ? '' : `"modifiers":${rows(file.modifiers)},\n`
  const json = `{"provider":${JSON.stringify(file.provider)},\n"sources":{\n${sources.join(',\n')}\n},\n${modifiers}"cards":${rows(file.cards)}}`
  if (/[`\\]|\$\{/.test(json))
    throw new Error(`${file.provider}: a backtick, a backslash or a placeholder would change the text`)
  return `${HEADER}export const ${fileName(file.provider)} = \`${json}\`\n`
}

const HEADER = '// Written by `npm run prices:update`; do not edit.\n'

function formatIndex(files: readonly BookFile[], texts: readonly string[], asOf: string): string {
  const hash = createHash('sha256').update(texts.join('')).digest('hex').slice(0, 8)
  const names = files.map((f) => fileName(f.provider))
  return [
    `${HEADER}import type { Book, BookFile } from '../card.ts'`,
    ...names.map((n) => `import { ${n} } from './${n}.ts'`),
    '',
    'const parsed = (text: string) => (): BookFile => JSON.parse(text) as BookFile',
    '',
    'export const bundledBook: Book = {',
    `  version: '${asOf}.${hash}',`,
    `  asOf: '${asOf}',`,
    '  files: {',
    ...files.map(
      (f) => `    ${/^\w+$/.test(f.provider) ? f.provider : `'${f.provider}'`}: parsed(${fileName(f.provider)}),`,
    ),
    '  },',
    '}',
    '',
  ].join('\n')
}

const fill = parseFill(readFileSync(join(inputs, 'fill.jsonl'), 'utf8'))
const crossSeed = parseCrossSeed(readFileSync(join(inputs, 'cross-check.jsonl'), 'utf8'))
const newer = parseSeed(readFileSync(join(here, 'seed.jsonl'), 'utf8'))
const drafts = draftsOf(newer, npmSeed(newer.providers.map((p) => p.id)))
for (const { provider } of fill.rows) if (!drafts.has(provider)) drafts.set(provider, { cards: [], sources: {} })
const own = new Map([...drafts].map(([provider, draft]) => [provider, ownCards(provider, draft)]))
const files = [...drafts]
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([provider, draft]) => fileOf(provider, draft, own))
  .filter((f) => f.cards.length > 0)
const complaints = [...files.flatMap(faultsOf), ...disagreements(files)]
for (const c of complaints) process.stderr.write(`${c}\n`)
if (complaints.length > 0) process.exit(1)

const texts = files.map(formatFile)
const wanted = new Map([
  ...files.map((f, i) => [`${fileName(f.provider)}.ts`, texts[i] ?? ''] as const),
  ['index.ts', formatIndex(files, texts, newer.asOf)],
])
mkdirSync(bookDir, { recursive: true })
const present = new Map(readdirSync(bookDir).map((name) => [name, readFileSync(join(bookDir, name), 'utf8')]))
const changes = describeChanges(present, wanted)
process.stdout.write(
  changes.length === 0 ? 'The book is as the seeds and the overlay say.\n' : `${changes.join('\n')}\n`,
)
if (process.argv.includes('--check')) process.exit(changes.length === 0 ? 0 : 1)
const lost = rewritten(present, wanted)
if (lost.length > 0 && !process.argv.includes('--correct')) {
  for (const line of lost) process.stderr.write(`${line}\n`)
  process.stderr.write(
    'These prices would be written over. Date the new ones in the overlay; if the old ones were wrong, --correct\n',
  )
  process.exit(1)
}
writeFileSync(join(bookDir, '../card.schema.json'), `${JSON.stringify(cardSchema(), null, 1)}\n`)
for (const name of present.keys()) if (!wanted.has(name)) rmSync(join(bookDir, name))
for (const [name, text] of wanted) if (present.get(name) !== text) writeFileSync(join(bookDir, name), text)
process.stdout.write(`${files.length} providers, ${files.reduce((n, f) => n + f.cards.length, 0)} cards\n`)
