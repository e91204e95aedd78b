import type { Verdict } from '../../../genai/verdict.ts'
import type { Processor } from '../../../pipeline/component.ts'
import { type TestHost, testHost } from '../../../test/support/host.ts'
import { settingsOf } from '../../../test/support/settings.ts'
import {
  type AttributeValues,
  type Processed,
  runner,
  type SpanSpec,
  traceRequest,
} from '../../../test/support/spans.ts'
import { factory as tags } from '../../business_tags/index.ts'
import { factory as usage } from '../../gen_ai_usage/index.ts'
import { factory as pricing } from '../../token_pricing/index.ts'
import { factory } from '../index.ts'

/** A model call and the tool call that it asked for. */
export interface Turn {
  readonly tool: string
  /** Absent: not recorded. */
  readonly args?: string
  readonly result?: string
  readonly failed?: boolean
  /** Tokens of the model's answer, and of the tool's result in the next context. */
  readonly output?: number
  readonly size?: number
  /** Nothing happens for so long before. */
  readonly pauseMs?: number
  /** Of the tool span. */
  readonly attributes?: AttributeValues
}

export interface Told {
  readonly detector: string
  readonly level: string
  /** Number of the turn, from 1; a size is known one turn later. */
  readonly turn: number
  readonly verdict: Verdict
}

export interface Sidecar {
  readonly host: TestHost
  /** Those before it, and the detector. */
  readonly processors: readonly Processor[]
  send(spans: readonly SpanSpec[]): Processed
}

export function sidecar(config: object = {}): Sidecar {
  const host = testHost()
  const settings = settingsOf(factory, { min_wasted_usd: 0, ...config })
  const before = [usage, pricing, tags].map((f) => f.create(settingsOf<never>(f as never), host))
  const processors = [...before, factory.create(settings, host)]
  const run = runner(processors)
  return { host, processors, send: (spans) => run(traceRequest(spans)) }
}

const MODEL_MS = 1500
const TOOL_MS = 500
const FIRST_INPUT = 1000
let serial = 0

/** The spans of an agent's turns, two each, in the order in which they end. */
export function spansOf(turns: readonly Turn[], who: AttributeValues = {}, span: SpanSpec = {}): SpanSpec[] {
  let now = 0
  let input = FIRST_INPUT
  const identity = { 'gen_ai.agent.name': 'agent', ...who }
  return turns.flatMap((turn, i) => {
    const { output = 40 + ((i * 7) % 13), size = 100 + ((i * 31) % 97), pauseMs = 0 } = turn
    const start = now + pauseMs
    const chat: SpanSpec = {
      ...{ id: (++serial).toString(16), start, end: start + MODEL_MS, ...span },
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'gpt-4o',
        'gen_ai.usage.input_tokens': input,
        'gen_ai.usage.output_tokens': output,
        ...identity,
      },
    }
    input += output + size
    now = start + MODEL_MS + TOOL_MS
    return [chat, toolSpan(turn, start + MODEL_MS + 1, now, identity, span)]
  })
}

function toolSpan(turn: Turn, start: number, end: number, identity: AttributeValues, span: SpanSpec): SpanSpec {
  const { tool, args, result, failed = false } = turn
  return {
    ...{ id: (++serial).toString(16), start, end, error: failed, ...span },
    attributes: {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': tool,
      ...(args === undefined ? {} : { 'gen_ai.tool.call.arguments': args }),
      ...(result === undefined ? {} : { 'gen_ai.tool.call.result': result }),
      ...identity,
      ...turn.attributes,
    },
  }
}

/** What is said while an agent takes its turns, span by span. */
export function told(turns: readonly Turn[], config: object = {}, who: AttributeValues = {}): readonly Told[] {
  const { send } = sidecar(config)
  return spansOf(turns, who).flatMap((span, i) =>
    send([span]).verdicts.map((verdict) => ({
      detector: verdict.detector,
      level: verdict.level,
      turn: (i >> 1) + 1,
      verdict,
    })),
  )
}

/** In short: `level@turn` of one detector. */
export const toldBy = (detector: string, turns: readonly Turn[], config: object = {}): readonly string[] =>
  told(turns, config)
    .filter((t) => t.detector === detector)
    .map((t) => `${t.level}@${t.turn}`)

export const times = (n: number, make: (i: number) => Turn | readonly Turn[]): Turn[] =>
  Array.from({ length: n }, (_, i) => make(i)).flat()
