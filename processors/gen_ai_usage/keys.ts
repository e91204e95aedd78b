import type { KeyTable } from '../../otlp/keys.ts'

/** Attributes beside usage that a call or a step is read from, each with its spellings in order of precedence. */
const NAMES = {
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
  conversation: [
    'gen_ai.conversation.id',
    'session.id',
    'langfuse.session.id',
    'traceloop.association.properties.session_id',
  ],
  reportedCost: [
    'gen_ai.usage.total_cost',
    'gen_ai.usage.cost',
    'operation.cost',
    'llm.cost.total',
    'litellm.cost.total',
  ],
  toolName: ['gen_ai.tool.name', 'tool.name', 'traceloop.entity.name'],
  toolArguments: ['gen_ai.tool.call.arguments', 'input.value', 'traceloop.entity.input'],
  toolResult: ['gen_ai.tool.call.result', 'output.value', 'traceloop.entity.output'],
  agentName: ['gen_ai.agent.name', 'agent.name'],
  agentId: ['gen_ai.agent.id'],
} as const

const SINGLE = {
  operation: 'gen_ai.operation.name',
  toolCallId: 'gen_ai.tool.call.id',
  errorType: 'error.type',
  resendCount: 'http.request.resend_count',
  usageCost: 'gen_ai.usage.cost',
  /** OpenRouter's broadcast carries what it charged; nobody else's figure is a bill. */
  billedCost: 'gen_ai.usage.total_cost',
  speed: 'anthropic.response.speed',
  inferenceGeo: 'anthropic.response.inference_geo',
  region: 'cloud.region',
  serviceName: 'service.name',
} as const

export const OTHER_KEYS: readonly string[] = [...Object.values(NAMES).flat(), ...Object.values(SINGLE)]

export type Keys = { readonly [K in keyof typeof NAMES]: readonly number[] } & {
  readonly [K in keyof typeof SINGLE]: number
}

export function bindKeys(table: KeyTable): Keys {
  const many = Object.entries(NAMES).map(([name, spellings]) => [name, spellings.map((s) => table.idOf(s))])
  const single = Object.entries(SINGLE).map(([name, spelling]) => [name, table.idOf(spelling)])
  return Object.fromEntries([...many, ...single]) as Keys
}
