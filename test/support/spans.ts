import { ItemBatch } from '../../otlp/batch.ts'
import { KeyTable } from '../../otlp/keys.ts'
import type { Batch } from '../../pipeline/batch.ts'
import type { Processor } from '../../pipeline/component.ts'
import { attributes, decodeRequest, encodeRequest } from './oracle.ts'

export type AttributeValues = Parameters<typeof attributes>[0]

/** A span in short: ids as hex, '' = none, times in milliseconds after a fixed instant. */
export interface SpanSpec {
  readonly name?: string
  readonly trace?: string
  readonly id?: string
  readonly parent?: string
  readonly start?: number
  readonly end?: number
  readonly error?: boolean
  readonly attributes?: AttributeValues
  readonly scope?: string
  readonly version?: string
  readonly resource?: AttributeValues
}

export const EPOCH_MS = 1_763_900_000_000
let serial = 0

const id = (hex: string | undefined, bytes: number): Uint8Array =>
  hex === undefined || hex === '' ? new Uint8Array(0) : Buffer.from(hex.padStart(bytes * 2, '0'), 'hex')

const nanos = (ms: number): string => String(BigInt(Math.round((EPOCH_MS + ms) * 1000)) * 1000n)

/** One trace request; every span in a ResourceSpans of its own, in the order given. */
export function traceRequest(spans: readonly SpanSpec[]): Buffer {
  return encodeRequest('traces', {
    resourceSpans: spans.map((span) => ({
      resource: { attributes: attributes(span.resource ?? { 'service.name': 'test-agent' }) },
      scopeSpans: [
        {
          scope: { name: span.scope ?? 'test', version: span.version ?? '' },
          spans: [
            {
              traceId: id(span.trace ?? 'aa', 16),
              spanId: id(span.id ?? (++serial).toString(16), 8),
              parentSpanId: id(span.parent, span.parent === undefined ? 0 : 8),
              name: span.name ?? 'span',
              kind: 3,
              startTimeUnixNano: nanos(span.start ?? 0),
              endTimeUnixNano: nanos(span.end ?? 1000),
              attributes: attributes(span.attributes ?? {}),
              status: span.error === true ? { code: 2 } : {},
            },
          ],
        },
      ],
    })),
  })
}

export interface Processed extends Batch {
  readonly output: Buffer
  /** Attributes of each span as it leaves, by key; a repeated key throws. */
  readonly attributes: readonly Readonly<Record<string, unknown>>[]
}

/** Runs processors over requests as a pipeline does; state is kept between the requests of one runner. */
export function runner(processors: readonly Processor[]): (request: Buffer) => Processed {
  const keys = new KeyTable(['tokenfuse.*', 'gen_ai.usage.cost', ...processors.flatMap((p) => p.wants ?? [])])
  for (const processor of processors) processor.bind?.(keys)
  const items = new ItemBatch(keys)
  return (request) => {
    items.load(request, 'traces')
    const batch: Batch = { signal: 'traces', items, calls: [], steps: [], verdicts: [] }
    for (const processor of processors) processor.process(batch)
    const output = items.spliced()
    return { ...batch, output, attributes: spanAttributes(output) }
  }
}

interface Decoded {
  readonly resourceSpans?: readonly {
    readonly scopeSpans?: readonly {
      readonly spans?: readonly {
        readonly attributes?: readonly { readonly key: string; readonly value?: Record<string, unknown> }[]
      }[]
    }[]
  }[]
}

export function spanAttributes(request: Buffer): Readonly<Record<string, unknown>>[] {
  const decoded = decodeRequest('traces', request) as Decoded
  const spans = (decoded.resourceSpans ?? []).flatMap((r) => (r.scopeSpans ?? []).flatMap((s) => s.spans ?? []))
  return spans.map((span) => {
    const result: Record<string, unknown> = {}
    for (const { key, value } of span.attributes ?? []) {
      if (key in result) throw new Error(`attribute ${key} stands twice`)
      result[key] = plain(value)
    }
    return result
  })
}

function plain(value: Record<string, unknown> | undefined): unknown {
  const entry = Object.entries(value ?? {})[0]
  if (entry === undefined) return undefined
  const [kind, content] = entry
  if (kind === 'intValue') return Number(content)
  if (kind === 'arrayValue') return ((content as { values?: Record<string, unknown>[] }).values ?? []).map(plain)
  return content
}
