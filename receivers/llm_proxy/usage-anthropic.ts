import type { Usage } from '../../genai/usage.ts'
import {
  type Answer,
  type AnswerReader,
  bytesOf,
  countOf,
  emptyAnswer,
  type Fields,
  fieldsOf,
  listOf,
  textOf,
} from './answer.ts'

/** Reads Anthropic's Messages answers. */
export class AnthropicReader implements AnswerReader {
  generated = false
  complete = false
  textBytes = 0
  private readonly known = emptyAnswer()
  private usage: Record<string, unknown> | undefined
  /** Output counts are only final with the first `message_delta`. */
  private outputIsFinal = false

  event(name: string, data: unknown): void {
    const fields = fieldsOf(data)
    switch (textOf(fields['type']) ?? name) {
      case 'message_start': {
        const message = fieldsOf(fields['message'])
        this.head((field) => message[field])
        this.readUsage(message['usage'])
        break
      }
      case 'content_block_delta':
        this.textBytes += deltaBytes(fieldsOf(fields['delta']))
        break
      case 'message_delta':
        this.readStop(fieldsOf(fields['delta'])['stop_reason'])
        this.readUsage(fields['usage'])
        this.outputIsFinal ||= countOf(fieldsOf(fields['usage'])['output_tokens']) !== undefined
        break
      case 'message_stop':
        this.generated = true
        this.complete = true
        break
      case 'error':
        this.readError(fields['error'])
        break
    }
  }

  body(field: (name: string) => unknown): void {
    this.head(field)
    this.readUsage(field('usage'))
    this.readStop(field('stop_reason'))
    this.readError(field('error'))
    this.outputIsFinal = true
    this.generated = true
    this.complete = true
  }

  answer(): Answer {
    const { usage } = this
    if (usage === undefined) return this.known
    const flags: string[] = []
    const whole = anthropicUsage(usage, flags)
    return {
      ...this.known,
      usage: this.outputIsFinal ? whole : { ...whole, output: undefined, reasoning: undefined },
      compaction: compactions(usage['iterations']),
      serviceTier: textOf(usage['service_tier']),
      speed: textOf(usage['speed']),
      inferenceGeo: textOf(usage['inference_geo']),
      flags: listOf(usage['iterations']).some((each) => fieldsOf(each)['type'] === 'advisor_message')
        ? [...flags, 'advisor_missing']
        : flags,
    }
  }

  private head(field: (name: string) => unknown): void {
    this.known.id = textOf(field('id')) ?? this.known.id
    this.known.model = textOf(field('model')) ?? this.known.model
  }

  /** Counts in later events are cumulative, so the last one that names a field is the truth about it. */
  private readUsage(value: unknown): void {
    if (typeof value !== 'object' || value === null) return
    const named = Object.entries(fieldsOf(value)).filter(([, field]) => field !== null && field !== undefined)
    this.usage = { ...this.usage, ...Object.fromEntries(named) }
  }

  private readStop(value: unknown): void {
    const reason = textOf(value)
    if (reason === undefined) return
    this.known.finishReasons = [reason]
    this.generated = true
  }

  private readError(value: unknown): void {
    this.known.errorType = textOf(fieldsOf(value)['type']) ?? this.known.errorType
  }
}

const deltaBytes = (delta: Fields): number =>
  bytesOf(delta['text']) + bytesOf(delta['thinking']) + bytesOf(delta['partial_json'])

/** Input, cache reads and cache writes come apart already; thinking is a part of the output. */
export function anthropicUsage(raw: Fields, flags: string[]): Usage {
  const byAge = fieldsOf(raw['cache_creation'])
  const cacheWrite5m = countOf(byAge['ephemeral_5m_input_tokens'])
  const cacheWrite1h = countOf(byAge['ephemeral_1h_input_tokens'])
  const written = countOf(raw['cache_creation_input_tokens'])
  const output = countOf(raw['output_tokens'])
  const reasoning = countOf(fieldsOf(raw['output_tokens_details'])['thinking_tokens'])
  const visible = output === undefined ? undefined : output - (reasoning ?? 0)
  if (visible !== undefined && visible < 0) flags.push('clamped')
  const searches = countOf(fieldsOf(raw['server_tool_use'])['web_search_requests'])
  return {
    input: countOf(raw['input_tokens']),
    cacheRead: countOf(raw['cache_read_input_tokens']),
    cacheWrite: withoutAge(written, cacheWrite5m, cacheWrite1h),
    cacheWrite5m,
    cacheWrite1h,
    output: visible === undefined ? undefined : Math.max(0, visible),
    reasoning,
    other: searches === undefined || searches === 0 ? undefined : { web_searches: searches },
  }
}

/** Cache writes that the split by time to live does not cover. */
function withoutAge(
  written: number | undefined,
  fiveMinutes: number | undefined,
  oneHour: number | undefined,
): number | undefined {
  if (written === undefined) return undefined
  if (fiveMinutes === undefined && oneHour === undefined) return written
  const left = written - (fiveMinutes ?? 0) - (oneHour ?? 0)
  return left > 0 ? left : undefined
}

function compactions(iterations: unknown): Answer['compaction'] {
  const each = listOf(iterations)
    .map(fieldsOf)
    .filter((fields) => fields['type'] === 'compaction')
  if (each.length === 0) return undefined
  const sum = (...names: readonly string[]): number =>
    each.reduce((total, fields) => total + names.reduce((part, name) => part + (countOf(fields[name]) ?? 0), 0), 0)
  return {
    input: sum('input_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens'),
    output: sum('output_tokens'),
  }
}
