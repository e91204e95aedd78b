// Turns the price table inside a release of litellm (PyPI, MIT outside its enterprise folder) into fill.jsonl: for the
// providers and models that the other collections leave out, prices and the address they were read at, nothing else.
//
//   pip download litellm --no-deps -d wheel && unzip -o wheel/*.whl 'litellm/model_prices*' -d wheel
//   node tools/prices/fill-seed.ts wheel/litellm/model_prices_and_context_window_backup.json <version> <day of release>
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Meter } from '../../genai/usage.ts'
import type { BandEdge, RateText } from '../../pricing/card.ts'
import { type FillRow, formatFill } from './fill.ts'
import { FIREWORKS_PATH } from './names.ts'
import { PAGES } from './pages.ts'

/** Their labels that are one of our providers, and what they put before its ids. Resellers' own labels are left out. */
const PROVIDERS: Readonly<Record<string, readonly [string, string]>> = {
  openai: ['openai', 'openai/'],
  anthropic: ['anthropic', ''],
  gemini: ['gcp.gemini', 'gemini/'],
  vertex_ai: ['gcp.vertex_ai', 'vertex_ai/'],
  'vertex_ai-anthropic_models': ['gcp.vertex_ai', 'vertex_ai/'],
  'vertex_ai-mistral_models': ['gcp.vertex_ai', 'vertex_ai/'],
  'vertex_ai-llama_models': ['gcp.vertex_ai', 'vertex_ai/'],
  'vertex_ai-deepseek_models': ['gcp.vertex_ai', 'vertex_ai/'],
  'vertex_ai-qwen_models': ['gcp.vertex_ai', 'vertex_ai/'],
  'vertex_ai-openai_models': ['gcp.vertex_ai', 'vertex_ai/'],
  'vertex_ai-zai_models': ['gcp.vertex_ai', 'vertex_ai/'],
  'vertex_ai-ai21_models': ['gcp.vertex_ai', 'vertex_ai/'],
  'vertex_ai-embedding-models': ['gcp.vertex_ai', 'vertex_ai/'],
  'vertex_ai-image-models': ['gcp.vertex_ai', 'vertex_ai/'],
  'vertex_ai-video-models': ['gcp.vertex_ai', 'vertex_ai/'],
  bedrock: ['aws.bedrock', 'bedrock/'],
  bedrock_converse: ['aws.bedrock', 'bedrock/'],
  azure: ['azure.ai.openai', 'azure/'],
  azure_ai: ['azure.ai.inference', 'azure_ai/'],
  mistral: ['mistral_ai', 'mistral/'],
  cohere: ['cohere', 'cohere/'],
  cohere_chat: ['cohere', 'cohere/'],
  xai: ['x_ai', 'xai/'],
  dashscope: ['qwen', 'dashscope/'],
  databricks: ['databricks', 'databricks/'],
  perplexity: ['perplexity', 'perplexity/'],
  voyage: ['voyageai', 'voyage/'],
  together_ai: ['together', 'together_ai/'],
  fireworks_ai: ['fireworks', 'fireworks_ai/'],
  'fireworks_ai-embedding-models': ['fireworks', 'fireworks_ai/'],
  groq: ['groq', 'groq/'],
  elevenlabs: ['elevenlabs', 'elevenlabs/'],
  minimax: ['minimax', 'minimax/'],
  zai: ['zai', 'zai/'],
  moonshot: ['moonshot_ai', 'moonshot/'],
}
/** Size and quality in front of an image model, commitments, other products; regions whose price is the plain id's. */
const LEFT_OUT =
  /^(?:low|medium|high|standard|hd|auto|\d+-x-\d+|us-(?:east|west)-\d|claude_platform|global|global-standard)\/|\/container$|^search$|commitment/
const MODES: ReadonlySet<string> = new Set([
  'chat',
  'completion',
  'responses',
  'embedding',
  'rerank',
  'image_generation',
  'image_edit',
  'audio_speech',
  'audio_transcription',
  'video_generation',
  'realtime',
  'ocr',
])
const TIERS: Readonly<Record<string, string>> = {
  _batches: 'batch',
  _flex: 'flex',
  _priority: 'priority',
  _ultrafast: 'ultrafast',
}
/** Their key without tier or band, per token. */
const RATES: readonly (readonly [string, Meter])[] = [
  ['input_cost_per_token', 'input'],
  ['cache_read_input_token_cost', 'cache_read'],
  ['cache_creation_input_token_cost', 'cache_write'],
  ['cache_creation_input_token_cost_above_1hr', 'cache_write_1h'],
  ['output_cost_per_token', 'output'],
  ['input_cost_per_audio_token', 'input_audio'],
  ['input_cost_per_image_token', 'input_image'],
  ['input_cost_per_video_token', 'input_video'],
  ['cache_read_input_audio_token_cost', 'cache_read_audio'],
  ['cache_read_input_image_token_cost', 'cache_read_image'],
  ['output_cost_per_audio_token', 'output_audio'],
  ['output_cost_per_image_token', 'output_image'],
]
const BANDS = [32, 100, 128, 200, 256, 272, 512]
const BY_OUTPUT: ReadonlySet<string> = new Set(['chat', 'completion', 'responses', 'realtime'])

type Entry = Readonly<Record<string, unknown>>

function rowsOf(key: string, entry: Entry): FillRow[] {
  const named = PROVIDERS[String(entry['litellm_provider'])]
  if (named === undefined) return []
  const [provider, prefix] = named
  const source = String(entry['source'] ?? '').replaceAll('`', '')
  const isSourced = /^https:\/\/\S+$/.test(source)
  const model = (key.startsWith(prefix) ? key.slice(prefix.length) : key).replace(FIREWORKS_PATH, '')
  if (LEFT_OUT.test(model) || !MODES.has(String(entry['mode']))) return []
  // What names no page of its own has been wrong before: such prices are marked, and say nothing of tiers.
  const shared = isSourced
    ? { provider, model, url: source }
    : { provider, model, url: PAGES[provider] ?? '', unverified: true as const }
  const standard = pricesOf(entry, '')
  const out: FillRow[] = isPriced(standard, entry) ? [{ ...shared, ...standard, ...feesOf(entry) }] : []
  for (const [suffix, tier] of isSourced ? Object.entries(TIERS) : []) {
    const prices = pricesOf(entry, suffix)
    if (prices.rates?.input !== undefined && prices.rates.output !== undefined) out.push({ ...shared, tier, ...prices })
  }
  return out
}

type Prices = Pick<FillRow, 'rates' | 'bands'>

function pricesOf(entry: Entry, tier: string): Prices {
  const stepped = entry['tiered_pricing']
  if (Array.isArray(stepped)) return tier === '' ? steppedPrices(stepped as Entry[]) : {}
  const sizes = BANDS.filter((n) => entry[`input_cost_per_token_above_${n}k_tokens${tier}`] !== undefined)
  const rates: Partial<Record<Meter, RateText>> = {}
  for (const [key, meter] of RATES) {
    const columns = [perMillion(entry[key + tier]), ...sizes.map((n) => perMillion(entry[aboveKey(key, n, tier)]))]
    if (columns[0] === undefined || (meter !== 'input' && meter !== 'output' && columns[0] === '0')) continue
    const filled = columns.map((c) => c ?? columns[0] ?? null)
    rates[meter] = new Set(filled).size === 1 ? (columns[0] ?? null) : filled
  }
  // Thinking at another price moves the whole output, which no count of tokens tells.
  if (tier === '' && differs(entry['output_cost_per_reasoning_token'], entry['output_cost_per_token']))
    rates.reasoning = null
  if (!BY_OUTPUT.has(String(entry['mode'])) && rates.output === '0') delete rates.output
  if (Object.keys(rates).length === 0) return {}
  return { rates: renamed(rates, entry), ...(sizes.length === 0 ? {} : { bands: sizes.map(edge) }) }
}

const edge = (thousands: number): BandEdge => ({ gt: thousands * 1000 })
const differs = (a: unknown, b: unknown): boolean => a !== undefined && a !== b
const aboveKey = (key: string, thousands: number, tier: string): string => `${key}_above_${thousands}k_tokens${tier}`

/** Claude's plain write price is that of the five-minute cache. */
function renamed(rates: Partial<Record<Meter, RateText>>, entry: Entry): Partial<Record<Meter, RateText>> {
  const { cache_write, ...rest } = rates
  if (cache_write === undefined || entry['cache_creation_input_token_cost_above_1hr'] === undefined) return rates
  return { ...rest, cache_write_5m: cache_write }
}

function steppedPrices(steps: readonly Entry[]): Prices {
  const range = (step: Entry): number => Number((step['range'] as readonly number[] | undefined)?.[0] ?? 0)
  const sorted = steps.toSorted((a, b) => range(a) - range(b))
  const rates: Partial<Record<Meter, RateText>> = {}
  for (const [key, meter] of RATES) {
    const columns = sorted.map((step) => perMillion(step[key]) ?? null)
    if (columns.every((c) => c !== null)) rates[meter] = columns
  }
  if (sorted.some((step) => differs(step['output_cost_per_reasoning_token'], step['output_cost_per_token'])))
    rates.reasoning = null
  return { rates, bands: sorted.slice(1).map((step) => ({ gt: range(step) })) }
}

function feesOf(entry: Entry): Pick<FillRow, 'fees'> {
  const fees: Partial<Record<Meter, string>> = {}
  const mode = String(entry['mode'])
  const put = (meter: Meter, value: unknown): void => {
    const text = plain(value)
    if (text !== undefined && text !== '0') fees[meter] = text
  }
  if (mode.startsWith('image')) put('images', entry['output_cost_per_image'] ?? entry['input_cost_per_image'])
  if (mode === 'video_generation')
    put('seconds', entry['output_cost_per_second'] ?? entry['output_cost_per_video_per_second'])
  if (mode === 'audio_speech') put('characters', entry['input_cost_per_character'])
  if (mode === 'rerank') put('requests', entry['input_cost_per_query'])
  if (mode === 'ocr') put('pages', entry['ocr_cost_per_page'])
  if (mode === 'audio_transcription' && entry['input_cost_per_token'] === undefined) {
    const perSecond = hourly(entry['input_cost_per_second'])
    if (perSecond !== undefined) fees.seconds = perSecond
  }
  return Object.keys(fees).length === 0 ? {} : { fees }
}

/** Prices by the hour or minute stand there cut to a few digits; the hour's price is the exact one. */
function hourly(value: unknown): string | undefined {
  if (typeof value !== 'number' || value <= 0) return undefined
  return `${plain(Number((value * 3600).toPrecision(3)))}/3600`
}

function isPriced({ rates }: Prices, entry: Entry): boolean {
  if (Object.keys(feesOf(entry).fees ?? {}).length > 0) return true
  // Images by the token, and no price of the tokens that an image is.
  if (String(entry['mode']).startsWith('image') && rates?.output_image === undefined) return false
  const needsOutput = BY_OUTPUT.has(String(entry['mode']))
  if (rates?.input === undefined || (needsOutput && rates.output === undefined)) return false
  // A price of 0 for everything says that nobody knew one.
  return Object.values(rates).some((rate) => rate !== '0' && rate !== null)
}

function perMillion(value: unknown): string | undefined {
  return typeof value === 'number' ? plain(Number((value * 1e6).toPrecision(12))) : undefined
}

/** Digits without an exponent. */
function plain(value: unknown): string | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) return undefined
  const text = String(value)
  return text.includes('e') ? value.toFixed(18).replace(/0+$/, '').replace(/\.$/, '') : text
}

const [path = '', version = '', asOf = ''] = process.argv.slice(2)
if (path === '' || version === '' || !/^\d{4}-\d{2}-\d{2}$/.test(asOf)) {
  process.stderr.write('usage: node tools/prices/fill-seed.ts FILE VERSION YYYY-MM-DD\n')
  process.exit(2)
}
const table = JSON.parse(readFileSync(path, 'utf8')) as Record<string, Entry>
const rows = Object.entries(table).flatMap(([key, entry]) => rowsOf(key, entry))
const head = { package: 'litellm (PyPI)', version, license: 'MIT (outside its enterprise folder)', asOf }
writeFileSync(join(import.meta.dirname, 'fill.jsonl'), formatFill({ ...head, rows }))
process.stdout.write(`${rows.length} prices of ${head.package} ${version}\n`)
