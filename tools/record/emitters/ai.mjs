// One run of the Vercel AI SDK 4 to 6, Langfuse, or of an instrumentation of Bedrock; which is said by CASE.

import { createRequire } from 'node:module'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node'

const require = createRequire(import.meta.url)
const url = process.env.PROVIDER_URL
const more = process.env.MORE_URL
const processors = [new SimpleSpanProcessor(new OTLPTraceExporter())]
const register = (spanProcessors) => {
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'recorded-agent' }),
    spanProcessors,
  })
  provider.register()
  return provider
}

const openai = async () => (await import('@ai-sdk/openai')).createOpenAI({ apiKey: 'test', baseURL: `${url}/v1` })
const models = {
  openai: async () => (await openai()).chat('gpt-4o'),
  responses: async () => (await openai()).responses('gpt-5'),
  anthropic: async () =>
    (await import('@ai-sdk/anthropic')).createAnthropic({ apiKey: 'test', baseURL: `${url}/v1` })('claude-sonnet-4-5'),
  google: async () =>
    (await import('@ai-sdk/google')).createGoogleGenerativeAI({ apiKey: 'test', baseURL: `${more}/v1beta` })(
      'gemini-2.5-pro',
    ),
}

async function ai(kind, how) {
  const provider = register(processors)
  const { generateText, streamText } = await import('ai')
  const model = await models[kind]()
  const options = { model, prompt: 'weather?', experimental_telemetry: { isEnabled: true, functionId: 'forecast' } }
  if (how === 'stream') for await (const _ of streamText(options).textStream);
  else await generateText(options)
  return provider
}

const embed = async () => {
  const provider = register(processors)
  const { embed: one } = await import('ai')
  const { textEmbeddingModel, textEmbedding, embedding } = await openai()
  const make = textEmbeddingModel ?? textEmbedding ?? embedding
  await one({ model: make('text-embedding-3-small'), value: 'weather?', experimental_telemetry: { isEnabled: true } })
  return provider
}

const bedrockCall = async () => {
  const { BedrockRuntimeClient, ConverseCommand, InvokeModelCommand } = require('@aws-sdk/client-bedrock-runtime')
  const { NodeHttpHandler } = await import('@smithy/node-http-handler')
  const client = new BedrockRuntimeClient({
    requestHandler: new NodeHttpHandler(),
    endpoint: more,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })
  const modelId = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'
  if (process.env.CASE.endsWith('converse'))
    return client.send(new ConverseCommand({ modelId, messages: [{ role: 'user', content: [{ text: 'weather?' }] }] }))
  const body = {
    anthropic_version: 'bedrock-2023-05-31',
    max_tokens: 9,
    messages: [{ role: 'user', content: 'weather?' }],
  }
  return client.send(new InvokeModelCommand({ modelId, contentType: 'application/json', body: JSON.stringify(body) }))
}

const bedrock = async (pkg) => {
  const provider = register(processors)
  const { BedrockInstrumentation } = await import(pkg)
  const instrumentation = new BedrockInstrumentation()
  instrumentation.setTracerProvider(provider)
  // One of the two finds the module by itself, and would wrap it twice.
  if (pkg.startsWith('@traceloop')) instrumentation.manuallyInstrument(require('@aws-sdk/client-bedrock-runtime'))
  await bedrockCall()
  return provider
}

const langfuse = async () => {
  const { LangfuseSpanProcessor } = await import('@langfuse/otel')
  const provider = register([
    new LangfuseSpanProcessor({
      publicKey: 'pk',
      secretKey: 'sk',
      baseUrl: process.env.OTEL_EXPORTER_OTLP_ENDPOINT,
      exportMode: 'immediate',
    }),
  ])
  const { observeOpenAI } = await import('@langfuse/openai')
  const { default: OpenAI } = await import('openai')
  await observeOpenAI(new OpenAI({ apiKey: 'test', baseURL: `${url}/v1` })).chat.completions.create({
    model: 'gpt-4o',
    messages: [{ role: 'user', content: 'weather?' }],
  })
  return provider
}

const [family, ...rest] = process.env.CASE.split('-')
const runs = {
  ai: () => (rest[0] === 'embed' ? embed() : ai(rest[0], rest[1])),
  oibedrock: () => bedrock('@arizeai/openinference-instrumentation-bedrock'),
  traceloopbedrock: () => bedrock('@traceloop/instrumentation-bedrock'),
  langfuse,
}
const provider = await runs[family]()
await provider?.forceFlush()
await provider?.shutdown()
