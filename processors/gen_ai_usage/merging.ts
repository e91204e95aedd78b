import type { Call } from '../../genai/call.ts'
import type { ItemBatch } from '../../otlp/batch.ts'
import type { Billing } from './billing.ts'
import { hasUsage } from './calls.ts'
import { conflicts, mergeEvidence } from './evidence.ts'

const UP_MAX = 16
/** Duplicates of one batch that are looked at for what they know more. */
const DUPLICATES_MAX = 64

/** What merging found out about single calls, by their place in the batch. */
export interface Findings {
  superseded(c: number): void
  conflict(c: number): void
}

/** Brings together what the spans of one batch know of one call: those around it, and those with its response id. */
export class Merging {
  private callOfItem = new Int32Array(512)

  run(items: ItemBatch, calls: readonly Call[], first: number, billing: Billing, findings: Findings): void {
    let around = false
    let missing = false
    let duplicates = 0
    for (let c = first; c < calls.length; c++) {
      const { bill } = calls[c] as Call
      if (bill === 'rollup') around = true
      else if (bill === 'duplicate') duplicates++
      else if (bill === 'billed' && !hasUsage(calls[c] as Call)) missing = true
    }
    if (around || missing) this.alongTrees(items, calls, first, billing, findings)
    if (duplicates > 0) byIdentity(calls, first)
  }

  private alongTrees(
    items: ItemBatch,
    calls: readonly Call[],
    first: number,
    billing: Billing,
    findings: Findings,
  ): void {
    const { callOfItem } = this.sized(items.count)
    for (let c = first; c < calls.length; c++) callOfItem[(calls[c] as Call).item] = c
    for (let c = first; c < calls.length; c++) {
      const call = calls[c] as Call
      if (call.bill !== 'billed') continue
      for (let item = billing.parentItem(call.item), up = 0; item >= 0 && up < UP_MAX; up++) {
        const other = calls[callOfItem[item] as number]
        if (other !== undefined && this.above(call, other, c, findings)) break
        item = billing.parentItem(item)
      }
    }
  }

  /** Whether that settles it. */
  private above(call: Call, other: Call, c: number, findings: Findings): boolean {
    // The stream below said nothing of its usage, the span around it does: they are one call.
    if (!hasUsage(call)) {
      if (other.bill !== 'billed' || !hasUsage(other)) return false
      mergeEvidence(other, call)
      findings.superseded(c)
      return true
    }
    if (other.bill !== 'rollup') return false
    mergeEvidence(call, other)
    if (conflicts(call, other)) findings.conflict(c)
    return false
  }

  private sized(count: number): this {
    if (count > this.callOfItem.length) this.callOfItem = new Int32Array(count * 2)
    this.callOfItem.fill(-1, 0, count)
    return this
  }
}

/** A gateway's span in another trace may know the bill of the call that it repeats. */
function byIdentity(calls: readonly Call[], first: number): void {
  let looked = 0
  for (let c = first; c < calls.length && looked < DUPLICATES_MAX; c++) {
    const duplicate = calls[c] as Call
    if (duplicate.bill !== 'duplicate' || duplicate.responseIdAt < 0) continue
    looked++
    const { responseId } = duplicate
    const billed = calls.find((one) => one.bill === 'billed' && one.responseIdAt >= 0 && one.responseId === responseId)
    if (billed !== undefined) mergeEvidence(billed, duplicate)
  }
}
