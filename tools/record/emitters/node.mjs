// One call through a real library under a real instrumentation; which is said by CASE.

import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { registerInstrumentations } from '@opentelemetry/instrumentation'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node'

const url = process.env.PROVIDER_URL
const provider = new NodeTracerProvider({
  resource: resourceFromAttributes({ 'service.name': 'recorded-agent' }),
  spanProcessors: [new SimpleSpanProcessor(new OTLPTraceExporter())],
})
provider.register()

const instrumented = async (pkg, name, target, patch) => {
  const module = await import(pkg)
  const instrumentation = new module[name]()
  const library = await import(target)
  if (patch) instrumentation.manuallyInstrument(library[patch] ?? library)
  else registerInstrumentations({ instrumentations: [instrumentation], tracerProvider: provider })
  instrumentation.setTracerProvider?.(provider)
  return library
}
const chat = async (OpenAI) =>
  new OpenAI({ apiKey: 'test', baseURL: `${url}/v1` }).chat.completions.create({
    model: 'gpt-4o',
    messages: [{ role: 'user', content: 'weather?' }],
  })
const request = { model: 'claude-sonnet-4-5', max_tokens: 100, messages: [{ role: 'user', content: 'weather?' }] }
const message = async (Anthropic) => new Anthropic({ apiKey: 'test', baseURL: url }).messages.create(request)

const ai = async (telemetry, model) => {
  const { generateText, registerTelemetry } = await import('ai')
  const otel = await import('@ai-sdk/otel')
  registerTelemetry(new otel[telemetry]())
  const options = { isEnabled: true, functionId: 'forecast' }
  await generateText({ model, prompt: 'weather?', telemetry: options, experimental_telemetry: options })
}
const openaiModel = async () =>
  (await import('@ai-sdk/openai')).createOpenAI({ apiKey: 'test', baseURL: `${url}/v1` }).chat('gpt-4o')
const anthropicModel = async () =>
  (await import('@ai-sdk/anthropic')).createAnthropic({ apiKey: 'test', baseURL: `${url}/v1` })('claude-sonnet-4-5')

const cases = {
  'anthropic-sdk': async () => message((await import('@anthropic-ai/sdk')).default),
  'anthropic-sdk-stream': async () => {
    const { default: Anthropic } = await import('@anthropic-ai/sdk')
    const stream = new Anthropic({ apiKey: 'test', baseURL: url }).messages.stream(request)
    await stream.finalMessage()
  },
  'otel-openai': async () => {
    const { OpenAIInstrumentation } = await import('@opentelemetry/instrumentation-openai')
    const instrumentation = new OpenAIInstrumentation()
    registerInstrumentations({ instrumentations: [instrumentation], tracerProvider: provider })
    const { createRequire } = await import('node:module')
    const { OpenAI } = createRequire(import.meta.url)('openai')
    await chat(OpenAI)
  },
  'oi-openai': async () => {
    const { default: OpenAI } = await instrumented(
      '@arizeai/openinference-instrumentation-openai',
      'OpenAIInstrumentation',
      'openai',
      'default',
    )
    await chat(OpenAI)
  },
  'oi-anthropic': async () => {
    const { default: Anthropic } = await instrumented(
      '@arizeai/openinference-instrumentation-anthropic',
      'AnthropicInstrumentation',
      '@anthropic-ai/sdk',
      'default',
    )
    await message(Anthropic)
  },
  'traceloop-anthropic': async () => {
    const { default: Anthropic } = await instrumented(
      '@traceloop/instrumentation-anthropic',
      'AnthropicInstrumentation',
      '@anthropic-ai/sdk',
      'default',
    )
    await message(Anthropic)
  },
  'traceloop-openai': async () => {
    const { default: OpenAI } = await instrumented(
      '@traceloop/instrumentation-openai',
      'OpenAIInstrumentation',
      'openai',
      'OpenAI',
    )
    await chat(OpenAI)
  },
  'ai7-openai': async () => ai('OpenTelemetry', await openaiModel()),
  'ai7-anthropic': async () => ai('OpenTelemetry', await anthropicModel()),
  'ai7-legacy-openai': async () => ai('LegacyOpenTelemetry', await openaiModel()),
  'ai7-legacy-anthropic': async () => ai('LegacyOpenTelemetry', await anthropicModel()),
}
await cases[process.env.CASE]()
await provider.forceFlush()
await provider.shutdown()
