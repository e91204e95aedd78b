import type { Tags } from '../../genai/call.ts'
import { type AttributeKey, attributeKey } from '../../otlp/attributes.ts'
import { AttributesReader } from '../../otlp/attributes-reader.ts'
import type { ItemBatch } from '../../otlp/batch.ts'
import type { KeyTable } from '../../otlp/keys.ts'
import type { Batch } from '../../pipeline/batch.ts'
import type { Processor } from '../../pipeline/component.ts'
import type { Host } from '../../pipeline/host.ts'
import type { MetricChild } from '../../pipeline/telemetry/metrics.ts'
import type { Config } from './config.ts'
import { ATTRIBUTE, BUILT_IN, BUILT_IN_NAMES, type BuiltIn, parseSource } from './sources.ts'

interface TagRule {
  readonly name: string
  readonly attribute: AttributeKey
  readonly fixed: string | undefined
  readonly fallback: string | undefined
  readonly sources: readonly { readonly key: string; readonly resourceOnly: boolean }[]
}

interface BoundRule extends TagRule {
  /** Key numbers in the order of `sources`. */
  readonly keys: readonly number[]
  /** Number of the attribute that we would write; a value that came from it already stands there. */
  readonly own: number
}

/** Completes calls and steps with whom they were for, and writes the same onto their spans. */
export class BusinessTags implements Processor {
  readonly wants: readonly string[]
  private readonly rules: readonly TagRule[]
  private readonly maxLength: number
  private readonly cut: MetricChild
  private bound: { readonly rules: readonly BoundRule[]; readonly reader: AttributesReader } | undefined = undefined

  constructor(settings: Config, host: Host) {
    this.rules = rulesOf(settings)
    this.wants = [...new Set(this.rules.flatMap((rule) => [rule.attribute.name, ...rule.sources.map((s) => s.key)]))]
    this.maxLength = settings.max_value_length
    this.cut = host.metrics.counter('tokenfuse_tag_values_cut_total', 'Tag values cut to max_value_length.').child()
  }

  async start(): Promise<void> {}
  async shutdown(): Promise<void> {}

  bind(table: KeyTable): void {
    const rules = this.rules.map((rule) => ({
      ...rule,
      keys: rule.sources.map((s) => table.idOf(s.key)),
      own: table.idOf(rule.attribute.name),
    }))
    this.bound = { rules, reader: new AttributesReader(table) }
  }

  process(batch: Batch): void {
    // An agent that reports usage is a call and a step of one span: its tags are worked out once.
    let lastItem = -1
    let lastTags: Tags | undefined
    const byItem = new Map<number, Tags>()
    for (const call of batch.calls) {
      if (call.item < 0) continue
      call.tags = this.tag(batch.items, call.item, call.traceId)
      if (batch.steps.length > 0) byItem.set(call.item, call.tags)
    }
    for (const step of batch.steps) {
      if (step.item !== lastItem || lastTags === undefined) {
        lastTags = byItem.get(step.item) ?? this.tag(batch.items, step.item, step.traceId)
        lastItem = step.item
      }
      step.tags = lastTags
    }
  }

  private tag(items: ItemBatch, item: number, traceId: string): Tags {
    const bound = this.bound
    const tags: Tags = {
      run: undefined,
      agent: undefined,
      workflow: undefined,
      step: undefined,
      customer: undefined,
      businessUnit: undefined,
      extra: undefined,
    }
    if (bound === undefined) return tags
    bound.reader.load(items, item)
    for (const rule of bound.rules) {
      const found = this.find(rule, bound.reader, items, item)
      const value = found.value ?? rule.fallback ?? (rule.name === 'run' && traceId !== '' ? traceId : undefined)
      if (value === undefined) continue
      assign(tags, rule.name, value)
      if (found.key !== rule.own || found.key < 0) items.addString(item, rule.attribute, value)
    }
    return tags
  }

  private find(
    rule: BoundRule,
    reader: AttributesReader,
    items: ItemBatch,
    item: number,
  ): { value: string | undefined; key: number } {
    if (rule.fixed !== undefined) return { value: rule.fixed, key: -1 }
    for (let s = 0; s < rule.keys.length; s++) {
      const key = rule.keys[s] as number
      const value =
        (rule.sources[s]?.resourceOnly === true ? undefined : textOf(items, reader.hit(key))) ??
        textOf(items, items.findInResource(item, key))
      if (value !== undefined) {
        const onSpan = reader.hit(key) >= 0
        if (value.length <= this.maxLength) return { value, key: onSpan ? key : -1 }
        this.cut.add(1)
        return { value: value.slice(0, this.maxLength), key: -1 }
      }
    }
    return { value: undefined, key: -1 }
  }
}

const STRING = 1
const INT = 3

/** A non-empty string, or an integer as text: tenants are often numbers. */
function textOf(items: ItemBatch, hit: number): string | undefined {
  if (hit < 0) return undefined
  const type = items.index.hitType[hit]
  if (type === STRING) return items.textOf(hit) || undefined
  const number = items.index.hitNum[hit] as number
  return type === INT && Number.isSafeInteger(number) ? String(number) : undefined
}

function assign(tags: Tags, name: string, value: string): void {
  switch (name) {
    case 'run':
    case 'agent':
    case 'workflow':
    case 'step':
    case 'customer':
      tags[name] = value
      break
    case 'business_unit':
      tags.businessUnit = value
      break
    default:
      tags.extra = { ...tags.extra, [name]: value }
  }
}

function rulesOf(settings: Config): readonly TagRule[] {
  const builtIn = BUILT_IN_NAMES.map((name: BuiltIn) =>
    rule(name, ATTRIBUTE[name], settings.tags[name], BUILT_IN[name]),
  )
  const own = Object.entries(settings.tags)
    .filter(([name]) => !(name in BUILT_IN))
    .map(([name, tag]) => rule(name, `tokenfuse.tag.${name}`, tag, []))
  return [...builtIn, ...own]
}

function rule(
  name: string,
  attribute: string,
  tag: Config['tags'][string] | undefined,
  defaults: readonly string[],
): TagRule {
  const from = tag === undefined || tag.from.length === 0 ? defaults : tag.from
  return {
    name,
    attribute: attributeKey(attribute),
    fixed: tag?.value,
    fallback: tag?.default,
    sources: from.map(parseSource),
  }
}
