import { totalInput, totalOutput, type Usage } from '../../genai/usage.ts'
import type { Answer } from './answer.ts'
import { type Identity, tagAttribute } from './identity.ts'
import { type Attribute, attribute, fixed32, fixed64, integer, message, text } from './proto-writer.ts'
import type { Api } from './route.ts'
import type { Upstream } from './upstreams.ts'

export const SCOPE = 'tokenfuse.llm_proxy'

/** Everything that is known about one finished call. */
export interface FinishedCall {
  readonly upstream: Upstream
  readonly api: Api
  readonly identity: Identity
  readonly requestModel: string | undefined
  readonly maxTokens: number | undefined
  readonly isStream: boolean
  readonly resendCount: number
  readonly startMs: number
  readonly endMs: number
  /** Undefined when the provider never answered. */
  readonly status: number | undefined
  readonly answer: Answer
  readonly errorType: string | undefined
  /** `aborted`, `usage_missing`, `estimated_input`, `estimated_output`, `clamped` … */
  readonly flags: readonly string[]
}

const KIND_CLIENT = 3
const STATUS_ERROR = 2

/** One ExportTraceServiceRequest with one CLIENT span, after the OpenTelemetry GenAI conventions. */
export function encodeCall(call: FinishedCall, serviceName: string): Buffer {
  const { identity } = call
  const span = message(
    2,
    message(1, Buffer.from(identity.traceId, 'hex')),
    message(2, Buffer.from(identity.spanId, 'hex')),
    ...(identity.parentId === '' ? [] : [message(4, Buffer.from(identity.parentId, 'hex'))]),
    text(5, [call.api.operation, call.requestModel].filter(Boolean).join(' ')),
    integer(6, KIND_CLIENT),
    fixed64(7, nanoseconds(call.startMs)),
    fixed64(8, nanoseconds(call.endMs)),
    ...callAttributes(call).map((each) => attribute(9, each)),
    ...(call.errorType === undefined ? [] : [message(15, integer(3, STATUS_ERROR))]),
    fixed32(16, identity.traceFlags),
  )
  const resource = message(1, attribute(1, ['service.name', serviceName]))
  const scope = message(1, text(1, SCOPE))
  return message(1, resource, message(2, scope, span))
}

/** Microseconds are exact in a double of milliseconds; nanoseconds are not. */
const nanoseconds = (ms: number): bigint => BigInt(Math.max(0, Math.round(ms * 1000))) * 1000n

function callAttributes(call: FinishedCall): readonly Attribute[] {
  const { answer, upstream, identity } = call
  const prefix = upstream.dialect === 'anthropic' ? 'anthropic' : 'openai'
  return present([
    ['gen_ai.operation.name', call.api.operation],
    ['gen_ai.provider.name', upstream.provider],
    ['gen_ai.request.model', call.requestModel],
    ['gen_ai.request.max_tokens', call.maxTokens],
    ['gen_ai.response.model', answer.model],
    ['gen_ai.response.id', answer.id],
    ['gen_ai.response.finish_reasons', answer.finishReasons.length === 0 ? undefined : answer.finishReasons],
    [`${prefix}.response.service_tier`, answer.serviceTier],
    ['anthropic.response.speed', answer.speed],
    ['anthropic.response.inference_geo', answer.inferenceGeo],
    ...usageAttributes(answer),
    ['server.address', upstream.url.hostname],
    ['http.response.status_code', call.status],
    ['http.request.resend_count', call.resendCount === 0 ? undefined : call.resendCount],
    ['error.type', call.errorType],
    ['session.id', identity.session],
    ['user.id', identity.user],
    ['tokenfuse.proxy.upstream', upstream.name],
    ['tokenfuse.proxy.flags', call.flags.length === 0 ? undefined : call.flags],
    ...Object.entries(identity.subject).map(([tag, value]) => [tagAttribute(tag), value] as const),
  ])
}

/** Totals include their parts, as the conventions want them; a total with an unknown base is not claimed. */
function usageAttributes({ usage = {}, compaction }: Answer): readonly (readonly [string, number | undefined])[] {
  const rare = usage.other ?? {}
  return [
    ['gen_ai.usage.input_tokens', usage.input === undefined ? undefined : totalInput(usage)],
    ['gen_ai.usage.output_tokens', usage.output === undefined ? undefined : totalOutput(usage)],
    ['gen_ai.usage.cache_read.input_tokens', usage.cacheRead],
    ['gen_ai.usage.cache_write.input_tokens', cacheWrites(usage)],
    ['anthropic.usage.cache_creation.ephemeral_5m_input_tokens', usage.cacheWrite5m],
    ['anthropic.usage.cache_creation.ephemeral_1h_input_tokens', usage.cacheWrite1h],
    ['gen_ai.usage.reasoning.output_tokens', usage.reasoning],
    ['gen_ai.usage.audio.input_tokens', rare.input_audio],
    ['gen_ai.usage.audio.output_tokens', rare.output_audio],
    ['gen_ai.usage.image.input_tokens', rare.input_image],
    ['gen_ai.usage.image.output_tokens', rare.output_image],
    ['anthropic.usage.compaction.input_tokens', compaction?.input],
    ['anthropic.usage.compaction.output_tokens', compaction?.output],
    ['tokenfuse.proxy.web_searches', rare.web_searches],
    ['tokenfuse.proxy.storage_searches', rare.storage_searches],
  ]
}

function cacheWrites({ cacheWrite, cacheWrite5m, cacheWrite1h }: Usage): number | undefined {
  if (cacheWrite === undefined && cacheWrite5m === undefined && cacheWrite1h === undefined) return undefined
  return (cacheWrite ?? 0) + (cacheWrite5m ?? 0) + (cacheWrite1h ?? 0)
}

function present(all: readonly (readonly [string, Attribute[1] | undefined])[]): readonly Attribute[] {
  return all.filter((each): each is Attribute => each[1] !== undefined)
}
