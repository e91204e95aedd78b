import { components } from '../../cmd/components.ts'
import type { Call } from '../../genai/call.ts'
import type { Outcome, Processor, Signal } from '../../pipeline/component.ts'
import { loadConfig } from '../../pipeline/config/service.ts'
import { Pipeline } from '../../pipeline/pipeline.ts'
import { detachIds } from '../../pipeline/queue/call-codec.ts'
import type { Accepted } from '../../pipeline/queue/index.ts'
import { MEMORY } from '../../pipeline/services.ts'
import { type TestHost, testHost } from '../support/host.ts'

const CONFIG = `
receivers: { otlp: { protocols: { http: } } }
processors:
  gen_ai_usage:
  token_pricing:
  business_tags:
  loop_detector: { on_critical: kill, min_wasted_usd: 0.05 }
  budget: { budgets: [ { id: run-cap, scope: [run], limit_usd: 5, period: lifetime, on_exceed: kill } ] }
exporters: { debug: }
extensions: { ledger: }
service:
  extensions: [ledger]
  pipelines: { traces: { receivers: [otlp], processors: [gen_ai_usage, token_pricing, business_tags, loop_detector, budget], exporters: [debug] } }
`

/** What a pipeline made of one request. */
export interface Made {
  readonly outcome: Outcome
  /** What went to the queue; undefined when nothing did. */
  readonly accepted: Accepted | undefined
}

/** All processors of the example configuration in one pipeline, in this process, with time standing still. */
export interface InProcess {
  consume(signal: Signal, body: Buffer): Made
  /** Batches that some processor threw on. */
  faults(): number
  stop(): Promise<void>
}

export async function inProcess(directory: string): Promise<InProcess> {
  const loaded = loadConfig(
    { configs: [`yaml:${CONFIG}`], sets: [`service.data_directory=${directory}`] },
    components,
    { readFile: () => '', env: {} },
  )
  if (!loaded.ok) throw new Error(loaded.problems.map((p) => p.message).join('\n'))
  const host = testHost('fuzz', directory)
  host.provide(MEMORY, { rss: () => 0, limit: 1 })
  const extensions = [...loaded.config.extensions.values()].map((e) =>
    e.factory.create(e.config, { ...host, id: e.id }),
  )
  const processors = [...loaded.config.processors.values()].map((p) => ({
    id: p.id,
    processor: p.factory.create(p.config, { ...host, id: p.id }) as Processor,
  }))
  for (const extension of extensions) await extension.start()
  for (const { processor } of processors) await processor.start()
  const lines = new Map(
    (['traces', 'logs', 'metrics'] as const).map((signal) => [signal, line(signal, processors, host)]),
  )
  return {
    consume(signal, body) {
      const made = lines.get(signal)?.(body)
      if (made === undefined) throw new Error(signal)
      return made
    },
    faults: () => processors.reduce((sum, { id }) => sum + host.metric('tokenfuse_processor_faults_total', id), 0),
    async stop() {
      for (const { processor } of processors) await processor.shutdown()
      for (const extension of extensions) await extension.shutdown()
    },
  }
}

/** Requests lie in memory that is used again, as those do that a receiver unpacks. */
let shared = Buffer.alloc(0)

function line(
  signal: Signal,
  processors: readonly { readonly id: string; readonly processor: Processor }[],
  host: TestHost,
): (body: Buffer) => Made {
  let last: Accepted | undefined
  /** The request at hand, and where it came from. */
  let lent: Buffer = shared
  let came: Buffer = shared
  const pipeline = new Pipeline({
    ...{ id: signal, signal, processors: signal === 'metrics' ? [] : processors, enforcers: [] },
    sink: {
      admits: () => true,
      append: (batch) => {
        // What is borrowed is written over, so the queue copies it, and with it what calls refer to.
        detachIds(batch.calls)
        last = batch.bytes === lent ? { ...batch, bytes: came } : { ...batch, bytes: Buffer.from(batch.bytes) }
        return undefined
      },
    },
    ...{ metrics: host.metrics, log: host.log },
  })
  return (body) => {
    last = undefined
    if (body.length > shared.length) shared = Buffer.alloc(2 * body.length)
    body.copy(shared)
    lent = shared.subarray(0, body.length)
    came = body
    const { outcome } = pipeline.consume(lent, true)
    // Whoever still looks at it is found out.
    lent.fill(0xaa)
    if (outcome instanceof Promise) throw new Error('a pipeline with a queue in memory answers at once')
    return { outcome, accepted: last }
  }
}

/** All that was understood of a call but its place, for comparing what two forms of one request were taken for. */
export function described(call: Call): object {
  const { traceId, spanId, parentSpanId, responseId, dialect, role, operation, provider, model, serviceTier } = call
  const { usage, flags, bill, tags, startMs, endMs, conversation, agentId, errorType, reportedPico } = call
  const cost = call.cost && {
    ...{ status: call.cost.status, pico: String(call.cost.pico), card: call.cost.card, reason: call.cost.reason },
  }
  return {
    ...{ traceId, spanId, parentSpanId, responseId, dialect, role, operation, provider, model, serviceTier },
    ...{ usage: { ...usage }, flags, bill, tags: { ...tags }, startMs, endMs, conversation, agentId, errorType },
    ...{ reportedPico: String(reportedPico), cost },
  }
}
