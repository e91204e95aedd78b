import { protoToJson } from '../../../otlp/json/index.ts'
import type { Outcome } from '../../../pipeline/component.ts'
import { Pipeline } from '../../../pipeline/pipeline.ts'
import { start } from '../../../receivers/otlp/testing/harness.ts'
import { testHost } from '../../support/host.ts'
import { type Behaviour, type Context, type Launched, type LaunchOptions, SIGNALS, type Signal } from './context.ts'
import { Arrivals } from './forwarded.ts'
import { checks, runCheck } from './suite.ts'

/** The receiver with an engine behind it that can be told how to answer. */
async function launch(options: LaunchOptions): Promise<Launched> {
  const both = options.grpc === undefined && options.http === undefined
  const running = await start({
    ...(both || options.grpc !== undefined ? { grpc: options.grpc ?? {} } : {}),
    ...(both || options.http !== undefined ? { http: options.http ?? {} } : {}),
  })
  const { recorder } = running
  const arrivals = new Arrivals()
  const consume = engine(arrivals, options.json === true)
  let behaviour: Behaviour = { kind: 'accepted' }
  recorder.outcome = (body) => {
    const { signal = 'traces' } = recorder.received.at(-1) ?? {}
    // Only the last one is looked at; the rest would pile up over thousands of requests.
    recorder.received.length = 0
    if (behaviour.kind === 'fault') throw new Error('a fault inside the sidecar')
    return behaviour.kind === 'accepted' ? consume(signal, body) : behaviour
  }
  if (options.refusing === true)
    recorder.admit = () => ({ kind: 'refused', message: 'memory limit', retryAfterMs: 1000 })
  return {
    http: running.http.address === '' ? undefined : running.http,
    grpc: running.grpc.address === '' ? undefined : running.grpc,
    ...{ forwarded: arrivals, pid: process.pid, backend: undefined },
    behave: (next) => {
      behaviour = next
    },
    stop: async () => {
      await running.stop()
      return 0
    },
  }
}

/** An engine without processors, whose queue is the list of arrivals. */
function engine(arrivals: Arrivals, json: boolean): (signal: Signal, body: Buffer) => Outcome | Promise<Outcome> {
  const { metrics, log } = testHost()
  const pipelines = new Map(
    SIGNALS.map((signal) => {
      const append = ({ bytes }: { readonly bytes: Buffer }): undefined => {
        // Large bodies are only there for their size.
        if (bytes.length >= 65_536) return
        if (json) arrivals.addJson(signal, JSON.parse(protoToJson(signal, bytes)))
        else arrivals.add(signal, bytes)
      }
      const sink = { admits: () => true, append }
      return [signal, new Pipeline({ id: signal, signal, processors: [], enforcers: [], sink, metrics, log })]
    }),
  )
  return (signal, body) => pipelines.get(signal)?.consume(body).outcome ?? { kind: 'invalid', message: signal }
}

describe('OTLP conformance of the receiver', () => {
  let target: Launched
  let context: Context
  beforeAll(async () => {
    target = await launch({})
    context = { ...target, launch, httpLimit: 20 * 1024 * 1024, grpcLimit: 4 * 1024 * 1024 }
  })
  afterAll(() => target.stop())

  // What only a whole sidecar can show; everything else must pass here.
  const needsMore = new Map([[48, 'needs a target that forwards over OTLP/HTTP; give --command']])

  test.each(checks.map((check) => [check.number, check.title, check] as const))(
    '%i %s',
    async (number, _title, check) => {
      const { status, reason } = await runCheck(check, context)
      const reasonToSkip = needsMore.get(number)
      expect({ status, reason }).toEqual(
        reasonToSkip === undefined ? { status: 'pass', reason: undefined } : { status: 'skip', reason: reasonToSkip },
      )
    },
    30_000,
  )

  test('there are fifty of them', () => {
    expect(checks.map((check) => check.number)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1))
  })
})
