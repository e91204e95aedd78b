import type { ModelName } from './build.ts'
import { aliasesOf } from './build.ts'
import type { SeedModel } from './seed-format.ts'

/** The seed's provider ids that are not ours. */
const PROVIDERS: Readonly<Record<string, string>> = {
  aws: 'aws.bedrock',
  azure: 'azure.ai.openai',
  'x-ai': 'x_ai',
  mistral: 'mistral_ai',
  moonshotai: 'moonshot_ai',
}

/** Who bills this model. The seed has one Google; AI Studio and Vertex are two, and only Vertex sells others' models. */
export function billerOf(seedProvider: string, model: SeedModel): string {
  if (seedProvider === 'google')
    return /^(?:gemini|gemma|imagen|veo|learnlm)/.test(model.id) && !model.id.endsWith('-maas')
      ? 'gcp.gemini'
      : 'gcp.vertex_ai'
  return PROVIDERS[seedProvider] ?? seedProvider.replaceAll('-', '_')
}

/** What Fireworks puts before the names that people use. */
export const FIREWORKS_PATH = /^accounts\/fireworks\/(?:models|routers)\//

export function nameOf(biller: string, model: SeedModel): ModelName {
  if (biller === 'aws.bedrock') return bedrockName(model)
  const id = biller === 'openai' && model.id.startsWith('ft:') ? model.id.replace(/-$/, '') : model.id
  const aliases = aliasesOf(model).flatMap((a) => [a, a.replace(FIREWORKS_PATH, '')])
  return { model: id, aliases: [...new Set([...aliases, id.replace(FIREWORKS_PATH, '')])].filter((a) => a !== id) }
}

/** `regional.anthropic.claude-x-20250929-v1:0` → the bare id under which both endpoints are filed, and the endpoint. */
function bedrockName(model: SeedModel): ModelName {
  const bare = (id: string): string => id.replace(/^(?:global|regional|us-gov|us|eu|apac|jp|au|in|ca)\./, '')
  // Titan's embedding versions have different prices; elsewhere the version is decoration.
  const isVersioned = model.id.includes('titan-embed')
  const plain = (id: string): string =>
    isVersioned
      ? bare(id).replace(/:\d+$/, '')
      : bare(id)
          .replace(/-v\d+(?::\d+)?$/, '')
          .replace(/-20\d{6}$/, '')
          .replace(/-1:0$/, '-1')
  const id = plain(model.id)
  const aliases = new Set(aliasesOf(model).flatMap((a) => [bare(a), plain(a)]))
  aliases.add(bare(model.id))
  for (const a of [...aliases]) if (a.startsWith('anthropic.')) aliases.add(a.slice('anthropic.'.length))
  aliases.delete(id)
  const endpoint = model.id.startsWith('global.') ? 'global' : model.id.startsWith('regional.') ? 'regional' : undefined
  return { model: id, aliases: [...aliases].sort(), endpoint }
}
