import type { Tags } from '../../genai/call.ts'
import { attributeKey } from '../../otlp/attributes.ts'
import type { ItemBatch } from '../../otlp/batch.ts'
import { FieldReader } from '../../otlp/field-reader.ts'
import type { KeyTable } from '../../otlp/keys.ts'
import type { Batch } from '../../pipeline/batch.ts'
import type { Processor } from '../../pipeline/component.ts'
import type { Host } from '../../pipeline/host.ts'
import type { MetricChild } from '../../pipeline/telemetry/metrics.ts'
import type { Config } from './config.ts'
import { rulesOf, type TagRule } from './rules.ts'
import { ATTRIBUTE } from './sources.ts'
import { TagSets } from './tag-sets.ts'

const RUN = attributeKey(ATTRIBUTE.run)
const STRING = 1
const INT = 3
const HEX = Buffer.from('0123456789abcdef')

interface Bound {
  readonly reader: FieldReader
  /** Per rule: keys asked on the resource, and the number of the attribute that we would write. */
  readonly resourceKeys: readonly (readonly number[])[]
  readonly own: readonly number[]
}

/** Completes calls and steps with whom they were for, and writes the same onto their spans. */
export class BusinessTags implements Processor {
  readonly wants: readonly string[]
  private readonly rules: readonly TagRule[]
  private readonly maxLength: number
  private readonly cut: MetricChild
  private readonly spanSets: TagSets
  private readonly logSets: TagSets
  private bound: Bound | undefined = undefined
  /** Of the item at hand, by rule. */
  private readonly values: (string | undefined)[]
  /** Values that the resource gives, by resource of the batch at hand: its spans all share them. */
  private readonly fromResource = new Map<number, readonly (string | undefined)[]>()
  private lastTrace = ''
  private readonly lastTraceBytes = Buffer.alloc(16)

  constructor(settings: Config, host: Host) {
    this.rules = rulesOf(settings)
    this.wants = [
      ...new Set(this.rules.flatMap((rule) => [rule.attribute.name, ...rule.spanKeys, ...rule.resourceKeys])),
    ]
    this.spanSets = new TagSets(this.rules, 'traces')
    this.logSets = new TagSets(this.rules, 'logs')
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
    this.fromResource.clear()
    for (const call of batch.calls) if (call.item >= 0) call.tags = this.tag(bound, batch.items, call.item)
    for (const step of batch.steps) {
      // An agent that reports usage is a step and a roll-up call of one span, tagged once.
      const twin = step.kind === 'tool' ? undefined : batch.calls.find((call) => call.item === step.item)
      step.tags = twin === undefined ? this.tag(bound, batch.items, step.item) : twin.tags
    }
  }

  private tag(bound: Bound, items: ItemBatch, item: number): Tags {
    const { reader, own } = bound
    const { rules, values } = this
    reader.load(items, item)
    const resource = this.resourceValues(bound, items, item)
    let onSpan = 0
    for (let r = 0; r < rules.length; r++) {
      const rule = rules[r] as TagRule
      const hit = rule.fixed === undefined ? reader.hit(r) : -1
      let value = rule.fixed
      if (hit >= 0) {
        value = textOf(items, hit) ?? reader.text(r)
        // What the sender wrote under our own name already stands there, unless it must be cut.
        if (value !== undefined && items.index.hitKey[hit] === own[r] && value.length <= this.maxLength)
          onSpan |= 1 << r
      }
      value ??= resource[r] ?? rule.fallback
      values[r] = value !== undefined && value.length > this.maxLength ? this.cutShort(value) : value
    }
    const run = values[0] ?? this.traceId(items, item)
    const set = (items.signal === 'traces' ? this.spanSets : this.logSets).get(values, onSpan & ~1)
    if (set.fields.length > 0) items.addFields(item, set.fields)
    if (run !== undefined && (onSpan & 1) === 0) items.addString(item, RUN, run)
    const tags = set.tags
    return {
      run,
      agent: tags.agent,
      workflow: tags.workflow,
      step: tags.step,
      customer: tags.customer,
      businessUnit: tags.businessUnit,
      extra: tags.extra,
    }
  }

  private cutShort(value: string): string {
    this.cut.add(1)
    return value.slice(0, this.maxLength)
  }

  private resourceValues(bound: Bound, items: ItemBatch, item: number): readonly (string | undefined)[] {
    const resource = items.index.scopeResource[items.index.itemScope[item] as number] as number
    let values = this.fromResource.get(resource)
    if (values === undefined) {
      values = bound.resourceKeys.map((keys) => {
        for (const key of keys) {
          const text = textOf(items, items.findInResource(item, key))
          if (text !== undefined) return text
        }
        return undefined
      })
      this.fromResource.set(resource, values)
    }
    return values
  }

  /** Trace id as text; the spans of one trace mostly come together, so the last one is kept. */
  private traceId(items: ItemBatch, item: number): string | undefined {
    const at = items.index.itemTrace[item] as number
    if (at < 0) return undefined
    const last = this.lastTraceBytes
    let same = this.lastTrace !== ''
    for (let i = 0; same && i < 16; i++) same = last[i] === items.bytes[at + i]
    if (same) return this.lastTrace
    items.bytes.copy(last, 0, at, at + 16)
    this.lastTrace = hexOf(last)
    return this.lastTrace
  }
}

const hexBuffer = Buffer.alloc(32)

function hexOf(bytes: Uint8Array): string {
  for (let i = 0; i < 16; i++) {
    const byte = bytes[i] as number
    hexBuffer[i * 2] = HEX[byte >>> 4] as number
    hexBuffer[i * 2 + 1] = HEX[byte & 15] as number
  }
  return hexBuffer.toString('latin1')
}

/** A non-empty string, or an integer as text: tenants are often numbers. */
function textOf(items: ItemBatch, hit: number): string | undefined {
  if (hit < 0) return undefined
  const type = items.index.hitType[hit]
  if (type === STRING) return items.textOf(hit) || undefined
  const number = items.index.hitNum[hit] as number
  return type === INT && Number.isSafeInteger(number) ? String(number) : undefined
}
