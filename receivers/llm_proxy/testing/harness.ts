import type { Script } from '../../../examples/provider/script.ts'
import { type Provider, startProvider } from '../../../examples/provider/server.ts'
import type { Consumer, Outcome } from '../../../pipeline/component.ts'
import { type Decision, LEDGER, type Ledger, type LedgerEvent, type Subject } from '../../../pipeline/services.ts'
import { type TestHost, testHost } from '../../../test/support/host.ts'
import { decodeRequest } from '../../../test/support/oracle.ts'
import type { Config } from '../config.ts'
import { LlmProxy } from '../llm_proxy.ts'

export const ALLOW: Decision = {
  verdict: 'allow',
  reason: 'within budget',
  code: 'allow',
  budget: undefined,
  spentNano: undefined,
  limitNano: undefined,
  remainingNano: undefined,
  retryAfterMs: undefined,
}

export const KILL: Decision = {
  ...ALLOW,
  verdict: 'kill',
  reason: 'budget run-cap (run=r1) is used up, $5 of $5',
  code: 'run_cap',
  budget: 'run-cap',
  spentNano: 5_000_000_000n,
  limitNano: 5_000_000_000n,
}

export const THROTTLE: Decision = {
  ...ALLOW,
  verdict: 'throttle',
  reason: 'slow down',
  code: 'monthly_cap',
  retryAfterMs: 2_592_000_000,
}

/** A ledger that decides what the test says, and remembers what it was asked. */
export interface FakeLedger extends Ledger {
  decide: (subject: Subject) => Decision
  readonly reserved: { readonly id: string; readonly subject: Subject; readonly nano: bigint; readonly ttlMs: number }[]
  readonly released: string[]
  tell(): void
}

export function fakeLedger(): FakeLedger {
  const listeners = new Set<(event: LedgerEvent) => void>()
  const unused = (): never => {
    throw new Error('the proxy has no business here')
  }
  let epoch = 0
  const ledger: FakeLedger = {
    decide: () => ALLOW,
    reserved: [],
    released: [],
    tell() {
      epoch++
      const kill = {
        id: 'k1',
        scope: {},
        reason: 'test',
        code: 'killed',
        actor: 'test',
        untilMs: undefined,
        sinceMs: 0,
      }
      for (const listener of listeners) listener({ seq: epoch, type: 'kill', kill })
    },
    check: (subject) => ledger.decide(subject),
    reserve(subject, nano, ttlMs) {
      const decision = ledger.decide(subject)
      if (decision.verdict === 'kill' || decision.verdict === 'throttle') return { decision, id: undefined }
      const id = `hold-${ledger.reserved.length + 1}`
      ledger.reserved.push({ id, subject, nano, ttlMs })
      return { decision, id }
    },
    release: (id) => void ledger.released.push(id),
    watch(_since, listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    get epoch() {
      return epoch
    },
    define: unused,
    settle: unused,
    flush: unused,
    kill: unused,
    resume: unused,
    kills: unused,
    announce: unused,
    budgets: unused,
    override: unused,
    audit: unused,
  }
  return ledger
}

export type Attributes = Readonly<Record<string, unknown>>

export interface SeenSpan {
  readonly scope: string
  readonly service: string
  readonly name: string
  readonly kind: number
  readonly traceId: string
  readonly spanId: string
  readonly parentId: string
  readonly statusCode: number
  readonly startMs: number
  readonly endMs: number
  readonly attributes: Attributes
}

/** A pipeline that keeps the spans it is given. */
export interface FakePipeline extends Consumer {
  readonly spans: SeenSpan[]
  answer: () => Outcome | Promise<Outcome>
  /** Runs inside `consume`, as processors do. */
  onSpan: (span: SeenSpan) => void
}

export function fakePipeline(): FakePipeline {
  const pipeline: FakePipeline = {
    spans: [],
    answer: () => ({ kind: 'accepted' }),
    onSpan: () => {},
    admit: () => undefined,
    consume(body) {
      const outcome = pipeline.answer()
      if (!(outcome instanceof Promise) && outcome.kind === 'refused') return outcome
      const span = readSpan(body)
      pipeline.spans.push(span)
      pipeline.onSpan(span)
      return outcome
    },
  }
  return pipeline
}

interface RawValue {
  readonly stringValue?: string
  readonly intValue?: string
  readonly arrayValue?: { readonly values: readonly RawValue[] }
}
interface RawAttributes {
  readonly attributes: readonly { readonly key: string; readonly value: RawValue }[]
}
interface RawSpan extends RawAttributes {
  readonly name: string
  readonly kind: number
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly status?: { readonly code?: number }
}
interface RawRequest {
  readonly resourceSpans: readonly [
    {
      readonly resource: RawAttributes
      readonly scopeSpans: readonly [{ readonly scope: { readonly name: string }; readonly spans: readonly [RawSpan] }]
    },
  ]
}

/** Decoded by a codec that is not ours. */
export function readSpan(body: Buffer): SeenSpan {
  const { resource, scopeSpans } = (decodeRequest('traces', body) as unknown as RawRequest).resourceSpans[0]
  const { scope, spans } = scopeSpans[0]
  const hex = (text: string | undefined): string => Buffer.from(text ?? '', 'base64').toString('hex')
  const span = spans[0]
  return {
    scope: scope.name,
    service: String(plain(resource)['service.name']),
    name: span.name,
    kind: span.kind,
    traceId: hex(span.traceId),
    spanId: hex(span.spanId),
    parentId: hex(span.parentSpanId),
    statusCode: span.status?.code ?? 0,
    startMs: Number(BigInt(span.startTimeUnixNano) / 1_000_000n),
    endMs: Number(BigInt(span.endTimeUnixNano) / 1_000_000n),
    attributes: plain(span),
  }
}

const plain = ({ attributes }: RawAttributes): Attributes =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, decoded(value)]))

const decoded = (value: RawValue): unknown =>
  value.stringValue ?? (value.intValue === undefined ? value.arrayValue?.values.map(decoded) : Number(value.intValue))

export const DEFAULTS: Config = {
  endpoint: '127.0.0.1:0',
  upstreams: {},
  service_name: 'tokenfuse-proxy',
  identity_headers: {},
  defaults: {},
  estimate_usd: '0.05',
  reservation_ttl: 900_000,
  cut_streams: true,
  stream_check_interval: 500,
  max_in_flight: 1024,
  max_header_bytes: 65_536,
  allow_browser: false,
  idle_timeout: 600_000,
  drain_timeout: 10_000,
}

const upstream = (
  base_url: string | undefined,
  more: Partial<Config['upstreams'][string]> = {},
): Config['upstreams'][string] => ({
  base_url,
  dialect: undefined,
  provider: undefined,
  headers: {},
  inject_usage: true,
  ...more,
})

export interface Stage {
  readonly provider: Provider
  readonly proxy: LlmProxy
  readonly ledger: FakeLedger
  readonly pipeline: FakePipeline
  readonly host: TestHost
  readonly url: string
  stop(): Promise<void>
}

export interface StageOptions {
  readonly respond?: Script
  readonly settings?: Partial<Config>
  readonly withLedger?: boolean
  /** Base URL of `openai` and `anthropic`; default: the stand-in provider. */
  readonly upstreamUrl?: string
  readonly upstream?: Partial<Config['upstreams'][string]>
}

/** A stand-in provider, and the proxy in front of it, on real sockets and with time that stands still. */
export async function stage(options: StageOptions = {}): Promise<Stage> {
  const provider = await startProvider({
    respond: options.respond ?? (() => ({ text: 'hello' })),
    nowS: () => 1_763_900_000,
  })
  const host = testHost('llm_proxy')
  const ledger = fakeLedger()
  if (options.withLedger !== false) host.provide(LEDGER, ledger)
  const pipeline = fakePipeline()
  let seed = 1
  const random = (): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
    return seed / 0x1_0000_0000
  }
  const base = options.upstreamUrl ?? provider.url
  const settings: Config = {
    ...DEFAULTS,
    ...options.settings,
    upstreams: {
      openai: upstream(base, options.upstream),
      anthropic: upstream(base, options.upstream),
      gemini: upstream(base),
      plain: upstream(base, { dialect: 'passthrough', provider: 'acme' }),
      ...options.settings?.upstreams,
    },
  }
  const proxy = new LlmProxy(settings, { ...host, random }, { traces: pipeline })
  await proxy.start()
  return {
    provider,
    proxy,
    ledger,
    pipeline,
    host,
    url: `http://127.0.0.1:${proxy.port}`,
    async stop() {
      const done = proxy.shutdown()
      host.clock.advance(20_000)
      await done
      await provider.stop()
    },
  }
}
