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
])

/** The canonical provider; '' for frameworks and for nothing, so that nobody prices by them. */
export function canonicalProvider(reported: string): string {
  const plain = PLAIN.get(reported)
  if (plain !== undefined) return plain
  const name = reported.trim().toLowerCase()
  const canonical = FRAMEWORKS.has(name) ? '' : (ALIASES.get(name) ?? name)
  if (PLAIN.size < PLAIN_MAX) PLAIN.set(reported, canonical)
  return canonical
}

// Reported names repeat endlessly; the few distinct ones are worked out once.
const PLAIN_MAX = 1000
const PLAIN = new Map<string, string>()
