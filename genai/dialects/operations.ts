import type { CallRole } from '../call.ts'
import type { StepKind } from '../step.ts'

/** What a `gen_ai.operation.name` (or another system's span kind) stands for. */
export type Role =
  /** `needsUsage`: costs something only when it says how much (reranking, retrieval). */
  | { readonly is: 'call'; readonly role: CallRole; readonly needsUsage?: true }
  | { readonly is: 'step'; readonly kind: StepKind }
  /** Reads or counts without being billed: token counting, fetching a stored response, memory operations. */
  | { readonly is: 'free' }

const call = (role: CallRole): Role => ({ is: 'call', role })
const step = (kind: StepKind): Role => ({ is: 'step', kind })
const RERANK: Role = { is: 'call', role: 'rerank', needsUsage: true }
const FREE: Role = { is: 'free' }

/**
 * Operation names of the OpenTelemetry GenAI conventions, then those seen in the wild (OpenLIT, LiteLLM, Gemini CLI,
 * Semantic Kernel, Strands, Vercel AI SDK, Mastra).
 */
export const OPERATIONS: ReadonlyMap<string, Role> = new Map([
  ['chat', call('inference')],
  ['text_completion', call('inference')],
  ['generate_content', call('inference')],
  ['embeddings', call('embeddings')],
  ['rerank', RERANK],
  ['retrieval', RERANK],
  ['execute_tool', step('tool')],
  ['invoke_agent', step('agent')],
  ['create_agent', FREE],
  ['invoke_workflow', step('workflow')],
  ['plan', step('step')],
  ['fetch_response', FREE],
  ['count_tokens', FREE],
  ['create_memory', FREE],
  ['search_memory', FREE],
  ['update_memory', FREE],
  ['upsert_memory', FREE],
  ['delete_memory', FREE],
  ['create_memory_store', FREE],
  ['delete_memory_store', FREE],
  ['completion', call('inference')],
  ['acompletion', call('inference')],
  ['generate', call('inference')],
  ['responses', call('inference')],
  ['chat.completions', call('inference')],
  ['text.completions', call('inference')],
  ['llm_call', call('inference')],
  ['model_request', call('inference')],
  ['text', call('inference')],
  ['image', call('image')],
  ['audio', call('audio')],
  ['speech_to_text', call('audio')],
  ['text_to_speech', call('audio')],
  ['embedding', call('embeddings')],
  ['tool_call', step('tool')],
  ['agent_call', step('agent')],
  ['agent_step', step('step')],
  ['execute_event_loop_cycle', step('step')],
  ['step', step('step')],
  ['task', step('step')],
  ['chain', step('step')],
  ['user_prompt', step('user_turn')],
  ['schedule_tool_calls', step('step')],
  ['guardrail.run', step('step')],
  ['guard', step('step')],
  ['invoke_swarm', step('workflow')],
  ['invoke_graph', step('workflow')],
  ['framework', step('step')],
  ['agent', step('agent')],
  ['workflow', step('workflow')],
  ['handoff', step('step')],
  // What a tool call's own span is made of: waiting to be allowed, and running.
  ['tool_part', step('step')],
])

/** Operations of memory stores, by whatever full name: they read and write records, never tokens. */
const MEMORY = /(^|_)memor(y|ies)(_|$)/

/** What an operation stands for; undefined when nobody knows it. */
export function operationRole(name: string): Role | undefined {
  return OPERATIONS.get(name) ?? (MEMORY.test(name) ? FREE : undefined)
}
