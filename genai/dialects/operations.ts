import type { CallRole } from '../call.ts'
import type { StepKind } from '../step.ts'

/** What a `gen_ai.operation.name` (or another system's span kind) stands for. */
export type Role =
  | { readonly is: 'call'; readonly role: CallRole }
  | { readonly is: 'step'; readonly kind: StepKind }
  /** Reads or counts without being billed: token counting, fetching a stored response, memory operations. */
  | { readonly is: 'free' }

const call = (role: CallRole): Role => ({ is: 'call', role })
const step = (kind: StepKind): Role => ({ is: 'step', kind })
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
  ['rerank', call('rerank')],
  ['execute_tool', step('tool')],
  ['invoke_agent', step('agent')],
  ['create_agent', FREE],
  ['invoke_workflow', step('workflow')],
  ['plan', step('step')],
  ['fetch_response', FREE],
  ['retrieval', FREE],
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
])
