import type { BlobShape } from '../../genai/dialects/blobs.ts'
import type { Dialect } from '../../genai/dialects/dialect.ts'
import { DIALECTS } from '../../genai/dialects/table.ts'
import { VOCABULARIES, type Vocabulary } from '../../genai/dialects/vocabularies.ts'

/** What a call or a step is read from beside its usage, each with its spellings in order of precedence. */
const NAMES = {
  operation: ['gen_ai.operation.name', 'llm.request.type'],
  provider: [
    'gen_ai.provider.name',
    'gen_ai.system',
    'llm.provider',
    'llm.system',
    'ai.model.provider',
    'mlflow.llm.provider',
    'langsmith.metadata.ls_provider',
  ],
  requestModel: [
    'gen_ai.request.model',
    'llm.request.model',
    'llm.request.model_name',
    'ai.model.id',
    'langfuse.observation.model.name',
    'embedding.model_name',
    'model',
  ],
  responseModel: [
    'gen_ai.response.model',
    'llm.response.model',
    'llm.response.model_name',
    'ai.response.model',
    'llm.model_name',
    'mlflow.llm.model',
    'langsmith.metadata.ls_model_name',
    'genkit:name',
  ],
  /** Last the ids of requests: what a call is known by where the answer's id is missing. */
  responseId: ['gen_ai.response.id', 'ai.response.id', 'anthropic.request.id', 'litellm.call_id'],
  /** Of log events, which have no span of their own to be known by. */
  requestId: ['request_id', 'gen_ai.response.id'],
  durationMs: ['duration_ms'],
  eventName: ['event.name'],
  eventKind: ['event.kind'],
  serviceTier: [
    'openai.response.service_tier',
    'gen_ai.openai.response.service_tier',
    'anthropic.response.service_tier',
    'gen_ai.response.service_tier',
  ],
  speed: ['anthropic.response.speed', 'speed'],
  inferenceGeo: ['anthropic.response.inference_geo'],
  region: ['cloud.region'],
  conversation: [
    'gen_ai.conversation.id',
    'session.id',
    'langfuse.session.id',
    'traceloop.association.properties.session_id',
    'conversation.id',
    'ai.telemetry.metadata.sessionId',
    'gcp.vertex.agent.session_id',
  ],
  resendCount: ['http.request.resend_count'],
  errorType: ['error.type'],
  usageCost: ['gen_ai.usage.cost'],
  /** OpenRouter's broadcast carries what it charged; nobody else's figure is a bill. */
  billedCost: ['gen_ai.usage.total_cost'],
  /** JSON objects with a total. */
  costBlob: ['langfuse.observation.cost_details', 'mlflow.llm.cost'],
  cacheHit: ['litellm.cache_hit', 'metadata.cache_hit', 'cache_hit', 'llm.cache_hit'],
  success: ['success'],
  reportedCost: [
    'gen_ai.usage.total_cost',
    'gen_ai.usage.cost',
    'operation.cost',
    'llm.cost.total',
    'litellm.cost.total',
    'cost_usd',
    'opencode.llm.cost.total',
    'gen_ai.cost.total_cost',
    'gen_ai.cost.total',
    'trace.metadata.openrouter_generation.usage',
    'mlflow.llm.cost',
  ],
  /** Usage of a part of a run, to be told apart from a call's own. */
  partial: ['gen_ai.usage.partial.input_tokens', 'gen_ai.usage.partial.output_tokens'],
  toolName: [
    'gen_ai.tool.name',
    'tool.name',
    'ai.toolCall.name',
    'traceloop.entity.name',
    'tool_name',
    'function_name',
    'holmesgpt.tool.name',
  ],
  /** What makes a span a tool call though it names no operation. */
  toolMark: ['gen_ai.tool.name', 'gen_ai.tool.call.id'],
  mcpMethod: ['mcp.method.name'],
  mcpSession: ['mcp.session.id'],
  rpcId: ['jsonrpc.request.id', 'mcp.request.id'],
  toolCallId: ['gen_ai.tool.call.id', 'ai.toolCall.id', 'tool_use_id', 'call_id'],
  toolArguments: [
    'gen_ai.tool.call.arguments',
    'ai.toolCall.args',
    'input.value',
    'traceloop.entity.input',
    'arguments',
    'tool_parameters',
    'tool_input',
    'function_args',
  ],
  toolResult: [
    'gen_ai.tool.call.result',
    'ai.toolCall.result',
    'output.value',
    'traceloop.entity.output',
    'output',
    'error',
  ],
  workflowName: ['gen_ai.workflow.name', 'traceloop.entity.name', 'traceloop.workflow.name'],
  entityName: ['traceloop.entity.name'],
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
const NUMBERS = new Map<string, number>()

/** The same list of names is the same field, so that an attribute is filed once. */
function add(names: readonly string[]): number {
  const key = names.join('\n')
  const known = NUMBERS.get(key)
  if (known !== undefined) return known
  NUMBERS.set(key, LISTS.length)
  return LISTS.push(names) - 1
}

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

const vocabularyOf = (id: string | undefined): VocabularyFields | undefined =>
  VOCABULARY_FIELDS.find((vocabulary) => vocabulary.id === id)

/** A dialect with the numbers of its fields. */
export interface BoundDialect {
  readonly dialect: Dialect
  /** Its place in the table. */
  readonly number: number
  readonly markers: number
  readonly role: number
  readonly vocabulary: VocabularyFields | undefined
  readonly blobs: readonly { readonly field: number; readonly shape: BlobShape }[]
}

export const DIALECT_FIELDS: readonly BoundDialect[] = DIALECTS.map((dialect, number) => ({
  dialect,
  number,
  // Other markers are known by their key alone.
  markers: dialect.needsMarker === true ? add(dialect.markers) : -1,
  role: dialect.roleKey === undefined ? -1 : add([dialect.roleKey]),
  vocabulary: vocabularyOf(dialect.vocabulary),
  blobs: (dialect.blobs ?? []).map(({ key, shape }) => ({ field: add([key]), shape })),
}))

export const FIELDS: readonly (readonly string[])[] = LISTS
export const WANTED: readonly string[] = [
  ...new Set([...LISTS.flat(), ...DIALECTS.flatMap((d) => d.markers), 'service.name']),
]
/** Attributes that make a span worth a look; `session.id` or `service.name` alone do not. */
export const TELLING: readonly string[] = [
  ...VOCABULARIES.flatMap(({ id: _, ...parts }) => Object.values(parts).flat()),
  ...DIALECTS.flatMap((d) => d.markers),
  ...DIALECTS.flatMap((d) => (d.roleKey === undefined ? [] : [d.roleKey])),
  ...DIALECTS.flatMap((d) => (d.blobs ?? []).map(({ key }) => key)),
  'gen_ai.tool.name',
  'gen_ai.tool.call.id',
  'gen_ai.usage.partial.input_tokens',
]
/** Keys without dots: written by frameworks that copy what a provider answered, which leaves the cache out of input. */
export const UNDERSCORED: readonly string[] = VOCABULARIES.flatMap((v) => [...v.cacheRead, ...v.cacheWrite]).filter(
  (name) => /^gen_ai\.usage\.cache_(read|creation|write)(_input)?_tokens$/.test(name),
)
