// One run of an agent framework of npm; which is said by CASE: what is run, the vendor, and how.

const { PROVIDER_URL: url, MORE_URL: more, OTEL_EXPORTER_OTLP_ENDPOINT: sink } = process.env
const [WHAT, VENDOR, HOW] = process.env.CASE.split('/')
const QUESTION = 'weather?'
const CLAUDE = 'claude-sonnet-4-5'
const traces = `${sink}/v1/traces`

/** A processor that exports each span at once. */
async function processor() {
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-proto')
  const { SimpleSpanProcessor } = await import('@opentelemetry/sdk-trace-base')
  return new SimpleSpanProcessor(new OTLPTraceExporter({ url: traces }))
}

async function register() {
  const { resourceFromAttributes } = await import('@opentelemetry/resources')
  const { NodeTracerProvider } = await import('@opentelemetry/sdk-trace-node')
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'recorded-agent' }),
    spanProcessors: [await processor()],
  })
  provider.register()
  return provider
}

async function mastra() {
  const { Mastra } = await import('@mastra/core')
  const { Agent } = await import('@mastra/core/agent')
  const { createTool } = await import('@mastra/core/tools')
  const { Observability } = await import('@mastra/observability')
  const { OtelExporter } = await import('@mastra/otel-exporter')
  const { z } = await import('zod')
  const model =
    VENDOR === 'openai'
      ? (await import('@ai-sdk/openai')).createOpenAI({ apiKey: 'test', baseURL: `${url}/v1` })('gpt-5')
      : (await import('@ai-sdk/anthropic')).createAnthropic({ apiKey: 'test', baseURL: `${url}/v1` })(CLAUDE)
  const weather = createTool({
    id: 'weather',
    description: 'The weather of a city.',
    inputSchema: z.object({ city: z.string() }),
    execute: async () => ({ sky: 'sunny' }),
  })
  const agent = new Agent({ id: 'forecaster', name: 'forecaster', instructions: 'say it', model, tools: { weather } })
  const exporter = new OtelExporter({ provider: { custom: { endpoint: traces, protocol: 'http/protobuf' } } })
  const app = new Mastra({
    agents: { forecaster: agent },
    logger: false,
    observability: new Observability({ configs: { otel: { serviceName: 'recorded-agent', exporters: [exporter] } } }),
  })
  const forecaster = app.getAgent('forecaster')
  if (HOW === 'stream') for await (const _ of (await forecaster.stream(QUESTION)).textStream);
  else await forecaster.generate(QUESTION)
  await exporter.flush?.()
  await exporter.shutdown()
}

async function adk() {
  process.env.GOOGLE_GEMINI_BASE_URL = more
  process.env.GOOGLE_GENAI_API_KEY = 'test'
  process.env.GEMINI_API_KEY = 'test'
  const provider = await register()
  const { FunctionTool, InMemoryRunner, LlmAgent } = await import('@google/adk')
  const { z } = await import('zod')
  const weather = new FunctionTool({
    name: 'weather',
    description: 'The weather of a city.',
    parameters: z.object({ city: z.string() }),
    execute: async () => ({ sky: 'sunny' }),
  })
  const agent = new LlmAgent({ name: 'forecaster', model: 'gemini-2.5-pro', tools: [weather] })
  const runner = new InMemoryRunner({ agent, appName: 'app' })
  const session = await runner.sessionService.createSession({ appName: 'app', userId: 'u' })
  const newMessage = { role: 'user', parts: [{ text: QUESTION }] }
  for await (const _ of runner.runAsync({ userId: 'u', sessionId: session.id, newMessage }));
  await provider.forceFlush()
}

async function genkit() {
  const { genkit: make, z } = await import('genkit')
  const { enableTelemetry } = await import('genkit/tracing')
  await enableTelemetry({ serviceName: 'recorded-agent', spanProcessors: [await processor()] })
  const plugins = {
    google: async () => {
      const { googleAI } = await import('@genkit-ai/google-genai')
      return [googleAI({ apiKey: 'test', baseUrl: more }), googleAI.model('gemini-2.5-pro')]
    },
    anthropic: async () => {
      process.env.ANTHROPIC_BASE_URL = url
      const { anthropic } = await import('@genkit-ai/anthropic')
      return [anthropic({ apiKey: 'test' }), anthropic.model(CLAUDE)]
    },
    openai: async () => {
      const { openAI } = await import('@genkit-ai/compat-oai/openai')
      return [openAI({ apiKey: 'test', baseURL: `${url}/v1` }), openAI.model('gpt-4o')]
    },
  }
  const [plugin, model] = await plugins[VENDOR]()
  const ai = make({ plugins: [plugin] })
  const weather = ai.defineTool(
    {
      name: 'weather',
      description: 'The weather of a city.',
      inputSchema: z.object({ city: z.string() }),
      outputSchema: z.string(),
    },
    async () => 'sunny',
  )
  const forecast = ai.defineFlow('forecast', async (question) => {
    if (HOW === 'stream') return (await ai.generateStream({ model, prompt: question }).response).text
    return (await ai.generate({ model, prompt: question, tools: [weather] })).text
  })
  await forecast(QUESTION)
  const { flushTracing } = await import('genkit/tracing')
  await flushTracing?.()
}

async function langsmith() {
  process.env.LANGSMITH_TRACING = 'true'
  process.env.LANGSMITH_OTEL_ENABLED = 'true'
  process.env.LANGSMITH_API_KEY = 'test'
  process.env.LANGSMITH_ENDPOINT = sink
  const { initializeOTEL } = await import('langsmith/experimental/otel/setup')
  const { DEFAULT_LANGSMITH_SPAN_PROCESSOR: spans } = initializeOTEL({ exporterConfig: { url: traces } })
  const { traceable } = await import('langsmith/traceable')
  const call = {
    openai: async () => {
      const { wrapOpenAI } = await import('langsmith/wrappers')
      const { default: OpenAI } = await import('openai')
      const client = wrapOpenAI(new OpenAI({ apiKey: 'test', baseURL: `${url}/v1` }))
      const messages = [{ role: 'user', content: QUESTION }]
      return () => client.chat.completions.create({ model: 'gpt-4o', messages })
    },
    anthropic: async () => {
      const { wrapAnthropic } = await import('langsmith/wrappers/anthropic')
      const { default: Anthropic } = await import('@anthropic-ai/sdk')
      const client = wrapAnthropic(new Anthropic({ apiKey: 'test', baseURL: url }))
      const messages = [{ role: 'user', content: QUESTION }]
      return () => client.messages.create({ model: CLAUDE, max_tokens: 100, messages })
    },
  }
  await traceable(await call[VENDOR](), { name: 'pipeline' })()
  await spans.forceFlush()
  await spans.shutdown()
}

await { mastra, adk, genkit, langsmith }[WHAT]()
process.exit(0)
