import type { Outcome } from '../../../pipeline/component.ts'
import { start } from '../../../receivers/otlp/testing/harness.ts'
import { oracle } from '../../support/oracle.ts'
import type { Behaviour, Context, Launched, LaunchOptions, Signal } from './context.ts'
import { Arrivals } from './forwarded.ts'
import { checks, runCheck } from './suite.ts'

/** The receiver by itself, with pipelines that decode what they get and can be told how to answer. */
async function launch(options: LaunchOptions): Promise<Launched> {
  const both = options.grpc === undefined && options.http === undefined
  const running = await start({
    ...(both || options.grpc !== undefined ? { grpc: options.grpc ?? {} } : {}),
    ...(both || options.http !== undefined ? { http: options.http ?? {} } : {}),
  })
  const { recorder } = running
  const arrivals = new Arrivals()
  let behaviour: Behaviour = { kind: 'accepted' }
  recorder.outcome = (body) => {
    const { signal = 'traces' } = recorder.received.at(-1) ?? {}
    // Only the last one is looked at; the rest would pile up over thousands of requests.
    recorder.received.length = 0
    return outcomeOf(behaviour, signal, body, arrivals)
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

function outcomeOf(behaviour: Behaviour, signal: Signal, body: Buffer, arrivals: Arrivals): Outcome {
  if (behaviour.kind === 'fault') throw new Error('a fault inside the sidecar')
  if (behaviour.kind !== 'accepted') return behaviour
  try {
    oracle(signal).decode(body)
  } catch (error) {
    return { kind: 'invalid', message: String(error) }
  }
  // Large bodies are only there for their size.
  if (body.length < 65_536) arrivals.add(signal, body)
  return behaviour
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
