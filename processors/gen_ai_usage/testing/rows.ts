import { testHost } from '../../../test/support/host.ts'
import { type AttributeValues, runner, type SpanSpec, traceRequest } from '../../../test/support/spans.ts'
import { factory } from '../index.ts'

/** One span as each dialect writes it, and what it must be understood as: its own attributes on the way out. */

const settings = { max_entries: 4096, rollup_grace: 60_000, signal_of_record: {} }

const SHORT: Readonly<Record<string, string>> = {
  'tokenfuse.dialect': 'dialect',
  'tokenfuse.bill.status': 'bill',
  'tokenfuse.usage.input_uncached_tokens': 'in',
  'tokenfuse.usage.cache_read_tokens': 'cr',
  'tokenfuse.usage.cache_write_tokens': 'cw',
  'tokenfuse.usage.output_tokens': 'out',
  'tokenfuse.usage.reasoning_tokens': 'rs',
  'tokenfuse.usage.flags': 'flags',
}

function understood(span: SpanSpec): Record<string, unknown> {
  const run = runner([factory.create(settings, testHost())])
  const attributes = run(traceRequest([span])).attributes[0] ?? {}
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([key, value]) => (SHORT[key] === undefined ? [] : [[SHORT[key], value]])),
  )
}

export interface Want {
  readonly dialect?: string
  readonly bill?: string | undefined
  readonly in?: number
  readonly cr?: number
  readonly cw?: number
  readonly out?: number
  readonly rs?: number
  /** Not compared when left out. */
  readonly flags?: readonly string[]
}

/** Nothing that is not wanted may be there, flags aside. */
export function check(title: string, span: SpanSpec, want: Want): void {
  test(title, () => {
    const { flags, ...got } = understood(span)
    const { flags: wantFlags, ...rest } = want
    expect(got).toEqual({ bill: 'billed', dialect: got['dialect'], ...rest })
    if (wantFlags !== undefined) expect(flags ?? []).toEqual(wantFlags)
  })
}

export const semconv = (provider: string, model: string, usage: AttributeValues, more: AttributeValues = {}) => ({
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': provider,
  'gen_ai.request.model': model,
  ...Object.fromEntries(Object.entries(usage).map(([key, value]) => [`gen_ai.usage.${key}`, value])),
  ...more,
})
export const oi = (model: string, counts: AttributeValues, more: AttributeValues = {}) => ({
  'openinference.span.kind': 'LLM',
  'llm.model_name': model,
  ...Object.fromEntries(Object.entries(counts).map(([key, value]) => [`llm.token_count.${key}`, value])),
  ...more,
})
/** 1100 tokens of input, 1000 of them cached, 20 of output. */
export const CACHED = { input_tokens: 1100, output_tokens: 20, 'cache_read.input_tokens': 1000 }
/** More input than was cached: the numbers alone prove nothing about the convention. */
export const BESIDE = { input_tokens: 1600, output_tokens: 20, 'cache_read.input_tokens': 1000 }
export const INCLUSIVE: Want = { in: 100, cr: 1000, out: 20 }
export const EXCLUSIVE: Want = { in: 1600, cr: 1000, out: 20 }
export const SUBTRACTED = { in: 600, cr: 1000, out: 20 }
