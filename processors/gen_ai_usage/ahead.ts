import type { Call } from '../../genai/call.ts'
import { totalInput, totalOutput } from '../../genai/usage.ts'
import { hasUsage } from './calls.ts'
import type { LocalSpans } from './local-spans.ts'
import type { Seen } from './seen.ts'
import { bytesKey, keyLow } from './span-keys.ts'

const START = 256

/**
 * Asks for what the calls of a batch will be looked up by, all of it before the first is decided. Each look-up is a wait for
 * memory; many that do not depend on each other are one wait.
 */
export class Ahead {
  private own = new Int32Array(START)
  private around = new Int32Array(START)
  private answers = new Int32Array(START)
  private repeats = new Int32Array(START)

  run(calls: readonly Call[], from: number, local: LocalSpans, spans: Seen, links: Seen, responses: Seen): void {
    if (calls.length - from > this.own.length) this.grow(calls.length - from)
    const { own, around, answers, repeats } = this
    let spansAsked = 0
    let parents = 0
    let ids = 0
    for (let c = from; c < calls.length; c++) {
      const call = calls[c] as Call
      const { item, usage } = call
      if (!hasUsage(call) || call.bill === 'not_billable') continue
      if (local.has[item] === 1) own[spansAsked++] = local.low[item] as number
      if (local.hasParent[item] === 1) around[parents++] = local.parentLow[item] as number
      if (call.responseIdAt < 0) continue
      bytesKey(call.ids.bytes, call.responseIdAt, call.responseIdLength, 0, 0)
      answers[ids] = keyLow
      bytesKey(call.ids.bytes, call.responseIdAt, call.responseIdLength, totalInput(usage), ~totalOutput(usage))
      repeats[ids++] = keyLow
    }
    links.fetch(local.low, local.count)
    spans.fetchFilter(local.low, local.count)
    spans.fetch(own, spansAsked)
    spans.fetch(around, parents)
    links.fetchFilter(around, parents)
    responses.fetch(answers, ids)
    responses.fetchFilter(repeats, ids)
  }

  private grow(count: number): void {
    const size = 2 ** Math.ceil(Math.log2(count))
    this.own = new Int32Array(size)
    this.around = new Int32Array(size)
    this.answers = new Int32Array(size)
    this.repeats = new Int32Array(size)
  }
}
