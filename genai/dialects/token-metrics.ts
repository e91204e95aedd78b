/** A metric that counts tokens, and what its points count. */
export interface TokenMetric {
  /** The attribute that says what a point counts; undefined where the name alone does. */
  readonly key: string | undefined
  /** Its values, to the kinds that we count; `*` where there is no key. */
  readonly kinds: Readonly<Record<string, string>>
  readonly source: string
}

/**
 * Metrics cannot be told apart by call, so they are never billed: they only show how much of what was spent was seen.
 * The kinds of one metric may be parts of each other (Envoy's cached input is a part of its input, Claude Code's is not).
 */
export const TOKEN_METRICS: ReadonlyMap<string, TokenMetric> = new Map<string, TokenMetric>([
  [
    'claude_code.token.usage',
    {
      key: 'type',
      kinds: { input: 'input', output: 'output', cacheRead: 'cache_read', cacheCreation: 'cache_write' },
      source: 'https://code.claude.com/docs/en/monitoring-usage',
    },
  ],
  [
    'gemini_cli.token.usage',
    {
      key: 'type',
      kinds: { input: 'input', output: 'output', thought: 'reasoning', cache: 'cache_read', tool: 'tool' },
      source: 'https://github.com/google-gemini/gemini-cli, docs/cli/telemetry.md',
    },
  ],
  [
    'gen_ai.client.token.usage',
    {
      key: 'gen_ai.token.type',
      kinds: {
        input: 'input',
        output: 'output',
        completion: 'output',
        cached_input: 'cache_read',
        cache_creation_input: 'cache_write',
        reasoning: 'reasoning',
      },
      source: 'https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics/',
    },
  ],
  ...(
    [
      ['input_tokens', 'input'],
      ['output_tokens', 'output'],
      ['cache_read.input_tokens', 'cache_read'],
      ['cache_write.input_tokens', 'cache_write'],
      ['reasoning.output_tokens', 'reasoning'],
    ] as const
  ).map(
    ([name, kind]) =>
      [
        `gen_ai.client.inference.usage.${name}`,
        {
          key: undefined,
          kinds: { '*': kind },
          source: 'https://github.com/open-telemetry/semantic-conventions-genai',
        },
      ] as const,
  ),
])
