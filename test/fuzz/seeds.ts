import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { tracePayload } from '../../bench/payloads.ts'
import { SIGNALS, type Signal } from '../../pipeline/component.ts'
import { requestOf } from '../../processors/gen_ai_usage/testing/golden.ts'
import { exampleRequests } from '../conformance/otlp/examples.ts'
import { fromOtlpJson, protoRequest } from '../conformance/otlp/samples.ts'
import { encodeRequest } from '../support/oracle.ts'
import { reference } from './reference.ts'

export interface Seed {
  readonly name: string
  readonly signal: Signal
  readonly bytes: Buffer
  /**
   * Whether its calls have ids. A log record without any is known by its bytes, so that the same record written in
   * another way is rightly another one.
   */
  readonly identified: boolean
}

const seed = (name: string, { signal, bytes }: { readonly signal: Signal; readonly bytes: Buffer }): Seed => ({
  ...{ name, signal, bytes },
  identified: signal !== 'logs' || (reference(bytes, 'logs')?.items.every((item) => item.trace !== '') ?? false),
})
const root = join(import.meta.dirname, '..', '..')
const corpus = join(import.meta.dirname, 'corpus')

/** The same as OTLP/JSON. */
export interface Document {
  readonly name: string
  readonly signal: Signal
  readonly json: object
}

/** The recorded payloads and the examples as they stand in JSON. */
export function documents(): Document[] {
  const traced = recordedDocuments().map(({ name, json }) => ({ name, json, signal: requestOf(json).signal }))
  return [...traced, ...exampleRequests().map(({ name, signal, document }) => ({ name, signal, json: document }))]
}

/** What instrumentations really sent, as recorded for the golden tests. */
export const recorded = (): Seed[] => recordedDocuments().map(({ name, json }) => seed(name, requestOf(json)))

function recordedDocuments(): { readonly name: string; readonly json: object }[] {
  const folder = join(root, 'processors', 'gen_ai_usage', 'testdata')
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('in.json'))
    .toSorted()
    .flatMap((file) => {
      const { requests } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { readonly requests: object[] }
      return requests.map((json, i) => ({ name: `${file}#${i}`, json }))
    })
}

/** Payloads of the benchmarks, the examples of the conformance suite, and one small request of each signal. */
export function generated(): Seed[] {
  const mixes: Seed[] = (['mixed', 'plain', 'content'] as const).flatMap((mix) =>
    [1, 3, 20].map((count) => seed(`${mix}-${count}`, { signal: 'traces', bytes: tracePayload(count, mix, count) })),
  )
  const examples = exampleRequests().map(({ name, signal, document }) =>
    seed(name, { signal, bytes: encodeRequest(signal, fromOtlpJson(document) as object) }),
  )
  const small = SIGNALS.map((signal) => seed(`small ${signal}`, { signal, bytes: protoRequest(signal, 'mark') }))
  return [...mixes, ...examples, ...small]
}

/** Inputs kept because something once went wrong with them, or nearly: `traces-….bin` and so on. */
export function kept(): Seed[] {
  return readdirSync(corpus)
    .filter((file) => file.endsWith('.bin'))
    .toSorted()
    .map((name) => seed(name, { signal: signalOf(name), bytes: readFileSync(join(corpus, name)) }))
}

function signalOf(name: string): Signal {
  const signal = SIGNALS.find((s) => name.startsWith(`${s}-`))
  if (signal === undefined) throw new Error(`${name}: the name of a corpus file begins with its signal`)
  return signal
}
