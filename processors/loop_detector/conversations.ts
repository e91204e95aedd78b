import type { Step } from '../../genai/step.ts'
import type { Batch } from '../../pipeline/batch.ts'
import type { Config } from './config.ts'
import { levelOf } from './finding.ts'
import * as layout from './layout.ts'
import { mix } from './mix.ts'
import { Slab } from './slab.ts'
import { Slots } from './slots.ts'
import type { Verdicts } from './verdicts.ts'

const { TOOL_CALL } = layout

const RING = 16
const NEXT = RING
const TOLD = RING + 1
const WORDS = RING + 2

const orNever = (n: number): number => (n === 0 ? Number.POSITIVE_INFINITY : n)

/**
 * The slow counter: what comes again and again in one conversation although each time it is another run, because the
 * user, or a program in their place, asks again. User turns do not reset it.
 */
export class Conversations {
  private readonly settings: Config['conversation_repeat']
  private readonly verdicts: Verdicts
  private readonly slots: Slots
  private readonly slab = new Slab(WORDS)
  private round = 0

  constructor(settings: Config, verdicts: Verdicts) {
    this.settings = settings.conversation_repeat
    this.verdicts = verdicts
    this.slots = new Slots(settings.max_runs, () => {})
  }

  /** @param key of the conversation, 0 = none, or it is what runs are told apart by anyway */
  seen(batch: Batch, step: Step, key: number, toolCalls: Uint32Array, at: number): void {
    if (key === 0) return
    const call = toolCalls[at + TOOL_CALL.call] as number
    const outcome = toolCalls[at + TOOL_CALL.outcome] as number
    if (call === 0 || outcome === 0 || !this.settings.enabled) return
    const slot = this.slotOf(key)
    const words = this.slab.chunk(slot)
    const base = this.slab.base(slot)
    const gist = mix(call, outcome)
    const next = words[base + NEXT] as number
    words[base + (next % RING)] = gist
    words[base + NEXT] = next + 1
    let count = 0
    for (let i = 0; i < RING; i++) if (words[base + i] === gist) count++
    if (count < 2) words[base + TOLD] = 0
    const { warn, critical } = this.settings
    const level = levelOf(count, orNever(warn), orNever(critical))
    const now = level === 'critical' ? 2 : 1
    if (level === undefined || (words[base + TOLD] as number) >= now) return
    words[base + TOLD] = now
    this.verdicts.tell(batch, step, {
      ...{ detector: 'conversation_repeat', level, wastedPico: 0 },
      reason: `the tool ${step.name} came to the same ${count} times in one conversation, in run after run`,
      evidence: {
        ...{ repeats: count, window: RING, threshold: level === 'critical' ? critical : warn, tools: [step.name] },
        ...{ last_span_id: step.spanId, reset_by: 'other calls' },
      },
    })
  }

  private slotOf(key: number): number {
    this.round = (this.round + 1) | 0
    let slot = this.slots.find(key)
    if (slot < 0) {
      slot = this.slots.add(key, this.round)
      this.slab.chunk(slot)
      this.slab.clear(slot)
    } else this.slots.touch(slot, this.round)
    return slot
  }
}
