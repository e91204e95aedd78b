import { canonicalProvider } from '../genai/dialects/providers.ts'

/** What a provider name on a span means for the price. */
export type Provider =
  /** Somebody who bills; `id` is canonical. */
  | { readonly kind: 'billing'; readonly id: string }
  /** Runs on the user's own machine. */
  | { readonly kind: 'local'; readonly id: string }
  /** Empty, or a framework that put its own name where the provider's belongs: the model id must tell. */
  | { readonly kind: 'unnamed'; readonly id: '' }

/** Names of gateways, SDKs and price lists that no instrumentation reports but people and model prefixes use. */
const MORE_ALIASES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    azureopenai: 'azure.ai.openai',
    azure_ai: 'azure.ai.inference',
    azure_ai_inference: 'azure.ai.inference',
    bedrock_converse: 'aws.bedrock',
    aws: 'aws.bedrock',
    amazon: 'aws.bedrock',
    vertex: 'gcp.vertex_ai',
    google_vertexai: 'gcp.vertex_ai',
    google_vertex_ai: 'gcp.vertex_ai',
    'google.vertex': 'gcp.vertex_ai',
    google_generative_ai: 'gcp.gemini',
    'google.generative_ai': 'gcp.gemini',
    google_gla: 'gcp.gemini',
    googleai: 'gcp.gemini',
    'x.ai': 'x_ai',
    grok: 'x_ai',
    moonshotai: 'moonshot_ai',
    kimi: 'moonshot_ai',
    togetherai: 'together',
    fireworksai: 'fireworks',
    voyage: 'voyageai',
    voyage_ai: 'voyageai',
    cohere_chat: 'cohere',
    perplexity_ai: 'perplexity',
    zhipu: 'zhipuai',
    zhipu_ai: 'zhipuai',
    'z.ai': 'zai',
    z_ai: 'zai',
    copilot: 'github_copilot',
    cloudflare_workers_ai: 'cloudflare',
    workers_ai: 'cloudflare',
    dashscope: 'qwen',
    alibaba: 'qwen',
    alibaba_cloud: 'qwen',
    qwen_cloud: 'qwen',
    qwencloud: 'qwen',
    tongyi: 'qwen',
    eleven_labs: 'elevenlabs',
    'openai.chat': 'openai',
    'openai.responses': 'openai',
    'anthropic.messages': 'anthropic',
    lm_studio: 'lmstudio',
    'llama.cpp': 'llama_cpp',
    llamacpp: 'llama_cpp',
  }),
)

const NAMELESS: ReadonlySet<string> = new Set(['', 'vercel', 'ai_sdk', 'unknown', 'other', '_other'])

const LOCAL: ReadonlySet<string> = new Set([
  'ollama',
  'lmstudio',
  'llama_cpp',
  'llamafile',
  'gpt4all',
  'jan',
  'koboldcpp',
  'mlx',
])

/**
 * Under whose list prices a provider bills what it has no own price for. Vertex sells Gemini, and Azure sells OpenAI's
 * and Anthropic's models, at the maker's list price unless their own card says otherwise. What Azure sells of others has
 * prices of its own.
 */
const SELLS_AT_LIST: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    'gcp.vertex_ai': ['gcp.gemini'],
    'gcp.gemini': ['gcp.vertex_ai'],
    'azure.ai.openai': ['openai', 'azure.ai.inference', 'anthropic'],
    'azure.ai.inference': ['azure.ai.openai', 'openai', 'anthropic'],
  }),
)

/** Who makes and sells models under ids of their own; asked in this order when a span names no provider. */
export const MAKERS: readonly string[] = [
  'openai',
  'anthropic',
  'gcp.gemini',
  'x_ai',
  'mistral_ai',
  'deepseek',
  'cohere',
  'perplexity',
  'moonshot_ai',
  'voyageai',
  'minimax',
  'zai',
  'meta',
]

export function providerOf(name: string): Provider {
  const reported = canonicalProvider(name)
  if (NAMELESS.has(reported)) return { kind: 'unnamed', id: '' }
  const plain = canonicalProvider(reported.replaceAll('-', '_'))
  const id = MORE_ALIASES.get(plain) ?? plain
  if (NAMELESS.has(id)) return { kind: 'unnamed', id: '' }
  return { kind: LOCAL.has(id) ? 'local' : 'billing', id }
}

/** The provider itself first, then those whose list it sells at. */
export const priceLists = (provider: string): readonly string[] => [provider, ...(SELLS_AT_LIST.get(provider) ?? [])]
