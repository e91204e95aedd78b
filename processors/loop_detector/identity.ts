import type { IdSource, Tags } from '../../genai/call.ts'
import { joinKeys, spanKey, textKey } from './mix.ts'

const SEED = { run: 1, conversation: 2, agent: 3 } as const
const NO_KEY = 0

/** What a call or a step says about whom it belongs to; both have these. */
export interface Subject {
  readonly ids: IdSource
  readonly tags: Tags
  readonly agentId: string | undefined
  readonly conversation: string | undefined
}

/**
 * Keys of what belongs together: the calls of one agent in one run (or conversation, where a run is named after nothing
 * but its trace, of which there is a new one each time the user speaks); the whole run; the conversation.
 *
 * Spans of a batch mostly belong to few runs, so the last texts are kept with their keys.
 */
export class Identity {
  private readonly runs = new LastText(SEED.run)
  private readonly conversations = new LastText(SEED.conversation)
  private readonly agents = new LastText(SEED.agent)
  private traceText = ''

  agentRun(subject: Subject): number {
    return joinKeys(this.scope(subject), this.agent(subject))
  }

  run({ tags }: Subject): number {
    return tags.run === undefined ? NO_KEY : this.runs.keyOf(tags.run)
  }

  /** The conversation, where it is not the scope of the agent's run anyway. */
  conversation(subject: Subject): number {
    const { conversation, tags } = subject
    if (conversation === undefined || tags.run === undefined || this.isTrace(tags.run, subject.ids)) return NO_KEY
    return this.conversations.keyOf(conversation)
  }

  private scope(subject: Subject): number {
    const { tags, conversation, ids } = subject
    if (tags.run !== undefined && (conversation === undefined || !this.isTrace(tags.run, ids)))
      return this.runs.keyOf(tags.run)
    return conversation === undefined ? NO_KEY : this.conversations.keyOf(conversation)
  }

  private agent({ agentId, tags }: Subject): number {
    const name = agentId ?? tags.agent
    return name === undefined ? NO_KEY : this.agents.keyOf(name)
  }

  /** Whether a run has no other name than its trace. */
  private isTrace(run: string, { bytes, trace }: IdSource): boolean {
    if (run === this.traceText) return true
    if (trace < 0 || run.length !== 32) return false
    for (let i = 0; i < 16; i++) {
      const byte = bytes[trace + i] as number
      if (hexOf(run.charCodeAt(2 * i)) !== byte >>> 4 || hexOf(run.charCodeAt(2 * i + 1)) !== (byte & 15)) return false
    }
    this.traceText = run
    return true
  }
}

function hexOf(code: number): number {
  return code < 58 ? code - 48 : code - 87
}

class LastText {
  private readonly seed: number
  private text = ''
  private key = NO_KEY

  constructor(seed: number) {
    this.seed = seed
  }

  keyOf(text: string): number {
    if (text !== this.text) {
      this.text = text
      this.key = textKey(text, this.seed)
    }
    return this.key
  }
}

/** The key of the span around another one; 0 when there is none. */
export function parentKey({ bytes, trace, parent }: IdSource): number {
  return trace < 0 || parent < 0 ? NO_KEY : spanKey(bytes, trace, parent)
}

export function ownKey({ bytes, trace, span }: IdSource): number {
  return trace < 0 || span < 0 ? NO_KEY : spanKey(bytes, trace, span)
}
