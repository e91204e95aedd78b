import { DIALECTS } from '../../genai/dialects/table.ts'
import { VOCABULARIES, type Vocabulary } from '../../genai/dialects/vocabularies.ts'

/** What a call or a step is read from beside its usage, each with its spellings in order of precedence. */
const NAMES = {
  operation: ['gen_ai.operation.name'],
  provider: ['gen_ai.provider.name', 'gen_ai.system', 'llm.provider', 'llm.system', 'ai.model.provider'],
  requestModel: ['gen_ai.request.model', 'llm.request.model', 'llm.request.model_name', 'ai.model.id'],
  responseModel: [
    'gen_ai.response.model',
    'llm.response.model',
    'llm.response.model_name',
    'ai.response.model',
    'llm.model_name',
  ],
  responseId: ['gen_ai.response.id', 'ai.response.id'],
  serviceTier: [
    'openai.response.service_tier',
    'gen_ai.openai.response.service_tier',
    'anthropic.response.service_tier',
    'gen_ai.response.service_tier',
  ],
  speed: ['anthropic.response.speed'],
  inferenceGeo: ['anthropic.response.inference_geo'],
  region: ['cloud.region'],
  conversation: [
    'gen_ai.conversation.id',
    'session.id',
    'langfuse.session.id',
    'traceloop.association.properties.session_id',
  ],
  resendCount: ['http.request.resend_count'],
  errorType: ['error.type'],
  usageCost: ['gen_ai.usage.cost'],
  /** OpenRouter's broadcast carries what it charged; nobody else's figure is a bill. */
  billedCost: ['gen_ai.usage.total_cost'],
  reportedCost: [
    'gen_ai.usage.total_cost',
    'gen_ai.usage.cost',
    'operation.cost',
    'llm.cost.total',
    'litellm.cost.total',
  ],
  toolName: ['gen_ai.tool.name', 'tool.name', 'traceloop.entity.name'],
  toolCallId: ['gen_ai.tool.call.id'],
  toolArguments: ['gen_ai.tool.call.arguments', 'input.value', 'traceloop.entity.input'],
  toolResult: ['gen_ai.tool.call.result', 'output.value', 'traceloop.entity.output'],
  agentName: ['gen_ai.agent.name', 'agent.name'],
  agentId: ['gen_ai.agent.id'],
  /** What our own proxy noted and counted beside tokens. */
  proxyFlags: ['tokenfuse.proxy.flags'],
  webSearches: ['tokenfuse.proxy.web_searches'],
  storageSearches: ['tokenfuse.proxy.storage_searches'],
} as const satisfies Record<string, readonly string[]>

type Name = keyof typeof NAMES
type UsagePart = Exclude<keyof Vocabulary, 'id'>
export type VocabularyFields = Readonly<Record<UsagePart, number>> & { readonly id: string }

/** Every field, numbered: first the names above, then each vocabulary's parts, then one field per dialect's markers and role. */
const LISTS: (readonly string[])[] = []
const add = (names: readonly string[]): number => LISTS.push(names) - 1

export const FIELD = Object.fromEntries(Object.entries(NAMES).map(([name, names]) => [name, add(names)])) as Readonly<
  Record<Name, number>
>

export const VOCABULARY_FIELDS: readonly VocabularyFields[] = VOCABULARIES.map((vocabulary) => {
  const { id, ...parts } = vocabulary
  const fields = Object.fromEntries(Object.entries(parts).map(([part, names]) => [part, add(names)])) as Readonly<
    Record<UsagePart, number>
  >
  return { id, ...fields }
})

export const DIALECT_FIELDS = DIALECTS.map((dialect) => ({
  dialect,
  markers: add(dialect.markers),
  role: dialect.roleKey === undefined ? -1 : add([dialect.roleKey]),
}))

export const FIELDS: readonly (readonly string[])[] = LISTS
export const WANTED: readonly string[] = [...new Set([...LISTS.flat(), 'service.name'])]
/** Attributes that make a span worth a look; `session.id` or `service.name` alone do not. */
export const TELLING: readonly string[] = [
  ...VOCABULARIES.flatMap(({ id: _, ...parts }) => Object.values(parts).flat()),
  ...DIALECTS.flatMap((d) => d.markers),
  ...DIALECTS.flatMap((d) => (d.roleKey === undefined ? [] : [d.roleKey])),
  'gen_ai.tool.name',
]
