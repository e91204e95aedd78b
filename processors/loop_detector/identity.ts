import type { IdSource, Tags } from '../../genai/call.ts'
import { joinKeys, spanKey, textKey, wordsKey } from './mix.ts'

const SEED = { run: 1, conversation: 2, agent: 3 } as const
const NO_KEY = 0
const TEXTS_MAX = 4096
const TEXT_LENGTH_MAX = 128
const PLACES = 256

/**
 * Keys of what belongs together: the calls of one agent in one run (or conversation, where a run is named after nothing
 * but its trace, of which there is a new one each time the user speaks); the whole run; the conversation.
 *
 * No text is kept but those of the spans seen last, with their keys.
 */
export class Identity {
  private readonly runs = new TextKeys(SEED.run)
  private readonly conversations = new TextKeys(SEED.conversation)
  private readonly agents = new TextKeys(SEED.agent)
  /** The last run of each place: its text, its key, whether it consists of digits and which. */
  private readonly runTexts: string[] = Array.from({ length: PLACES }, () => '')
  private readonly runKeys = new Float64Array(PLACES)
  private readonly areHex = new Uint8Array(PLACES)
  private readonly runWords = new Int32Array(PLACES * 4)
  /** The run that was read last, its key, and whether it has no other name than its trace. */
  private runText = ''
  private runKey = NO_KEY
  private isTrace = false
  /** Of the subject that was read last: the whole run, 0 = not named. */
  run = NO_KEY
  /** Its conversation, where that is not the scope of the agent's run anyway; else 0. */
  conversation = NO_KEY
  /** Its agent in its run. */
  agentRun = NO_KEY

  read(tags: Tags, conversation: string | undefined, agentId: string | undefined, ids: IdSource): this {
    const { run } = tags
    if (run !== undefined && run !== this.runText) this.readRun(run, ids)
    this.run = run === undefined ? NO_KEY : this.runKey
    const conversationKey = conversation === undefined ? NO_KEY : this.conversations.keyOf(conversation)
    const isByConversation = run === undefined || (conversation !== undefined && this.isTrace)
    this.conversation = isByConversation ? NO_KEY : conversationKey
    const name = agentId ?? tags.agent
    const agent = name === undefined ? NO_KEY : this.agents.keyOf(name)
    this.agentRun = joinKeys(isByConversation ? conversationKey : this.run, agent)
    return this
  }

  /** Nearly every run is named after its trace, and there are many of those: their digits are the key. */
  private readRun(run: string, ids: IdSource): void {
    const place = placeOf(run)
    if (this.runTexts[place] !== run || run === '') this.keepRun(run, place)
    this.runText = run
    this.runKey = this.runKeys[place] as number
    this.isTrace = this.areHex[place] === 1 && ids.trace >= 0 && isHexOf(ids.bytes, ids.trace, this.runWords, place * 4)
  }

  private keepRun(run: string, place: number): void {
    const isHex = run.length === 32 && readHex(run)
    this.runTexts[place] = run
    this.runKeys[place] = isHex ? wordsKey(hexWords) : this.runs.keyOf(run)
    this.areHex[place] = isHex ? 1 : 0
    this.runWords.set(hexWords, place * 4)
  }
}

const hexWords = new Int32Array(4)

/** Takes 32 lower-case hexadecimal digits apart; false when it is something else. */
function readHex(text: string): boolean {
  for (let w = 0; w < 4; w++) {
    let word = 0
    for (let i = w * 8; i < w * 8 + 8; i++) {
      const code = text.charCodeAt(i)
      if (code >= 48 && code <= 57) word = (word << 4) | (code - 48)
      else if (code >= 97 && code <= 102) word = (word << 4) | (code - 87)
      else return false
    }
    hexWords[w] = word
  }
  return true
}

/** Whether 16 bytes are four words of digits. */
function isHexOf(bytes: Uint8Array, at: number, digits: Int32Array, of: number): boolean {
  for (let w = 0; w < 4; w++) {
    const from = at + w * 4
    const word =
      ((bytes[from] as number) << 24) |
      ((bytes[from + 1] as number) << 16) |
      ((bytes[from + 2] as number) << 8) |
      (bytes[from + 3] as number)
    if (word !== digits[of + w]) return false
  }
  return true
}

/** Keys of texts, kept for those that were seen lately: of a busy sidecar's spans nearly all carry texts of a few runs. */
class TextKeys {
  private readonly seed: number
  private known = new Map<string, number>()
  private text = ''
  private key = NO_KEY
  /** The last text of each place, before a map is asked. */
  private readonly texts: string[] = Array.from({ length: PLACES }, () => '')
  private readonly keys = new Float64Array(PLACES)

  constructor(seed: number) {
    this.seed = seed
    this.keys.fill(textKey('', seed))
  }

  keyOf(text: string): number {
    if (text !== this.text) {
      this.text = text
      this.key = this.placed(text)
    }
    return this.key
  }

  private placed(text: string): number {
    const place = placeOf(text)
    if (this.texts[place] === text) return this.keys[place] as number
    const key = this.known.get(text) ?? this.add(text)
    if (text.length > TEXT_LENGTH_MAX) return key
    this.texts[place] = text
    this.keys[place] = key
    return key
  }

  private add(text: string): number {
    const key = textKey(text, this.seed)
    if (text.length > TEXT_LENGTH_MAX) return key
    if (this.known.size >= TEXTS_MAX) this.known = new Map()
    this.known.set(text, key)
    return key
  }
}

/** Names that are made in numbers differ at their end. */
function placeOf(text: string): number {
  const { length } = text
  return length < 2 ? 0 : (text.charCodeAt(length - 1) ^ (text.charCodeAt(length - 2) << 4)) & (PLACES - 1)
}

/** The key of the span around another one; 0 when there is none. */
export function parentKey({ bytes, trace, parent }: IdSource): number {
  return trace < 0 || parent < 0 ? NO_KEY : spanKey(bytes, trace, parent)
}

export function ownKey({ bytes, trace, span }: IdSource): number {
  return trace < 0 || span < 0 ? NO_KEY : spanKey(bytes, trace, span)
}
