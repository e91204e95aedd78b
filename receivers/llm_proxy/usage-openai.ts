import type { RareMeter, Usage } from '../../genai/usage.ts'
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

/** Events that end a Responses stream. */
const LAST_EVENTS: ReadonlySet<string> = new Set(['response.completed', 'response.incomplete', 'response.failed'])

/** Reads OpenAI's answers and those of the many servers that speak like it. */
export class OpenAiReader implements AnswerReader {
  generated = false
  complete = false
  textBytes = 0
  private readonly known = emptyAnswer()
  private usage: Fields | undefined
  private readonly makesImages: boolean
  private searches = { web: 0, files: 0 }

  constructor(makesImages = false) {
    this.makesImages = makesImages
  }

  event(name: string, data: unknown): void {
    if (data === '[DONE]') {
      this.generated = true
      this.complete = true
      return
    }
    const fields = fieldsOf(data)
    const type = textOf(fields['type']) ?? name
    if (type.startsWith('response.') || type === 'error') this.responsesEvent(type, fields)
    else this.chunk(fields)
  }

  body(field: (name: string) => unknown): void {
    this.head(field)
    this.readUsage(field('usage'))
    this.readChoices(field('choices'))
    this.readError(field('error'))
    const status = textOf(field('status'))
    if (status !== undefined) this.known.finishReasons = [status]
    this.readOutput(field('output'))
    this.generated = true
    this.complete = true
  }

  answer(): Answer {
    const flags: string[] = []
    const usage = this.usage === undefined ? undefined : openAiUsage(this.usage, this.makesImages, flags)
    return { ...this.known, usage: withSearches(usage, this.searches), flags }
  }

  /** One chunk of a chat or completion stream. */
  private chunk(fields: Fields): void {
    this.head((name) => fields[name])
    this.readError(fields['error'])
    this.readUsage(fields['usage'])
    for (const choice of listOf(fields['choices'])) {
      const { delta, text } = fieldsOf(choice)
      this.textBytes += bytesOf(text) + deltaBytes(fieldsOf(delta))
    }
    this.readChoices(fields['choices'])
    if (this.known.finishReasons.length > 0) this.generated = true
  }

  private responsesEvent(type: string, fields: Fields): void {
    if (type.endsWith('.delta')) {
      this.textBytes += bytesOf(fields['delta'])
      return
    }
    if (type === 'error') {
      this.readError(fields['error'] ?? fields)
      return
    }
    const response = fieldsOf(fields['response'])
    this.head((name) => response[name])
    if (!LAST_EVENTS.has(type)) return
    this.body((name) => response[name])
  }

  private head(field: (name: string) => unknown): void {
    this.known.id = textOf(field('id')) ?? this.known.id
    this.known.model = textOf(field('model')) ?? this.known.model
    this.known.serviceTier = textOf(field('service_tier')) ?? this.known.serviceTier
  }

  private readUsage(value: unknown): void {
    if (typeof value === 'object' && value !== null) this.usage = fieldsOf(value)
  }

  private readChoices(value: unknown): void {
    for (const choice of listOf(value)) {
      const reason = textOf(fieldsOf(choice)['finish_reason'])
      if (reason !== undefined && this.known.finishReasons.length < 8) this.known.finishReasons.push(reason)
    }
  }

  private readError(value: unknown): void {
    const error = fieldsOf(value)
    this.known.errorType = textOf(error['code']) ?? textOf(error['type']) ?? this.known.errorType
  }

  /** Built-in tools are billed per call. Of web searches only the searches are, not the pages opened. */
  private readOutput(value: unknown): void {
    for (const item of listOf(value)) {
      const { type, action } = fieldsOf(item)
      const kind = fieldsOf(action)['type']
      if (type === 'web_search_call' && (kind === undefined || kind === 'search')) this.searches.web++
      if (type === 'file_search_call') this.searches.files++
    }
  }
}

function deltaBytes(delta: Fields): number {
  let bytes =
    bytesOf(delta['content']) + bytesOf(delta['refusal']) + bytesOf(delta['reasoning_content'] ?? delta['reasoning'])
  for (const call of listOf(delta['tool_calls'])) {
    const { name, arguments: args } = fieldsOf(fieldsOf(call)['function'])
    bytes += bytesOf(name) + bytesOf(args)
  }
  return bytes
}

/**
 * Takes the totals apart. Cached and cache-written input, audio and images are parts of the input total; reasoning is a
 * part of the output total, except with providers whose `total_tokens` proves that they add it (xAI's chat API).
 */
export function openAiUsage(raw: Fields, makesImages: boolean, flags: string[]): Usage | undefined {
  const input = countOf(raw['prompt_tokens']) ?? countOf(raw['input_tokens'])
  const output = countOf(raw['completion_tokens']) ?? countOf(raw['output_tokens'])
  if (input === undefined && output === undefined) return undefined
  const inputDetails = fieldsOf(
    raw['prompt_tokens_details'] ?? raw['input_tokens_details'] ?? raw['input_token_details'],
  )
  const outputDetails = fieldsOf(raw['completion_tokens_details'] ?? raw['output_tokens_details'])
  const cacheRead = countOf(inputDetails['cached_tokens']) ?? countOf(raw['prompt_cache_hit_tokens'])
  const cacheWrite = countOf(inputDetails['cache_write_tokens'])
  const inputAudio = countOf(inputDetails['audio_tokens'])
  const inputImage = countOf(inputDetails['image_tokens'])
  const outputAudio = countOf(outputDetails['audio_tokens'])
  const outputImage = countOf(outputDetails['image_tokens']) ?? (makesImages ? output : undefined)
  const reasoning = countOf(outputDetails['reasoning_tokens'])
  const inside = reasoningIsOutside(raw, input, output, reasoning) ? 0 : (reasoning ?? 0)
  return {
    input: rest(input, [cacheRead, cacheWrite, inputAudio, inputImage], flags),
    cacheRead,
    cacheWrite,
    output: rest(output, [inside, outputAudio, outputImage], flags),
    reasoning,
    other: rare({
      input_audio: inputAudio,
      input_image: inputImage,
      output_audio: outputAudio,
      output_image: outputImage,
    }),
  }
}

function reasoningIsOutside(
  raw: Fields,
  input: number | undefined,
  output: number | undefined,
  reasoning: number | undefined,
): boolean {
  if (output === undefined || reasoning === undefined || reasoning === 0) return false
  const total = countOf(raw['total_tokens'])
  return reasoning > output || (input !== undefined && total === input + output + reasoning)
}

/** A total without its parts; never below 0, and flagged when the parts exceed it. */
function rest(total: number | undefined, parts: readonly (number | undefined)[], flags: string[]): number | undefined {
  if (total === undefined) return undefined
  const left = parts.reduce<number>((sum, part) => sum - (part ?? 0), total)
  if (left < 0 && !flags.includes('clamped')) flags.push('clamped')
  return Math.max(0, left)
}

/** Only what occurred: a 0 in one of these says nothing. */
function rare(meters: Partial<Record<RareMeter, number | undefined>>): Usage['other'] {
  const used = Object.entries(meters).filter(([, quantity]) => quantity !== undefined && quantity > 0)
  return used.length === 0 ? undefined : Object.fromEntries(used)
}

function withSearches(
  usage: Usage | undefined,
  searches: { readonly web: number; readonly files: number },
): Usage | undefined {
  const units = rare({ web_searches: searches.web, storage_searches: searches.files })
  if (usage === undefined || units === undefined) return usage
  return { ...usage, other: { ...usage.other, ...units } }
}
