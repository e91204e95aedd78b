import type { Dialect } from './dialect.ts'
import { AI_SDK_ROWS } from './rows-ai-sdk.ts'
import { CODING_AGENTS } from './rows-coding-agents.ts'
import { FRAMEWORKS } from './rows-frameworks.ts'
import { GATEWAYS } from './rows-gateways.ts'
import { OFFICIAL } from './rows-official.ts'
import { OPENINFERENCE_ROWS } from './rows-openinference.ts'
import { OPENLLMETRY } from './rows-openllmetry.ts'

/** In order of precedence: the first row whose scope fits, else the first one with a marker present. */
export const DIALECTS: readonly Dialect[] = [
  {
    id: 'tokenfuse_proxy',
    scopes: ['tokenfuse.llm_proxy'],
    markers: [],
    vocabulary: 'gen_ai',
    input: { '*': 'inclusive' },
    evidence: 'recorded',
    source: 'receivers/llm_proxy',
  },
  {
    id: 'langfuse',
    scopes: ['langfuse-sdk*'],
    markers: ['langfuse.observation.type'],
    input: { '*': 'exclusive' },
    roleKey: 'langfuse.observation.type',
    roles: {
      generation: 'chat',
      embedding: 'embeddings',
      agent: 'invoke_agent',
      tool: 'execute_tool',
      chain: 'chain',
      retriever: 'retrieval',
      guardrail: 'guard',
      evaluator: 'step',
    },
    blobs: [{ key: 'langfuse.observation.usage_details', shape: 'buckets' }],
    evidence: 'recorded',
    versions: 'Python 3 and later, JS 4 and later',
    limits: 'usage_details is free-form; overlapping buckets are only noticed by a total.',
    source: 'https://github.com/langfuse/langfuse-python, langfuse/_client/attributes.py',
  },
  ...OPENLLMETRY,
  ...OPENINFERENCE_ROWS,
  ...AI_SDK_ROWS,
  ...CODING_AGENTS,
  ...FRAMEWORKS,
  ...GATEWAYS,
  ...OFFICIAL,
]
