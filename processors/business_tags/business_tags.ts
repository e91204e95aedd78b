import { LRUCache } from 'lru-cache'
import type { Call, Tags } from '../../genai/call.ts'
import type { Step } from '../../genai/step.ts'
import { attributeKey } from '../../otlp/attributes.ts'
import type { ItemBatch } from '../../otlp/batch.ts'
import { ByNumber } from '../../otlp/byte-numbers.ts'
import { FieldReader } from '../../otlp/field-reader.ts'
import type { KeyTable } from '../../otlp/keys.ts'
import type { Batch } from '../../pipeline/batch.ts'
import type { Processor } from '../../pipeline/component.ts'
import type { Host } from '../../pipeline/host.ts'
import type { MetricChild } from '../../pipeline/telemetry/metrics.ts'
import type { Config } from './config.ts'
import { KnownTags, tagsOf } from './known-tags.ts'
import { rulesOf, type TagRule } from './rules.ts'
import { ATTRIBUTE } from './sources.ts'
import { TagSets } from './tag-sets.ts'
import { TraceRuns } from './traces.ts'

const RUN = attributeKey(ATTRIBUTE.run)
const STRING = 1
const INT = 3

interface Bound {
  readonly reader: FieldReader
  /** Per rule: keys asked on the resource, and the number of the attribute that we would write. */
  readonly resourceKeys: readonly (readonly number[])[]
  readonly own: readonly number[]
}

/** Kinds of resources remembered; a kind that was forgotten is a new one when it comes again. */
const KINDS_MAX = 1024

/** Values that a resource gives: all its spans share them, and so do resources that differ in an instance id only. */
interface ResourceTags {
  readonly values: readonly (string | undefined)[]
  /** The same for resources with the same values, and never given to others. */
  readonly kind: number
}

/** What is remembered of the items of one signal. */
interface Kept {
  readonly sets: TagSets
  readonly known: KnownTags
  readonly traces: TraceRuns
}

const kept = (rules: readonly TagRule[], signal: 'traces' | 'logs'): Kept => ({
  sets: new TagSets(rules, signal),
  known: new KnownTags(rules.length, signal),
  traces: new TraceRuns(),
})

/** Completes calls and steps with whom they were for, and writes the same onto their spans. */
export class BusinessTags implements Processor {
  readonly wants: readonly string[]
  private readonly rules: readonly TagRule[]
  private readonly maxLength: number
  private readonly cut: MetricChild
  private readonly spans: Kept
  private readonly logs: Kept
  private bound: Bound | undefined = undefined
  /** Of the item at hand, by rule. */
  private readonly values: (string | undefined)[]
  /** Whether the sender wrote the run under our own name. */
  private runStands = false
  /** Values cut so far. */
  private cuts = 0
  private readonly resources = new ByNumber<ResourceTags>()
  private readonly kinds = new LRUCache<string, number>({ max: KINDS_MAX })
  private kindSerial = 0

  constructor(settings: Config, host: Host) {
    this.rules = rulesOf(settings)
    this.wants = [
      ...new Set(this.rules.flatMap((rule) => [rule.attribute.name, ...rule.spanKeys, ...rule.resourceKeys])),
    ]
    this.spans = kept(this.rules, 'traces')
    this.logs = kept(this.rules, 'logs')
    this.values = this.rules.map(() => undefined)
    this.maxLength = settings.max_value_length
    this.cut = host.metrics.counter('tokenfuse_tag_values_cut_total', 'Tag values cut to max_value_length.').child()
  }

  async start(): Promise<void> {}
  async shutdown(): Promise<void> {}

  bind(table: KeyTable): void {
    this.bound = {
      reader: new FieldReader(
        table,
        this.rules.map((rule) => rule.spanKeys),
      ),
      resourceKeys: this.rules.map((rule) => rule.resourceKeys.map((key) => table.idOf(key))),
      own: this.rules.map((rule) => table.idOf(rule.attribute.name)),
    }
  }

  process(batch: Batch): void {
    const { bound } = this
    if (bound === undefined) return
    const { calls, steps } = batch
    for (let c = 0; c < calls.length; c++) {
      const call = calls[c] as Call
      if (call.item >= 0) call.tags = this.tag(bound, batch.items, call.item)
    }
    // Both lists are mostly in the order of their items. An agent that reports usage is a step and a roll-up call of one span,
    // tagged once.
    for (let s = 0, c = 0; s < steps.length; s++) {
      const step = steps[s] as Step
      if (s > 0 && step.item < (steps[s - 1] as Step).item) c = 0
      while (c < calls.length && (calls[c] as Call).item < step.item) c++
      const twin = calls[c]?.item === step.item ? calls[c] : undefined
      if (step.item >= 0) step.tags = twin?.tags ?? this.tag(bound, batch.items, step.item)
    }
  }

  private tag(bound: Bound, items: ItemBatch, item: number): Tags {
    const { reader, own } = bound
    reader.load(items, item)
    const kept = items.signal === 'traces' ? this.spans : this.logs
    const resource = this.resource(bound, items, item)
    const known = kept.known.find(reader, items, own, resource.kind)
    if (known < 0) return this.work(bound, kept, items, item, resource.values)
    const said = this.runSaid(bound, items, resource.values)
    const trace = items.index.itemTrace[item] as number
    if (said === undefined && trace >= 0) {
      return kept.known.tagTraced(known, items, item, kept.traces, kept.traces.find(items.view, trace))
    }
    const run = this.bounded(said)
    const tags = kept.known.tag(known, items, item, run)
    if (run !== undefined && !(this.runStands && run === said)) items.addString(item, RUN, run)
    return tags
  }

  /** The long way: values become strings, and sets of them are made or found. */
  private work(bound: Bound, kept: Kept, items: ItemBatch, item: number, resource: ResourceTags['values']): Tags {
    const { reader, own } = bound
    const { rules, values } = this
    const { cuts } = this
    let onSpan = 0
    for (let r = 1; r < rules.length; r++) {
      const rule = rules[r] as TagRule
      const hit = rule.fixed === undefined ? reader.hit(r) : -1
      let value = rule.fixed
      if (hit >= 0) {
        value = textOf(items, hit) ?? reader.text(r)
        // What the sender wrote under our own name already stands there, unless it must be cut.
        if (value !== undefined && items.index.hitKey[hit] === own[r] && value.length <= this.maxLength)
          onSpan |= 1 << r
      }
      values[r] = this.bounded(value ?? resource[r] ?? rule.fallback)
    }
    const set = kept.sets.get(values, onSpan)
    if (set.fields.length > 0) items.addFields(item, set.fields)
    const tags = tagsOf(this.run(bound, kept, items, item, resource), set.tags)
    if (onSpan === 0 && this.cuts === cuts) kept.known.keep(items, set, tags)
    return tags
  }

  /** The run of the item, on the span when it does not stand there: what was said of it, else its trace. */
  private run(
    bound: Bound,
    kept: Kept,
    items: ItemBatch,
    item: number,
    resource: ResourceTags['values'],
  ): string | undefined {
    const said = this.runSaid(bound, items, resource)
    const run = this.bounded(said)
    if (run !== undefined) {
      if (!this.runStands || run !== said) items.addString(item, RUN, run)
      return run
    }
    const trace = items.index.itemTrace[item] as number
    if (trace < 0) return undefined
    const text = kept.traces.texts[kept.traces.find(items.view, trace)] as string
    items.addString(item, RUN, text)
    return text
  }

  /** Of the item in the reader: the run that it, its resource or the configuration names, not yet cut. */
  private runSaid({ reader, own }: Bound, items: ItemBatch, resource: ResourceTags['values']): string | undefined {
    const rule = this.rules[0] as TagRule
    const hit = rule.fixed === undefined ? reader.hit(0) : -1
    const value = hit < 0 ? rule.fixed : (textOf(items, hit) ?? reader.text(0))
    this.runStands = hit >= 0 && value !== undefined && items.index.hitKey[hit] === own[0]
    return value ?? resource[0] ?? rule.fallback
  }

  private bounded(value: string | undefined): string | undefined {
    return value !== undefined && value.length > this.maxLength ? this.cutShort(value) : value
  }

  private cutShort(value: string): string {
    this.cuts++
    this.cut.add(1)
    return value.slice(0, this.maxLength)
  }

  private resource(bound: Bound, items: ItemBatch, item: number): ResourceTags {
    const number = items.resourceNumberOf(item)
    let resource = this.resources.get(number)
    if (resource === undefined) {
      const values = bound.resourceKeys.map((keys) => {
        for (const key of keys) {
          const text = textOf(items, items.findInResource(item, key))
          if (text !== undefined) return text
        }
        return undefined
      })
      resource = { values, kind: this.kindOf(values) }
      this.resources.set(number, resource)
    }
    return resource
  }

  private kindOf(values: readonly (string | undefined)[]): number {
    const key = JSON.stringify(values)
    let kind = this.kinds.get(key)
    if (kind === undefined) {
      kind = ++this.kindSerial
      this.kinds.set(key, kind)
    }
    return kind
  }
}

/** A non-empty string, or an integer as text: tenants are often numbers. */
function textOf(items: ItemBatch, hit: number): string | undefined {
  if (hit < 0) return undefined
  const type = items.index.hitType[hit]
  if (type === STRING) return items.textOf(hit) || undefined
  const number = items.index.hitNum[hit] as number
  return type === INT && Number.isSafeInteger(number) ? String(number) : undefined
}
