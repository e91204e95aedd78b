import type { Host } from '../../pipeline/host.ts'
import { PRICE_FILES, type PriceFiles } from '../../pipeline/services.ts'
import type { MetricChild } from '../../pipeline/telemetry/metrics.ts'
import { bundledBook } from '../../pricing/book/index.ts'
import { combined, editionOf, type PriceFile, parsePriceFile } from '../../pricing/price-file.ts'
import { Pricer } from '../../pricing/pricer.ts'
import { CardStore } from '../../pricing/store.ts'
import { decodeUserCards } from '../../pricing/user-cards.ts'
import type { Config } from './config.ts'

/** The prices in force: the book, the configuration, and the user's files, which may change while we run. */
export class Prices {
  private readonly config: Config
  private readonly host: Host
  private readonly book = new CardStore('book', bundledBook.files)
  private readonly own: PriceFile
  /** The last good state of each file. */
  private readonly files = new Map<string, { readonly file: PriceFile; readonly text: string }>()
  /** Files whose present content was refused. */
  private readonly refused = new Set<string>()
  private readonly reloads: { readonly ok: MetricChild; readonly refused: MetricChild }
  private inForce: Pricer
  private stops: readonly (() => void)[] = []

  constructor(config: Config, host: Host) {
    this.config = config
    this.host = host
    const { cards, aliases, fx } = config
    this.own = { name: 'configuration', cards, aliases, fx, sources: {}, placeOf: () => 'configuration' }
    const outcome = combined([this.own])
    if (outcome.problems !== undefined) throw new Error(outcome.problems.join('\n'))
    this.inForce = this.pricerOf([this.own], undefined)
    const family = host.metrics.counter('tokenfuse_price_file_loads_total', LOADS_HELP, ['result'])
    this.reloads = { ok: family.child('ok'), refused: family.child('refused') }
    host.metrics.observe('gauge', 'tokenfuse_price_files_refused', REFUSED_HELP, [], () => [
      { labels: [], value: this.refused.size },
    ])
  }

  /** Replaced as a whole when a file changes; who prices a batch asks once. */
  get pricer(): Pricer {
    return this.inForce
  }

  /** Files whose present content is refused. */
  get refusedFiles(): number {
    return this.refused.size
  }

  /** @throws when a file cannot be read or is wrong: at the start there is nothing older to go on with. */
  start(): void {
    if (this.config.price_files.length === 0) return
    const files = this.host.service(PRICE_FILES)
    if (files === undefined) throw new Error('price_files: nothing here can read files')
    // Watched before it is read, so that no change falls between the two.
    this.stops = this.config.price_files.map((path) => files.watch(path, () => this.reload(path, files)))
    const problems = this.config.price_files.flatMap((path) => this.load(path, files))
    if (problems.length > 0) {
      this.stop()
      throw new Error(problems.join('\n'))
    }
  }

  stop(): void {
    for (const stop of this.stops) stop()
    this.stops = []
  }

  private reload(path: string, files: PriceFiles): void {
    const problems = this.load(path, files)
    if (problems.length === 0) this.host.log.info(`price file ${path} is in force`, { book: this.inForce.bookVersion })
    else
      this.host.log.error(`price file ${path} is refused; the prices before it stay in force`, {
        problems: problems.slice(0, 5),
      })
  }

  /** All of the file, together with everything else, or nothing of it. */
  private load(path: string, files: PriceFiles): readonly string[] {
    const problems = this.take(path, files)
    this.reloads[problems.length === 0 ? 'ok' : 'refused'].add(1)
    if (problems.length === 0) this.refused.delete(path)
    else this.refused.add(path)
    return problems
  }

  private take(path: string, files: PriceFiles): readonly string[] {
    const read = files.read(path)
    if ('why' in read) return [`${path}:1:1 ${read.why}`]
    const parsed = parsePriceFile(read.text, path)
    if (parsed.problems !== undefined) return parsed.problems
    const next = new Map(this.files).set(path, { file: parsed.file, text: read.text })
    const all = [this.own, ...[...next.values()].map((n) => n.file)]
    const { problems } = combined(all)
    if (problems !== undefined) return problems
    this.inForce = this.pricerOf(all, editionOf([...next].map(([name, n]) => `${name}\n${n.text}`)))
    this.files.set(path, { file: parsed.file, text: read.text })
    return []
  }

  private pricerOf(files: readonly PriceFile[], edition: string | undefined): Pricer {
    const { config } = this
    const fx = files.flatMap((file) => file.fx)
    return new Pricer({
      book: bundledBook,
      bookStore: this.book,
      edition,
      contract: decodeUserCards('contract', config.contract.cards, { fx }).files,
      user: combined(files).books ?? [],
      discounts: config.contract.discounts.map((d) => ({
        provider: d.provider,
        models: d.models.length === 0 ? undefined : d.models,
        percentOff: d.percent_off,
        meters: d.meters.length === 0 ? undefined : d.meters,
        from: d.from,
        to: d.to,
      })),
      // What the configuration says wins over what a file says.
      aliases: Object.assign({}, ...files.toReversed().map((file) => file.aliases)),
      freeProviders: config.free_providers,
      subscriptions: config.subscriptions.map((s) => ({
        provider: s.provider,
        models: s.models.length === 0 ? undefined : s.models,
      })),
      bedrockEndpoint: config.bedrock_endpoint,
      estimate: config.estimate,
    })
  }
}

const LOADS_HELP = 'Price files that were read at the start or because they had changed, by whether they were taken.'
const REFUSED_HELP = 'Price files whose present content is refused; what they said before is still in force.'
