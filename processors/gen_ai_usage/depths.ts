import type { Step } from '../../genai/step.ts'
import { attributeKey } from '../../otlp/attributes.ts'
import type { ItemBatch } from '../../otlp/batch.ts'
import type { Billing } from './billing.ts'

const DEPTH = attributeKey('tokenfuse.step.depth')
/** Spans between a step and the next one around it, and steps around each other; nobody nests deeper, unless in a circle. */
const UP_MAX = 64

/** Finds which step is around which, as far as the batch at hand shows it. */
export class Depths {
  private stepOf = new Int32Array(512)
  private readonly annotates: boolean

  /** @param annotates whether the depths go onto the spans too */
  constructor(annotates: boolean) {
    this.annotates = annotates
  }

  run(items: ItemBatch, steps: readonly Step[], billing: Billing): void {
    if (steps.length > 1) this.link(items, steps, billing)
    for (let s = 0; s < steps.length; s++) {
      const step = steps[s] as Step
      step.depth = depthOf(step)
      if (this.annotates && step.depth !== undefined) items.addInt(step.item, DEPTH, step.depth)
    }
  }

  private link(items: ItemBatch, steps: readonly Step[], billing: Billing): void {
    billing.know(items)
    const { stepOf } = this.sized(items.count)
    for (let s = 0; s < steps.length; s++) stepOf[(steps[s] as Step).item] = s + 1
    for (let s = 0; s < steps.length; s++) {
      const step = steps[s] as Step
      let item = billing.parentItem(step.item)
      let root = step.item
      for (let up = 0; item >= 0 && stepOf[item] === 0 && up < UP_MAX; up++) {
        root = item
        item = billing.parentItem(item)
      }
      if (item >= 0) step.parent = stepOf[item] === 0 ? undefined : steps[(stepOf[item] as number) - 1]
      else step.isTop = (items.index.itemParent[root] as number) < 0
    }
  }

  private sized(count: number): this {
    if (count > this.stepOf.length) this.stepOf = new Int32Array(count * 2)
    this.stepOf.fill(0, 0, count)
    return this
  }
}

/** Steps around a step; undefined when the way to the outermost one leaves the batch. */
function depthOf(step: Step): number | undefined {
  let top = step
  let depth = 0
  for (; top.parent !== undefined && depth < UP_MAX; depth++) top = top.parent
  return top.parent === undefined && (top.isTop || top.ids.parent < 0) ? depth : undefined
}
