import type { HttpAnswer } from './client/http.ts'
import type { Place } from './client/place.ts'

export type Signal = 'traces' | 'logs' | 'metrics'
export const SIGNALS: readonly Signal[] = ['traces', 'logs', 'metrics']

/** What the far end of the target was sent. */
export interface Forwarded {
  /**
   * The Resource{Spans,Logs,Metrics} in which the text stands, decoded by an independent codec (64-bit numbers as
   * strings, bytes as base64). Waits for it for a while; undefined when it does not come.
   */
  find(signal: Signal, text: string, timeoutMs?: number): Promise<Envelope | undefined>
  /** How many different texts of this form have arrived. */
  count(signal: Signal, pattern: RegExp): number
  /** How many requests of this signal have arrived. */
  requests(signal: Signal): number
}

export interface Envelope {
  readonly decoded: Readonly<Record<string, unknown>>
  /** Everything that came in the same request, when the target forwards protobuf. */
  readonly bytes: Buffer | undefined
}

/** A running target. */
export interface Target {
  readonly http: Place | undefined
  readonly grpc: Place | undefined
  readonly forwarded: Forwarded | undefined
  /** For its memory. */
  readonly pid: number | undefined
}

export interface LaunchOptions {
  /** The receiver's `grpc` and `http` blocks; endpoints are filled in where they are missing. */
  readonly grpc?: object
  readonly http?: object
  /** What is forwarded goes out as OTLP/JSON. */
  readonly json?: boolean
  /** The pipelines refuse everything, retryably. */
  readonly refusing?: boolean
  /** It is expected not to start; there is no waiting for its listeners, one of which may be somebody else's. */
  readonly fails?: boolean
}

export interface Launched extends Target {
  /** Ends it as SIGTERM does, waits for the end, and returns the exit code. */
  stop(): Promise<number>
  /** Tells the pipelines how to answer, where the target can be told; see `behave` in {@link Context}. */
  readonly behave: ((outcome: Behaviour) => void) | undefined
  /** What stands behind the target and gets what it forwards, where it can be told how to answer. */
  readonly backend: Backend | undefined
}

export type Behaviour =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'invalid'; readonly message: string }
  | { readonly kind: 'refused'; readonly message: string; readonly retryAfterMs?: number }
  | { readonly kind: 'partial'; readonly rejected: number; readonly message: string }
  | { readonly kind: 'fault' }

export interface Backend {
  /** What to answer from now on, in this order; the last one stays. */
  script(answers: readonly BackendAnswer[]): void
  /** Arrivals of requests that hold the text: times in milliseconds. */
  arrivals(text: string): readonly number[]
}

export type BackendAnswer =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: Buffer }
  | 'drop'

export interface Context extends Target {
  /** The target's limits in bytes. */
  readonly httpLimit: number
  readonly grpcLimit: number
  /** Starts another target of the same kind with a config of its own. Rejects when the target does not start. */
  readonly launch: ((options: LaunchOptions) => Promise<Launched>) | undefined
}

export interface Check {
  readonly number: number
  readonly title: string
  /** Throws a {@link Skip}, or any other error to fail. */
  run(context: Context): Promise<void>
}

/** Thrown by a check that cannot be run against this target. */
export class Skip extends Error {}

export function skip(reason: string): never {
  throw new Skip(reason)
}

export const httpOf = (target: Target): Place => target.http ?? skip('no --endpoint given')
export const grpcOf = (target: Target): Place => target.grpc ?? skip('no --grpc given')
export const forwardedOf = (target: Target): Forwarded =>
  target.forwarded ?? skip('accepted; what was forwarded is only seen with --sink-file or --command')
export const launchOf = (context: Context): NonNullable<Context['launch']> =>
  context.launch ?? skip('needs a target with a config of its own; give --command')

/** Runs with a target of its own, which is stopped behind it. */
export async function withLaunched(
  context: Context,
  options: LaunchOptions,
  use: (target: Launched) => Promise<void>,
): Promise<void> {
  const target = await launchOf(context)(options)
  try {
    await use(target)
  } finally {
    await target.stop()
  }
}

export const PROTO = { 'content-type': 'application/x-protobuf' } as const
export const JSON_TYPE = { 'content-type': 'application/json' } as const

/** For messages of failed checks. */
export const shown = (answer: HttpAnswer): string =>
  `${answer.status} ${answer.headers['content-type'] ?? '(no content type)'} ${JSON.stringify(answer.body.subarray(0, 200).toString('latin1'))}`

/** Waits until the condition holds. */
export async function eventually(condition: () => boolean, what: string, timeoutMs = 5000): Promise<void> {
  for (const end = performance.now() + timeoutMs; !condition(); ) {
    if (performance.now() > end) throw new Error(`not within ${timeoutMs} ms: ${what}`)
    await pause(5)
  }
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
