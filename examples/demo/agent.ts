/**
 * A support agent as anyone would write it: the official OpenTelemetry SDK, the official OpenAI SDK, and two addresses
 * from the environment. It knows nothing of Tokenfuse but the name of its run.
 *
 * With one flaw that many have: when a tool fails, it lets the model try again, for ever.
 */
import { context, propagation, SpanStatusCode, trace } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { NodeSDK, tracing } from '@opentelemetry/sdk-node'
import OpenAI, { APIError } from 'openai'
import { runTool } from './model.ts'

const run = process.env['DEMO_RUN'] ?? 'demo'
/** A real one would not stop here either; the demo must end even if nothing stops it. */
const TURNS_MAX = 80

const sdk = new NodeSDK({
  serviceName: 'support-agent',
  // Spans leave every 100 ms instead of every 5 s, so that the demo is not about waiting.
  spanProcessors: [new tracing.BatchSpanProcessor(new OTLPTraceExporter(), { scheduledDelayMillis: 100 })],
})
sdk.start()
const tracer = trace.getTracer('support-agent', '1.0.0')
const openai = new OpenAI({ defaultHeaders: { 'x-tokenfuse-run': run, 'x-tokenfuse-agent': 'support-agent' } })
const tools = ['find_order', 'check_stock', 'send_reply', 'issue_refund'].map((name) => ({
  type: 'function' as const,
  function: { name, parameters: { type: 'object', properties: {} } },
}))

function execute(name: string, args: string, attempt: number): string {
  const attributes = {
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': name,
    'gen_ai.tool.call.arguments': args,
    'gen_ai.agent.name': 'support-agent',
    'tokenfuse.run.id': run,
  }
  return tracer.startActiveSpan(`execute_tool ${name}`, { attributes }, (span) => {
    const { result, failed } = runTool(name, attempt)
    span.setAttribute('gen_ai.tool.call.result', result)
    if (failed)
      span
        .setStatus({ code: SpanStatusCode.ERROR, message: 'tool failed' })
        .setAttribute('error.type', 'PaymentGatewayError')
    span.end()
    return result
  })
}

async function work(): Promise<void> {
  const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'Work through the open tickets.' }]
  for (let turn = 1; turn <= TURNS_MAX; turn++) {
    const headers: Record<string, string> = {}
    propagation.inject(context.active(), headers)
    const answer = await openai.chat.completions.create({ model: 'gpt-4.1', messages, tools }, { headers })
    const message = answer.choices[0]?.message
    if (message === undefined) return
    messages.push(message)
    for (const call of message.tool_calls ?? []) {
      if (call.type !== 'function') continue
      const result = execute(call.function.name, call.function.arguments, turn)
      messages.push({ role: 'tool', tool_call_id: call.id, content: result })
    }
  }
}

try {
  await tracer.startActiveSpan(
    'invoke_agent support-agent',
    { attributes: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'support-agent' } },
    (span) => work().finally(() => span.end()),
  )
  process.stdout.write('{"stopped":false}\n')
} catch (error) {
  if (!(error instanceof APIError)) throw error
  process.stdout.write(
    `${JSON.stringify({ stopped: true, status: error.status, message: error.message, reason: error.headers?.get('x-tokenfuse-reason') })}\n`,
  )
} finally {
  await sdk.shutdown()
}
