import type { Dialect } from './dialect.ts'

/** Gateways and what is exported from behind them. */
export const GATEWAYS: readonly Dialect[] = [
  {
    id: 'litellm',
    scopes: ['litellm*'],
    markers: ['litellm.call_id', 'litellm.cost.total'],
    vocabulary: 'gen_ai',
    input: { '*': 'inclusive' },
    callNames: ['litellm_request'],
    rollupNames: ['Received Proxy Server Request', 'raw_gen_ai_request'],
    blobs: [{ key: 'metadata.usage_object', shape: 'provider_usage' }],
    evidence: 'recorded',
    versions: 'legacy callback and LITELLM_OTEL_V2 (both recorded: 1.110)',
    limits:
      'LITELLM_OTEL_V2 writes nothing of synchronous calls, and of streams an id of its own. The legacy callback writes no cache keys; where metadata.usage_object is missing too, cached tokens are priced in full.',
    source: 'https://github.com/BerriAI/litellm, litellm/integrations/opentelemetry.py, otel/model/semconv.py',
  },
  {
    id: 'envoy_ai_gateway',
    scopes: ['envoyproxy/ai-gateway*', 'ai-gateway*'],
    markers: [],
    input: { '*': 'inclusive' },
    roleKey: 'openinference.span.kind',
    roles: {
      LLM: 'chat',
      EMBEDDING: 'embeddings',
      RERANKER: 'rerank',
      TOOL: 'execute_tool',
      AGENT: 'invoke_agent',
      CHAIN: 'chain',
    },
    evidence: 'documented',
    source: 'https://github.com/envoyproxy/ai-gateway, internal/tracing/openinference',
  },
  {
    id: 'openrouter',
    scopes: ['openrouter*'],
    markers: ['trace.metadata.openrouter.provider_name', 'trace.metadata.openrouter.api_key_name'],
    services: ['openrouter'],
    vocabulary: 'gen_ai',
    input: { '*': 'inclusive' },
    callNames: ['LLM Generation'],
    rollupNames: ['generation', 'provider attempt'],
    evidence: 'documented',
    limits: 'Joined to the client span by response id only.',
    source: 'https://openrouter.ai/docs/guides/features/broadcast',
  },
]
