import type { Consumer, Outcome, Signal } from '../../../pipeline/component.ts'
import { decode } from '../../../pipeline/config/decode.ts'
import { nodeOf } from '../../../pipeline/config/located.ts'
import { Report } from '../../../pipeline/config/report.ts'
import type { Clock } from '../../../pipeline/host.ts'
import { systemClock } from '../../../pipeline/runtime/clock.ts'
import type { Place } from '../../../test/conformance/otlp/client/place.ts'
import { type TestHost, testHost } from '../../../test/support/host.ts'
import { type Config, config } from '../config.ts'
import { OtlpReceiver } from '../otlp.ts'

export interface Received {
  readonly signal: Signal
  readonly body: Buffer
  readonly transport: string
  /** It was only lent, and `body` is a copy. */
  readonly borrowed: boolean
}

/** Stands for the pipelines: keeps what it is given, and answers as it is told. */
export class Recorder {
  readonly received: Received[] = []
  /** What `consume` answers. */
  outcome: (body: Buffer) => Outcome | Promise<Outcome> = () => ({ kind: 'accepted' })
  /** What `admit` answers. */
  admit: (bytes: number) => Extract<Outcome, { kind: 'refused' }> | undefined = () => undefined
  readonly admitted: number[] = []

  consumer(signal: Signal): Consumer {
    return {
      admit: (bytes) => {
        this.admitted.push(bytes)
        return this.admit(bytes)
      },
      consume: (body, transport, borrowed = false) => {
        this.received.push({ signal, body: borrowed ? Buffer.from(body) : body, transport, borrowed })
        return this.outcome(body)
      },
    }
  }
}

export interface Running {
  readonly receiver: OtlpReceiver
  readonly recorder: Recorder
  readonly host: TestHost
  readonly http: Place
  readonly grpc: Place
  stop(): Promise<void>
}

/** What the engine would make of this block; throws with all problems when it is wrong. */
export function configure(block: unknown): Config {
  const report = new Report()
  const place = { source: 'test', line: 1, column: 1 }
  const decoded = decode(config, nodeOf(block, place), { path: ['receivers', 'otlp'], place }, report)
  if (decoded.ok) return decoded.value
  throw new Error(report.problems.map((p) => `${p.path}: ${p.message}`).join('\n'))
}

const FREE = { endpoint: '127.0.0.1:0' }

export interface StartOptions {
  readonly grpc?: object
  readonly http?: object
  readonly more?: object
  readonly clock?: Clock
  readonly signals?: readonly Signal[]
}

/** A receiver on free ports. Without `grpc` and `http` both are served. */
export async function start(options: StartOptions = {}): Promise<Running> {
  const both = options.grpc === undefined && options.http === undefined
  const protocols = {
    ...(both || options.grpc !== undefined ? { grpc: { ...FREE, ...options.grpc } } : {}),
    ...(both || options.http !== undefined ? { http: { ...FREE, ...options.http } } : {}),
  }
  const recorder = new Recorder()
  const host = Object.assign(testHost('otlp'), { clock: options.clock ?? systemClock })
  const signals = options.signals ?? (['traces', 'logs', 'metrics'] as const)
  const next = Object.fromEntries(signals.map((signal) => [signal, recorder.consumer(signal)]))
  const receiver = new OtlpReceiver(configure({ protocols, ...options.more }), host, next)
  await receiver.start()
  const { grpc = '', http = '' } = receiver.addresses
  return { receiver, recorder, host, http: { address: http }, grpc: { address: grpc }, stop: () => receiver.shutdown() }
}

/** Runs with a receiver that is shut down behind it, whatever happens. */
export async function within(options: StartOptions, use: (running: Running) => Promise<void>): Promise<void> {
  const running = await start(options)
  try {
    await use(running)
  } finally {
    await running.stop()
  }
}
