import type { Dialect } from './dialect.ts'

/** What all programs have in common that the SDK writes the spans of. */
export const AI_SDK = {
  scopes: ['ai'],
  vocabulary: 'ai_sdk',
  roleKey: 'ai.operationId',
  roles: {
    'ai.generateText.doGenerate': 'chat',
    'ai.streamText.doStream': 'chat',
    'ai.generateObject.doGenerate': 'chat',
    'ai.streamObject.doStream': 'chat',
    'ai.embed.doEmbed': 'embeddings',
    'ai.embedMany.doEmbed': 'embeddings',
    'ai.rerank.doRerank': 'rerank',
    'ai.toolCall': 'execute_tool',
    'ai.generateText': 'invoke_agent',
    'ai.streamText': 'invoke_agent',
    'ai.generateObject': 'invoke_agent',
    'ai.streamObject': 'invoke_agent',
    'ai.embed': 'step',
    'ai.embedMany': 'step',
    'ai.rerank': 'step',
  },
  blobs: [{ key: 'ai.response.providerMetadata', shape: 'ai_provider_metadata' }],
} as const
const AI_SOURCE = 'https://github.com/vercel/ai, '

/** The Vercel AI SDK: three majors are in use at once, and the span does not say which. */
export const AI_SDK_ROWS: readonly Dialect[] = [
  {
    id: 'ai_sdk_6',
    ...AI_SDK,
    markers: [
      'ai.usage.inputTokenDetails.noCacheTokens',
      'ai.usage.inputTokenDetails.cacheReadTokens',
      'ai.usage.inputTokenDetails.cacheWriteTokens',
      'ai.usage.outputTokenDetails.reasoningTokens',
      'ai.usage.outputTokenDetails.textTokens',
    ],
    needsMarker: true,
    input: { '*': 'inclusive' },
    evidence: 'recorded',
    versions: '6.0.120 and later, 7 through LegacyOpenTelemetry',
    source: `${AI_SOURCE}packages/ai/src/telemetry`,
  },
  {
    id: 'ai_sdk',
    ...AI_SDK,
    markers: ['ai.operationId'],
    input: { anthropic: 'exclusive', 'aws.bedrock': 'exclusive', '*': 'inclusive' },
    reasoningOutside: ['gcp.gemini', 'gcp.vertex_ai'],
    evidence: 'recorded',
    versions: '4, 5 and 6 before 6.0.120',
    limits:
      'Version 6 before 6.0.120 looks like 5: Anthropic input is then taken as exclusive. generateText of version 5 writes no cached tokens for OpenAI, version 4 neither cache nor thoughts for Google: the first are priced in full, the second not at all.',
    source: `${AI_SOURCE}packages/ai/src/telemetry`,
  },
  {
    id: 'ai_sdk_otel',
    scopes: ['gen_ai'],
    markers: [],
    vocabulary: 'gen_ai',
    input: { '*': 'inclusive' },
    evidence: 'recorded',
    versions: '7, package @ai-sdk/otel',
    limits: 'No cache writes on generateObject spans.',
    source: `${AI_SOURCE}packages/otel/src/open-telemetry.ts`,
  },
]
