/** Names that instrumentations give providers, to the canonical one (`gen_ai.provider.name` of the conventions). */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['az.ai.openai', 'azure.ai.openai'],
  ['azure', 'azure.ai.openai'],
  ['azure_openai', 'azure.ai.openai'],
  ['az.ai.inference', 'azure.ai.inference'],
  ['vertex_ai', 'gcp.vertex_ai'],
  ['vertexai', 'gcp.vertex_ai'],
  ['google_vertex', 'gcp.vertex_ai'],
  ['gemini', 'gcp.gemini'],
  ['google', 'gcp.gemini'],
  ['google_genai', 'gcp.gemini'],
  ['google_ai_studio', 'gcp.gemini'],
  ['gcp.gen_ai', 'gcp.gemini'],
  ['aws_bedrock', 'aws.bedrock'],
  ['bedrock', 'aws.bedrock'],
  ['amazon_bedrock', 'aws.bedrock'],
  ['xai', 'x_ai'],
  ['mistralai', 'mistral_ai'],
  ['mistral', 'mistral_ai'],
  ['moonshot', 'moonshot_ai'],
  ['watsonx', 'ibm.watsonx.ai'],
  ['together_ai', 'together'],
  ['fireworks_ai', 'fireworks'],
  ['amazon-bedrock', 'aws.bedrock'],
  ['azure-openai', 'azure.ai.openai'],
  ['google-vertex', 'gcp.vertex_ai'],
  ['azureopenai', 'azure.ai.openai'],
  ['azure-ai-inference', 'azure.ai.inference'],
  // LlamaIndex's names of its classes.
  ['anthropic_llm', 'anthropic'],
  ['openai_llm', 'openai'],
  // LiveKit names the host it asks.
  ['api.openai.com', 'openai'],
  ['api.anthropic.com', 'anthropic'],
  ['generativelanguage.googleapis.com', 'gcp.gemini'],
  ['api.mistral.ai', 'mistral_ai'],
  ['api.groq.com', 'groq'],
  ['api.deepseek.com', 'deepseek'],
  ['api.x.ai', 'x_ai'],
  ['api.together.xyz', 'together'],
  ['api.fireworks.ai', 'fireworks'],
  ['api.perplexity.ai', 'perplexity'],
])

/** Frameworks that call themselves the provider. They sell no tokens: the model tells who does. */
const FRAMEWORKS: ReadonlySet<string> = new Set([
  'langchain',
  'gcp.vertex.agent',
  'strands-agents',
  'microsoft.agent_framework',
  'github',
  'litellm',
  'langgraph',
  'crewai',
  'llama_index',
  'haystack',
  'agno',
  'autogen',
  'openai_agents',
  'pydantic_ai',
  'google_adk',
  'claude_agent_sdk',
  'spring_ai',
  'semantic_kernel',
  'mastra',
  'genkit',
  'smolagents',
  'strands',
])

/** The canonical provider; '' for frameworks and for nothing, so that nobody prices by them. */
export function canonicalProvider(reported: string): string {
  const plain = PLAIN.get(reported)
  if (plain !== undefined) return plain
  // MLflow writes JSON, so that its texts have quotes.
  const name = reported
    .replace(/^"(.*)"$/, '$1')
    .trim()
    .toLowerCase()
  const isNone = FRAMEWORKS.has(name) || ADDRESS.test(name)
  const canonical = isNone ? '' : (ALIASES.get(name) ?? withoutApi(name))
  if (PLAIN.size < PLAIN_MAX) PLAIN.set(reported, canonical)
  return canonical
}

/** A machine of one's own says nothing of who sells the model. */
const ADDRESS = /^(localhost|\d+\.\d+\.\d+\.\d+|\[[0-9a-f:]+\])(:\d+)?$/

/** The Vercel AI SDK names provider and API: `anthropic.messages`, `google.generative-ai`. */
function withoutApi(name: string): string {
  const dot = name.indexOf('.')
  const vendor = dot < 0 ? '' : name.slice(0, dot)
  if (vendor === '' || !VENDORS.has(vendor)) return name
  return name.startsWith('google.vertex') ? 'gcp.vertex_ai' : (ALIASES.get(vendor) ?? vendor)
}
const VENDORS: ReadonlySet<string> = new Set([
  'openai',
  'anthropic',
  'google',
  'google-vertex',
  'mistral',
  'xai',
  'groq',
  'cohere',
  'deepseek',
  'amazon-bedrock',
  'azure-openai',
  'perplexity',
  'togetherai',
  'fireworks',
])

/**
 * Who sells a model, by how its name begins; '' when the name does not tell. Only for choosing a convention where a
 * framework hides the provider, never for a price.
 */
export function vendorOfModel(model: string): string {
  const name = model.toLowerCase()
  // `anthropic/claude-…` is how gateways name it; they answer in the shape of OpenAI's API, whoever is behind them.
  if (/^(openrouter\/|litellm\/|vercel\/)?(anthropic|bedrock|vertex_ai|amazon)\//.test(name)) return 'gateway'
  if (/(^|[./])(anthropic\.|amazon\.|meta\.)/.test(name)) return 'aws.bedrock'
  if (name.includes('claude')) return 'anthropic'
  if (/(^|\/)(gpt-|o\d|chatgpt|text-embedding)/.test(name)) return 'openai'
  if (name.includes('gemini')) return 'gcp.gemini'
  return ''
}

// Reported names repeat endlessly; the few distinct ones are worked out once.
const PLAIN_MAX = 1000
const PLAIN = new Map<string, string>()
