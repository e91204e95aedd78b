/** Whether a total already contains its parts. */
export type Convention = 'inclusive' | 'exclusive'

/**
 * One instrumentation, as far as reading its usage right needs it. Adding one is adding a row and a golden folder.
 */
export interface Dialect {
  /** Goes into `tokenfuse.dialect`. */
  readonly id: string
  /** Instrumentation scope names; a trailing `*` makes a prefix. */
  readonly scopes: readonly string[]
  /** Attributes that give it away when the scope does not. */
  readonly markers: readonly string[]
  /** The vocabulary it writes natively; undefined = the first one that is there. */
  readonly vocabulary?: string
  /** Does `input` contain cache reads and writes? By canonical provider, `*` for the rest; undefined = not known, go by proof. */
  readonly input?: Readonly<Record<string, Convention>>
  /** Is reasoning outside of `output`? Default: inside. */
  readonly reasoningOutside?: boolean
  /** Span-name prefixes of spans that are billable though they name no operation. */
  readonly callNames?: readonly string[]
  /** Span-name prefixes of tool calls that name no operation. */
  readonly toolNames?: readonly string[]
  /** How the role is named when not by `gen_ai.operation.name`. */
  readonly roleKey?: string
  readonly roles?: Readonly<Record<string, string>>
  /** `recorded`: from what the real library emits; `documented`: from its source or documentation. */
  readonly evidence: 'recorded' | 'documented'
  readonly source: string
}

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
    id: 'anthropic_sdk',
    scopes: ['com.anthropic.sdk.*'],
    markers: [],
    vocabulary: 'gen_ai',
    input: { '*': 'inclusive' },
    callNames: ['anthropic.messages.create', 'anthropic.messages.stream', 'anthropic.beta.messages.create'],
    toolNames: ['anthropic.tool_use ', 'anthropic.mcp_tool_use ', 'anthropic.custom_tool_use '],
    evidence: 'recorded',
    source: 'npm @anthropic-ai/sdk 1.12.0, src/internal/tracing.ts',
  },
  {
    id: 'anthropic_platform',
    scopes: ['com.anthropic.claude-platform'],
    markers: [],
    vocabulary: 'gen_ai',
    input: { '*': 'inclusive' },
    evidence: 'documented',
    source: 'https://platform.claude.com/docs/en/api/opentelemetry/spans',
  },
  {
    id: 'openllmetry',
    scopes: ['@traceloop/*'],
    markers: ['traceloop.span.kind', 'traceloop.entity.name', 'traceloop.workflow.name', 'llm.request.type'],
    vocabulary: 'gen_ai',
    roleKey: 'traceloop.span.kind',
    roles: { workflow: 'invoke_workflow', task: 'task', agent: 'invoke_agent', tool: 'execute_tool' },
    evidence: 'documented',
    source: 'https://github.com/traceloop/openllmetry (semconv_ai)',
  },
  {
    id: 'openinference',
    scopes: ['openinference.instrumentation.*', '@arizeai/openinference-*'],
    markers: ['openinference.span.kind'],
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
    evidence: 'documented',
    source: 'https://github.com/Arize-ai/openinference/blob/main/spec/semantic_conventions.md',
  },
  {
    id: 'otel_genai',
    scopes: ['opentelemetry.instrumentation.*', 'opentelemetry.util.genai.handler', '@opentelemetry/instrumentation-*'],
    markers: ['gen_ai.operation.name', 'gen_ai.provider.name', 'gen_ai.system', 'gen_ai.request.model'],
    vocabulary: 'gen_ai',
    evidence: 'documented',
    source: 'https://github.com/open-telemetry/semantic-conventions-genai',
  },
]
