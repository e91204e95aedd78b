/** What the stand-in provider says that each call used; each API writes its own totals from it. */
export const USAGE = { input: 100, cacheRead: 1000, cacheWrite5m: 0, output: 20, reasoning: 30 }

/** What it used of a call that asks for the case's tool: writes to the cache, where the answer after it reads from it. */
export const TOOL_USAGE = { input: 200, cacheRead: 0, cacheWrite5m: 700, output: 40, reasoning: 0 }

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
  /** The environment it runs in, since packages pin each other; a folder under the one that is given. */
  readonly group?: string
  /** Called once by the model before it answers. */
  readonly tool?: { readonly name: string; readonly arguments: Readonly<Record<string, unknown>> }
  /**
   * A program writes spans and events by the hundred, in batches by the clock: kept are those with one of these names (as a
   * regular expression), with the spans above them, in one request per signal.
   */
  readonly keeps?: RegExp
}

export const NODE_SDK = [
  '@opentelemetry/sdk-trace-node',
  '@opentelemetry/exporter-trace-otlp-proto',
  '@opentelemetry/resources',
]
export const PYTHON_SDK = ['opentelemetry-sdk', 'opentelemetry-exporter-otlp-proto-http']
