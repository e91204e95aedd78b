import { BILL_STATUSES, type Call } from '../../genai/call.ts'
import { DIALECTS } from '../../genai/dialects/table.ts'
import { FieldReader } from '../../otlp/field-reader.ts'
import type { KeyTable } from '../../otlp/keys.ts'
import type { Batch } from '../../pipeline/batch.ts'
import type { Processor } from '../../pipeline/component.ts'
import type { Host } from '../../pipeline/host.ts'
import type { MetricChild, MetricFamily } from '../../pipeline/telemetry/metrics.ts'
import { annotate } from './annotate.ts'
import { Billing } from './billing.ts'
import { readCall } from './calls.ts'
import type { Config } from './config.ts'
import { FIELDS, TELLING, WANTED } from './fields.ts'
import { Recogniser } from './recognise.ts'
import { readStep } from './steps.ts'

/**
 * First of the domain processors: turns spans into Calls and Steps.
 *
 * A span that carries none of the telling attributes costs a look at each of its wanted ones. Of one that does, only
 * numbers and interned strings are kept.
 */
export class GenAiUsage implements Processor {
  readonly wants = WANTED
  private readonly billing: Billing
  private readonly recogniser = new Recogniser()
  private readonly calls: ReadonlyMap<string, readonly MetricChild[]>
  private readonly flags: MetricFamily
  private reader: FieldReader | undefined = undefined
  /** 1 for keys that make an item worth a look. */
  private telling = new Uint8Array(0)
  private serviceName = -1

  constructor(settings: Config, host: Host) {
    this.billing = new Billing(settings.max_entries)
    const help = 'Provider calls seen, by dialect and by what became of them.'
    const family = host.metrics.counter('tokenfuse_gen_ai_calls_total', help, ['dialect', 'bill'])
    this.calls = new Map(DIALECTS.map((d) => [d.id, BILL_STATUSES.map((status) => family.child(d.id, status))]))
    this.flags = host.metrics.counter(
      'tokenfuse_gen_ai_usage_flags_total',
      'Notes on usage that was not as its dialect says.',
      ['flag'],
    )
  }

  async start(): Promise<void> {}
  async shutdown(): Promise<void> {}

  bind(table: KeyTable): void {
    this.telling = new Uint8Array(table.size)
    for (const name of TELLING) this.telling[table.idOf(name)] = 1
    this.reader = new FieldReader(table, FIELDS)
    this.serviceName = table.idOf('service.name')
  }

  process(batch: Batch): void {
    if (this.reader === undefined || batch.signal !== 'traces') return
    const { index } = batch.items
    const { telling } = this
    for (let i = 0; i < index.items; i++) {
      const to = index.itemHitTo[i] as number
      for (let h = index.itemHitFrom[i] as number; h < to; h++) {
        if (telling[index.hitKey[h] as number] === 1) {
          this.read(this.reader, batch, i)
          break
        }
      }
    }
    this.billing.enter(batch.items, batch.calls)
    for (let c = 0; c < batch.calls.length; c++) this.settle(batch, batch.calls[c] as Call)
  }

  private read(reader: FieldReader, batch: Batch, item: number): void {
    reader.load(batch.items, item)
    const found = this.recogniser.dialect(reader, batch.items.scopeNameOf(item))
    if (found === undefined) return
    const role = this.recogniser.role(reader, found, batch.items, item)
    if (role?.is === 'step') batch.steps.push(readStep(reader, batch.items, item, role.kind))
    if (role?.is === 'step' && role.kind === 'tool') return
    const call = readCall(reader, batch.items, item, found.dialect, role, this.serviceName)
    if (call !== undefined) batch.calls.push(call)
  }

  private settle(batch: Batch, call: Call): void {
    if (this.billing.decides(call)) call.bill = this.billing.decide(batch.items, call)
    this.calls.get(call.dialect)?.[BILL_STATUSES.indexOf(call.bill)]?.add(1)
    for (let f = 0; f < call.flags.length; f++) this.flags.child(call.flags[f] as string).add(1)
    annotate(batch.items, call)
  }
}
