import type { Call } from '../../genai/call.ts'
import { ItemBatch } from '../../otlp/batch.ts'
import { KeyTable } from '../../otlp/keys.ts'
import type { Batch } from '../../pipeline/batch.ts'
import { valid } from '../../pipeline/exporter-config/testing/configured.ts'
import { factory as usage } from '../../processors/gen_ai_usage/index.ts'
import { config } from '../../processors/token_pricing/config.ts'
import { factory as pricing } from '../../processors/token_pricing/index.ts'
import { testHost } from '../../test/support/host.ts'
import { tracePayload } from '../payloads.ts'
import { compare } from '../support/measure.ts'

const SPANS = 512

/** What `token_pricing` adds to a batch of 512 spans of which three in ten are calls: ns of CPU per span and per call. */
export function spanShare(): { readonly perSpan: number; readonly perCall: number; readonly calls: number } {
  const host = testHost()
  const processors = [usage.create(valid(usage.config, '{}'), host), pricing.create(valid(config, '{}'), host)] as const
  const keys = new KeyTable(['tokenfuse.*', 'gen_ai.usage.cost', ...processors.flatMap((p) => p.wants ?? [])])
  for (const processor of processors) processor.bind?.(keys)
  const items = new ItemBatch(keys)
  const request = tracePayload(SPANS, 'mixed', 7)
  items.load(request, 'traces')
  const batch: Batch = { signal: 'traces', items, calls: [], steps: [], verdicts: [] }
  processors[0].process(batch)
  const calls: readonly Call[] = batch.calls
  const reset = (): void => {
    items.load(request, 'traces')
    for (const call of calls) call.cost = undefined
  }
  const [without, all] = compare(
    [
      { name: 'without', batch: SPANS, run: reset },
      {
        name: 'with',
        batch: SPANS,
        run: () => {
          reset()
          processors[1].process(batch)
        },
      },
    ],
    21,
    40,
  )
  const perSpan = (all?.ns ?? Number.NaN) - (without?.ns ?? Number.NaN)
  return { perSpan, perCall: (perSpan * SPANS) / calls.length, calls: calls.length }
}
