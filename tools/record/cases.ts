/** What the stand-in provider says that each call used; each API writes its own totals from it. */
export const USAGE = { input: 100, cacheRead: 1000, cacheWrite5m: 0, output: 20, reasoning: 30 }

export interface RecordCase {
  /** The golden folder: `testdata/<dialect>/<name>`. */
  readonly dialect: string
  readonly name: string
  readonly runtime: 'node' | 'python'
  /** File in `emitters/`. */
  readonly emitter: string
  /** Handed to the emitter as `CASE`. */
  readonly variant?: string
  readonly env?: Readonly<Record<string, string>>
  /** To be installed for it. */
  readonly packages: readonly string[]
  /** Python: the environment it runs in, since packages pin each other; a folder under the one that is given. */
  readonly group?: string
}

const NODE_SDK = [
  '@opentelemetry/sdk-trace-node',
  '@opentelemetry/exporter-trace-otlp-proto',
  '@opentelemetry/resources',
]
const PYTHON_SDK = ['opentelemetry-sdk', 'opentelemetry-exporter-otlp-proto-http']
const node = (dialect: string, name: string, variant: string, ...packages: string[]): RecordCase => ({
  dialect,
  name,
  runtime: 'node',
  emitter: 'node.mjs',
  variant,
  packages: [...NODE_SDK, ...packages],
})
const python = (group: string, dialect: string, name: string, variant: string, ...packages: string[]): RecordCase => ({
  group,
  dialect,
  name,
  runtime: 'python',
  emitter: 'python.py',
  variant,
  packages: [...PYTHON_SDK, ...packages],
})

export const CASES: readonly RecordCase[] = [
  node('anthropic_sdk', 'typescript', 'anthropic-sdk', '@anthropic-ai/sdk'),
  node('anthropic_sdk', 'typescript-stream', 'anthropic-sdk-stream', '@anthropic-ai/sdk'),
  node('otel_openai', 'js', 'otel-openai', '@opentelemetry/instrumentation-openai', 'openai'),
  node('openinference', 'js-openai', 'oi-openai', '@arizeai/openinference-instrumentation-openai', 'openai'),
  node('openinference', 'js-anthropic', 'oi-anthropic', '@arizeai/openinference-instrumentation-anthropic'),
  node('openllmetry', 'js-openai', 'traceloop-openai', '@traceloop/instrumentation-openai', 'openai'),
  node('ai_sdk_otel', 'openai', 'ai7-openai', 'ai', '@ai-sdk/otel', '@ai-sdk/openai'),
  node('ai_sdk_otel', 'anthropic', 'ai7-anthropic', 'ai', '@ai-sdk/otel', '@ai-sdk/anthropic'),
  node('ai_sdk_6', 'legacy-openai', 'ai7-legacy-openai', 'ai', '@ai-sdk/otel', '@ai-sdk/openai'),
  node('ai_sdk_6', 'legacy-anthropic', 'ai7-legacy-anthropic', 'ai', '@ai-sdk/otel', '@ai-sdk/anthropic'),
  python(
    'openllmetry',
    'openllmetry',
    'python-openai',
    'traceloop-openai',
    'opentelemetry-instrumentation-openai',
    'openai',
  ),
  python(
    'openllmetry',
    'openllmetry_anthropic',
    'python',
    'traceloop-anthropic',
    'opentelemetry-instrumentation-anthropic',
    'anthropic',
  ),
  python(
    'otel',
    'otel_openai',
    'python',
    'otel-openai',
    'opentelemetry-instrumentation-openai-v2==2.3b0',
    'openai',
    'httpx',
  ),
  python('oi', 'openinference', 'python-openai', 'oi-openai', 'openinference-instrumentation-openai', 'openai'),
  python(
    'oi',
    'openinference',
    'python-anthropic',
    'oi-anthropic',
    'openinference-instrumentation-anthropic',
    'anthropic',
  ),
  python(
    'openlit',
    'openlit',
    'python-openai',
    'openlit-openai',
    'openlit==1.34.43',
    'opentelemetry-sdk<1.38',
    'openai',
  ),
  python('openlit', 'openlit', 'python-anthropic', 'openlit-anthropic', 'openlit==1.34.43', 'anthropic'),
  python('pydantic', 'pydantic_ai', 'openai', 'pydantic-openai', 'pydantic-ai-slim[openai]'),
  python('pydantic', 'pydantic_ai', 'anthropic', 'pydantic-anthropic', 'pydantic-ai-slim[anthropic]'),
  python('langfuse', 'langfuse', 'python-openai', 'langfuse-openai', 'langfuse', 'openai'),
  python(
    'oi',
    'openinference',
    'two-instrumentations',
    'two',
    'openinference-instrumentation-openai',
    'opentelemetry-instrumentation-openai',
    'openai',
  ),
]
