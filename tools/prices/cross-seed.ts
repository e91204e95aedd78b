// Turns an unpacked release of @earendil-works/pi-ai (npm, MIT) into cross-check.jsonl: prices per model, nothing else.
//
//   npm pack @earendil-works/pi-ai@<version> && tar xzf earendil-works-pi-ai-<version>.tgz
//   node tools/prices/cross-seed.ts package <day on which its data was generated>
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CrossModel } from './cross-check.ts'

/** Who bills, by the name of the file. Gateways and plans have prices of their own, or none, and are left out. */
const PROVIDERS: Readonly<Record<string, string>> = {
  'amazon-bedrock': 'aws.bedrock',
  anthropic: 'anthropic',
  azure: 'azure.ai.openai',
  baseten: 'baseten',
  cerebras: 'cerebras',
  deepseek: 'deepseek',
  fireworks: 'fireworks',
  google: 'gcp.gemini',
  'google-vertex': 'gcp.vertex_ai',
  groq: 'groq',
  meta: 'meta',
  minimax: 'minimax',
  mistral: 'mistral_ai',
  moonshotai: 'moonshot_ai',
  openai: 'openai',
  together: 'together',
  xai: 'x_ai',
  zai: 'zai',
}

interface TheirModel {
  readonly type?: string
  readonly id: string
  readonly cost?: { readonly input: number; readonly output: number; readonly cacheRead: number }
}

const [folder = '', asOf = ''] = process.argv.slice(2)
if (folder === '' || !/^\d{4}-\d{2}-\d{2}$/.test(asOf)) {
  process.stderr.write('usage: node tools/prices/cross-seed.ts FOLDER YYYY-MM-DD\n')
  process.exit(2)
}
const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }
const data = join(folder, 'dist/providers/data')
const models = readdirSync(data)
  .sort()
  .flatMap((name) => {
    const provider = PROVIDERS[name.replace('.json', '')]
    if (provider === undefined) return []
    const groups = JSON.parse(readFileSync(join(data, name), 'utf8')) as Record<string, Record<string, TheirModel>>
    return Object.values(groups).flatMap((group) => Object.values(group).flatMap((m) => crossModel(provider, m)))
  })
const head = { package: '@earendil-works/pi-ai', version, license: 'MIT', asOf }
const lines = [head, ...models].map((line) => `${JSON.stringify(line)}\n`)
writeFileSync(join(import.meta.dirname, 'cross-check.jsonl'), lines.join(''))
process.stdout.write(`${models.length} models of ${head.package} ${version}\n`)

/** A price of 0 for reading from a cache means that none is listed. */
function crossModel(provider: string, { type, id, cost }: TheirModel): CrossModel[] {
  if (type !== 'chat' || cost === undefined) return []
  const cached = cost.cacheRead === 0 ? {} : { cache_read: String(cost.cacheRead) }
  return [{ provider, model: id, input: String(cost.input), output: String(cost.output), ...cached }]
}
