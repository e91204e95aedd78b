/** What a provider name on a span means for the price. */
export type Provider =
  /** Somebody who bills; `id` is canonical. */
  | { readonly kind: 'billing'; readonly id: string }
  /** Runs on the user's own machine. */
  | { readonly kind: 'local'; readonly id: string }
  /** Empty, or a framework that put its own name where the provider's belongs: the model id must tell. */
  | { readonly kind: 'unnamed'; readonly id: '' }

/** Names of earlier conventions, of SDKs and of gateways, as the canonical id. OpenTelemetry's own ids stand for themselves. */
const ALIASES: Readonly<Record<string, string>> = {
  'az.ai.openai': 'azure.ai.openai',
  azure: 'azure.ai.openai',
  azure_openai: 'azure.ai.openai',
  azureopenai: 'azure.ai.openai',
  'az.ai.inference': 'azure.ai.inference',
  azure_ai: 'azure.ai.inference',
  azure_ai_inference: 'azure.ai.inference',
  bedrock: 'aws.bedrock',
  aws_bedrock: 'aws.bedrock',
  amazon_bedrock: 'aws.bedrock',
  bedrock_converse: 'aws.bedrock',
  aws: 'aws.bedrock',
  amazon: 'aws.bedrock',
  vertex_ai: 'gcp.vertex_ai',
  vertexai: 'gcp.vertex_ai',
  vertex: 'gcp.vertex_ai',
  google_vertex: 'gcp.vertex_ai',
  google_vertexai: 'gcp.vertex_ai',
  'google.vertex': 'gcp.vertex_ai',
  gemini: 'gcp.gemini',
  google: 'gcp.gemini',
  google_genai: 'gcp.gemini',
  google_ai_studio: 'gcp.gemini',
  google_generative_ai: 'gcp.gemini',
  'google.generative_ai': 'gcp.gemini',
  'google-gla': 'gcp.gemini',
  google_gla: 'gcp.gemini',
  google_vertex_ai: 'gcp.vertex_ai',
  xai: 'x_ai',
  'x.ai': 'x_ai',
  grok: 'x_ai',
  mistral: 'mistral_ai',
  mistralai: 'mistral_ai',
  moonshot: 'moonshot_ai',
  moonshotai: 'moonshot_ai',
  kimi: 'moonshot_ai',
  together: 'together_ai',
  togetherai: 'together_ai',
  fireworks: 'fireworks_ai',
  fireworksai: 'fireworks_ai',
  voyage: 'voyageai',
  voyage_ai: 'voyageai',
  cohereai: 'cohere',
  cohere_chat: 'cohere',
  perplexityai: 'perplexity',
  perplexity_ai: 'perplexity',
  zhipu: 'zhipuai',
  zhipu_ai: 'zhipuai',
  'z.ai': 'zai',
  z_ai: 'zai',
  copilot: 'github_copilot',
  cloudflare_workers_ai: 'cloudflare',
  workers_ai: 'cloudflare',
  eleven_labs: 'elevenlabs',
  'openai.chat': 'openai',
  'openai.responses': 'openai',
  'anthropic.messages': 'anthropic',
  claude: 'anthropic',
  watsonx: 'ibm.watsonx.ai',
  lm_studio: 'lmstudio',
  'llama.cpp': 'llama_cpp',
  llamacpp: 'llama_cpp',
}

const FRAMEWORKS: ReadonlySet<string> = new Set([
  'langchain',
  'gcp.vertex.agent',
  'strands_agents',
  'microsoft.agent_framework',
  'github',
  'litellm',
  'langgraph',
  'crewai',
  'llama_index',
  'llamaindex',
  'haystack',
  'agno',
  'autogen',
  'openai_agents',
  'pydantic_ai',
  'google_adk',
  'claude_agent_sdk',
  'vercel',
  'ai_sdk',
  'unknown',
  'other',
  '_other',
])

const LOCAL: ReadonlySet<string> = new Set(['ollama', 'lmstudio', 'llama_cpp', 'llamafile', 'gpt4all', 'jan', 'koboldcpp', 'mlx'])

/**
 * Under whose list prices a provider bills what it has no own price for. Vertex sells Gemini, and Azure sells OpenAI's
 * and others' models, at the maker's list price unless their own card says otherwise.
 */
const SELLS_AT_LIST: Readonly<Record<string, readonly string[]>> = {
  'gcp.vertex_ai': ['gcp.gemini'],
  'gcp.gen_ai': ['gcp.gemini', 'gcp.vertex_ai'],
  'gcp.gemini': ['gcp.vertex_ai'],
  'azure.ai.openai': ['openai'],
  'azure.ai.inference': ['azure.ai.openai', 'openai', 'anthropic', 'deepseek', 'x_ai', 'moonshot_ai'],
}

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
  const key = name.trim().toLowerCase()
  const id = ALIASES[key] ?? ALIASES[key.replaceAll('-', '_')] ?? key.replaceAll('-', '_')
  if (id === '' || FRAMEWORKS.has(id)) return { kind: 'unnamed', id: '' }
  return { kind: LOCAL.has(id) ? 'local' : 'billing', id }
}

/** The provider itself first, then those whose list it sells at. */
export const priceLists = (provider: string): readonly string[] => [provider, ...(SELLS_AT_LIST[provider] ?? [])]
