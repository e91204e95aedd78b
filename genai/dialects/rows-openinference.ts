import type { Dialect } from './dialect.ts'

const OPENINFERENCE = {
  vocabulary: 'openinference',
  roleKey: 'openinference.span.kind',
  roles: {
    LLM: 'chat',
    EMBEDDING: 'embeddings',
    RERANKER: 'rerank',
    TOOL: 'execute_tool',
    AGENT: 'invoke_agent',
    CHAIN: 'chain',
    RETRIEVER: 'retrieval',
    GUARDRAIL: 'guard',
    EVALUATOR: 'step',
    PROMPT: 'step',
  },
} as const
const OI_SOURCE = 'https://github.com/Arize-ai/openinference, '

/** OpenInference: the packages agree on names and not on what they count. */
export const OPENINFERENCE_ROWS: readonly Dialect[] = [
  {
    id: 'openinference_exclusive',
    scopes: ['@arizeai/openinference-instrumentation-bedrock*'],
    markers: [],
    ...OPENINFERENCE,
    input: { '*': 'exclusive' },
    rest: 'cache',
    evidence: 'recorded',
    limits:
      'JS Converse writes no cache keys: what the total has beyond input and output is taken for cache reads, which is the least that it can have cost.',
    source: `${OI_SOURCE}js/packages/openinference-instrumentation-bedrock`,
  },
  {
    id: 'openinference_bedrock',
    scopes: ['openinference.instrumentation.bedrock*'],
    markers: [],
    ...OPENINFERENCE,
    totalHasCache: true,
    evidence: 'recorded',
    versions: 'Converse exclusive, InvokeModel inclusive: told apart by the total',
    source: `${OI_SOURCE}python/instrumentation/openinference-instrumentation-bedrock`,
  },
  {
    id: 'openinference_claude_agent',
    scopes: [
      'openinference.instrumentation.claude_agent_sdk*',
      '@arizeai/openinference-instrumentation-claude-agent-sdk*',
    ],
    markers: [],
    ...OPENINFERENCE,
    input: { '*': 'inclusive' },
    rollups: 'bill',
    trustCost: true,
    evidence: 'recorded',
    versions: 'recorded: Python 0.1.22; early ones left the cache out, which only proof can tell',
    limits:
      'Only the AGENT span has usage. Where it adds up the messages of a turn it takes what each began with, so that nearly all output is missing and there is no cost. The JS package has no cache keys.',
    source: `${OI_SOURCE}python/instrumentation/openinference-instrumentation-claude-agent-sdk, _wrappers.py`,
  },
  {
    id: 'openinference_llamaindex',
    scopes: ['openinference.instrumentation.llama_index*'],
    markers: [],
    ...OPENINFERENCE,
    input: { '*': 'inclusive' },
    partNames: [
      '._prepare_chat_with_tools',
      '._get_text_embedding',
      '._get_text_embeddings',
      '._get_query_embedding',
      '._aget_text_embedding',
      '._aget_text_embeddings',
      '._aget_query_embedding',
    ],
    evidence: 'recorded',
    versions: 'recorded: 4.6',
    limits: 'Embeddings have no usage.',
    source: `${OI_SOURCE}python/instrumentation/openinference-instrumentation-llama-index`,
  },
  {
    id: 'openinference',
    scopes: ['openinference.instrumentation.*', '@arizeai/openinference-*'],
    markers: ['openinference.span.kind'],
    ...OPENINFERENCE,
    input: { '*': 'inclusive' },
    evidence: 'recorded',
    limits:
      'Spans are also written in gen_ai names; llm.token_count is what is read. Early JS Anthropic versions leave the cache out altogether. The LangChain span and the native span of the Anthropic SDK below it stand in traces of their own and share no id: run one of the two.',
    source: `${OI_SOURCE}spec/semantic_conventions.md`,
  },
]
