import { BILL_STATUSES, type Call } from '../../genai/call.ts'
import { FLAG, FLAGS, flagNames } from '../../genai/dialects/flags.ts'
import { OPERATIONS } from '../../genai/dialects/operations.ts'
import { DIALECTS } from '../../genai/dialects/table.ts'
import type { ItemBatch } from '../../otlp/batch.ts'
import { FieldReader } from '../../otlp/field-reader.ts'
import type { KeyTable } from '../../otlp/keys.ts'
import type { Batch } from '../../pipeline/batch.ts'
import type { Processor } from '../../pipeline/component.ts'
import type { Clock, Host } from '../../pipeline/host.ts'
import type { MetricChild } from '../../pipeline/telemetry/metrics.ts'
import { annotate, billNumber } from './annotate.ts'
import { Billing, hasUsage, type Past } from './billing.ts'
import { callFlags, readCall, type Source } from './calls.ts'
import type { Config } from './config.ts'
import { type EventMeaning, eventMeaning } from './events.ts'
import { mergeEvidence } from './evidence.ts'
import { type BoundDialect, DIALECT_FIELDS, FIELD, FIELDS, TELLING, UNDERSCORED, WANTED } from './fields.ts'
import { decideEvent, identify } from './log-calls.ts'
import { Pending } from './pending.ts'
import { correctionFor, Recent } from './recent.ts'
import { NO_MARKER, Recogniser, type ScopeState } from './recognise.ts'
import { readEventStep, readStep } from './steps.ts'
import { Texts } from './texts.ts'
import { ToolCalls } from './tool-calls.ts'
import { UsageReader } from './usage.ts'

const PENDING_MAX = 4096
const TELLS = 0x80
const GRACE_MS = 60_000
const CHAT = OPERATIONS.get('chat')
const TOOL = OPERATIONS.get('execute_tool')

/**
 * First of the domain processors: turns spans and log events into Calls and Steps.
 *
 * A span that carries none of the telling attributes costs a look at each of its wanted ones. Of one that does, only
 * numbers and interned strings are kept.
 */
export class GenAiUsage implements Processor, Past {
  readonly wants = WANTED
  private readonly clock: Clock
  private readonly graceMs: number
  /** By dialect: the signal that is billed. */
  private readonly record: readonly ('spans' | 'logs')[]
  private readonly billing: Billing
  private readonly pending = new Pending(PENDING_MAX)
  private readonly recent = new Recent()
  private readonly recogniser = new Recogniser()
  private readonly texts = new Texts()
  private readonly usage = new UsageReader()
  private readonly tools = new ToolCalls()
  private readonly counters: readonly MetricChild[]
  private readonly flagCounters: readonly MetricChild[]
  private readonly tooLate: MetricChild
  private reader: FieldReader | undefined = undefined
  private source: Source | undefined = undefined
  /** By key: the first dialect in the table that it marks, and TELLS when it makes an item worth a look. */
  private tells = new Uint8Array(0)
  private serviceName = -1

  // The batch at hand.
  private corrections: Call[] = []
  private scopes: (ScopeState | undefined)[] = []
  private services: (string | undefined)[] = []
  /** By call of the batch: its dialect's place and its notes. */
  private readonly dialects: number[] = []
  private readonly notes: number[] = []
  private callOfItem = new Int32Array(512)

  constructor(settings: Config, host: Host) {
    this.clock = host.clock
    this.graceMs = settings.rollup_grace ?? GRACE_MS
    this.record = DIALECTS.map(({ id, record }) => settings.signal_of_record?.[id] ?? record ?? 'spans')
    this.billing = new Billing(settings.max_entries, this)
    const { metrics } = host
    const calls = metrics.counter('tokenfuse_gen_ai_calls_total', CALLS_HELP, ['dialect', 'bill'])
    this.counters = DIALECTS.flatMap(({ id }) => BILL_STATUSES.map((status) => calls.child(id, status)))
    const flags = metrics.counter('tokenfuse_gen_ai_usage_flags_total', FLAGS_HELP, ['flag'])
    this.flagCounters = FLAGS.map((flag) => flags.child(flag))
    this.tooLate = metrics.counter('tokenfuse_gen_ai_late_evidence_total', LATE_HELP).child()
    metrics.observe('gauge', 'tokenfuse_gen_ai_state_bytes', STATE_HELP, [], () => [
      { labels: [], value: this.billing.bytes },
    ])
  }

  async start(): Promise<void> {}
  async shutdown(): Promise<void> {}

  dueMs(): number | undefined {
    return this.pending.dueMs
  }
  release(): void {
    this.pending.close()
  }

  bind(table: KeyTable): void {
    this.tells = new Uint8Array(table.size).fill(NO_MARKER)
    for (const { dialect, number } of [...DIALECT_FIELDS].reverse()) {
      if (dialect.needsMarker !== true) for (const name of dialect.markers) this.tells[table.idOf(name)] = number
    }
    for (const name of TELLING) this.tells[table.idOf(name)] = (this.tells[table.idOf(name)] as number) | TELLS
    const underscored = new Uint8Array(table.size)
    for (const name of UNDERSCORED) underscored[table.idOf(name)] = 1
    this.usage.bind(underscored)
    this.reader = new FieldReader(table, FIELDS)
    this.serviceName = table.idOf('service.name')
  }

  process(batch: Batch): void {
    const { reader } = this
    if (reader === undefined || batch.signal === 'metrics') return
    this.pending.absorb()
    const first = batch.calls.length
    this.scopes = []
    this.services = []
    this.texts.enter(batch.items)
    this.tools.enter()
    if (batch.signal === 'logs') this.readLogs(reader, batch)
    else this.readSpans(reader, batch)
    this.settleAll(batch, first)
    if (this.pending.size > 0) this.billWaiting(batch)
    this.recent.add(this.billing.serial, batch.calls, batch.items.bytes.length)
  }

  private readSpans(reader: FieldReader, batch: Batch): void {
    const { index } = batch.items
    const { tells } = this
    const { itemHitFrom, itemHitTo, hitKey, items } = index
    for (let i = 0; i < items; i++) {
      const to = itemHitTo[i] as number
      let worth = 0
      let marker = NO_MARKER
      for (let h = itemHitFrom[i] as number; h < to; h++) {
        const said = tells[hitKey[h] as number] as number
        worth |= said
        if ((said & NO_MARKER) < marker) marker = said & NO_MARKER
      }
      if ((worth & TELLS) !== 0) this.readSpan(reader, batch, i, marker)
    }
  }

  private readSpan(reader: FieldReader, batch: Batch, item: number, marker: number): void {
    const { items } = batch
    const scope = this.scopeOf(items, item)
    reader.load(items, item)
    const bound = this.recogniser.dialect(reader, scope, marker)
    if (bound === undefined) return
    const named = this.recogniser.role(reader, this.texts, bound, items, item)
    const role = named ?? (reader.has(FIELD.toolMark) ? TOOL : undefined)
    const isTool = role?.is === 'step' && role.kind === 'tool'
    if (isTool) this.readTool(reader, batch, item)
    else if (role?.is === 'step') batch.steps.push(readStep(reader, this.texts, items, item, role.kind))
    const call = readCall(this.sourceOf(reader, items, item, bound, scope), item, role)
    if (call === undefined) return
    if (isTool) annotate(items, call, bound.number)
    else this.take(batch, call, bound, this.record[bound.number] === 'logs')
  }

  private readTool(reader: FieldReader, batch: Batch, item: number): void {
    const step = readStep(reader, this.texts, batch.items, item, 'tool')
    if (!this.tools.repeats(step, reader, batch.items, batch.steps)) batch.steps.push(step)
  }

  private readLogs(reader: FieldReader, batch: Batch): void {
    const { items } = batch
    const { index } = items
    for (let i = 0; i < index.items; i++) {
      if (index.itemHitTo[i] === index.itemHitFrom[i]) continue
      const scope = this.scopeOf(items, i)
      reader.load(items, i)
      const name = items.nameOf(i) || (reader.text(FIELD.eventName) ?? '')
      const event = name === '' ? undefined : eventMeaning(scope.own, name)
      if (event === undefined) continue
      if (event.is === 'step') this.readEventStep(reader, batch, i, event)
      else this.readEventCall(reader, batch, i, event, scope)
    }
  }

  private readEventCall(reader: FieldReader, batch: Batch, item: number, event: EventMeaning, scope: ScopeState): void {
    const kind = reader.text(FIELD.eventKind)
    if (kind !== undefined && kind !== 'response.completed') return
    const { items } = batch
    const { bound } = event
    const call = readCall(this.sourceOf(reader, items, item, bound, scope), item, CHAT)
    if (call === undefined) return
    identify(call, reader, items)
    this.take(batch, call, bound, event.is === 'repeat' || this.record[bound.number] !== 'logs')
  }

  private readEventStep(reader: FieldReader, batch: Batch, item: number, { bound, role }: EventMeaning): void {
    if (role?.is !== 'step' || this.record[bound.number] !== 'logs') return
    batch.steps.push(readEventStep(reader, this.texts, batch.items, item, role.kind))
  }

  private sourceOf(
    reader: FieldReader,
    items: ItemBatch,
    item: number,
    bound: BoundDialect,
    scope: ScopeState,
  ): Source {
    const serviceName = this.services[items.index.itemScope[item] as number]
    const { texts, usage } = this
    this.source ??= { reader, texts, usage, items, bound, scope, serviceName }
    this.source.items = items
    this.source.bound = bound
    this.source.scope = scope
    this.source.serviceName = serviceName
    return this.source
  }

  private scopeNumber(items: ItemBatch, item: number): number {
    return this.scopes[items.index.itemScope[item] as number]?.number ?? 0
  }

  /** @param other whether the source is billed from its other signal */
  private take(batch: Batch, call: Call, bound: BoundDialect, other: boolean): void {
    let notes = callFlags
    if (other && call.bill !== 'not_billable') {
      call.bill = 'duplicate'
      notes |= FLAG.other_signal_of_record
      call.flags = flagNames(notes)
    }
    this.dialects[batch.calls.length] = bound.number
    this.notes[batch.calls.length] = notes
    batch.calls.push(call)
  }

  /** Scope and service are the same for all items of a scope in a batch. */
  private scopeOf(items: ItemBatch, item: number): ScopeState {
    const number = items.index.itemScope[item] as number
    let state = this.scopes[number]
    if (state === undefined) {
      const hit = items.findInResource(item, this.serviceName)
      const service = hit < 0 ? undefined : items.textOf(hit)
      state = this.recogniser.scope(items.scopeNameOf(item), items.scopeVersionOf(item), service ?? '')
      this.scopes[number] = state
      this.services[number] = service
    }
    return state
  }

  private settleAll(batch: Batch, first: number): void {
    const { items, calls } = batch
    this.corrections = []
    if (batch.signal === 'traces') this.billing.enter(items, calls, first)
    const count = calls.length
    for (let c = first; c < count; c++) this.settle(batch, calls[c] as Call, c)
    if (count > first + 1 && batch.signal === 'traces') this.merge(items, calls, first)
    for (let c = first; c < count; c++) {
      const call = calls[c] as Call
      if (call.bill === 'rollup' && call.signal === 'span') this.billing.noteRolledUp(call)
      this.finish(items, call, c)
    }
    for (const correction of this.corrections) {
      calls.push(correction)
      this.count(
        correction,
        DIALECTS.findIndex(({ id }) => id === correction.dialect),
        FLAG.correction,
      )
    }
  }

  private settle(batch: Batch, call: Call, c: number): void {
    if (call.signal === 'log') {
      if (call.bill === 'billed') call.bill = decideEvent(this.billing, call, batch.items)
      return
    }
    if (call.bill === 'rollup') this.settleRollup(batch, call, c)
    else if (call.bill === 'billed' && hasUsage(call)) {
      const { billing } = this
      call.bill = billing.decide(call, this.scopeNumber(batch.items, call.item))
      const { sibling, cumulative, repeatedId } = billing.notes
      if (sibling) this.note(call, c, FLAG.sibling_duplicate)
      if (cumulative) this.note(call, c, FLAG.cumulative_suspect)
      if (repeatedId) this.note(call, c, FLAG.repeated_response_id)
    }
  }

  private settleRollup(batch: Batch, call: Call, c: number): void {
    const { billing } = this
    const { rollups } = DIALECTS[this.dialects[c] as number] ?? {}
    if (rollups === 'bill') {
      call.bill = billing.decide(call, this.scopeNumber(batch.items, call.item))
      if (call.bill === 'billed') this.note(call, c, FLAG.rollup_billed)
      return
    }
    const fate = billing.rollup(call)
    if (fate === 'duplicate') call.bill = 'duplicate'
    else if (fate === 'waits' && rollups !== 'never') {
      this.pending.add(call, billing.low, billing.high, this.clock.now() + this.graceMs)
    }
  }

  private note(call: Call, c: number, flag: number): void {
    this.notes[c] = (this.notes[c] as number) | flag
    call.flags = [...call.flags, ...flagNames(flag)]
  }

  /** Spans around a call may know more about it. */
  private merge(items: ItemBatch, calls: readonly Call[], first: number): void {
    let around = false
    for (let c = first; c < calls.length && !around; c++) around = (calls[c] as Call).bill === 'rollup'
    if (!around) return
    if (items.count > this.callOfItem.length) this.callOfItem = new Int32Array(items.count * 2)
    this.callOfItem.fill(-1, 0, items.count)
    for (let c = first; c < calls.length; c++) this.callOfItem[(calls[c] as Call).item] = c
    for (let c = first; c < calls.length; c++) {
      const call = calls[c] as Call
      if (call.bill !== 'billed') continue
      for (let item = this.billing.parentItem(call.item), up = 0; item >= 0 && up < 16; up++) {
        const other = this.callOfItem[item] as number
        if (other >= 0 && calls[other]?.bill === 'rollup') mergeEvidence(call, calls[other])
        item = this.billing.parentItem(item)
      }
    }
  }

  private finish(items: ItemBatch, call: Call, c: number): void {
    const dialect = this.dialects[c] as number
    this.count(call, dialect, this.notes[c] as number)
    annotate(items, call, dialect)
  }

  private count(call: Call, dialect: number, notes: number): void {
    this.counters[dialect * BILL_STATUSES.length + billNumber(call.bill)]?.add(1)
    for (let rest = notes; rest !== 0; rest &= rest - 1) this.flagCounters[31 - Math.clz32(rest & -rest)]?.add(1)
  }

  /** What a batch billed for a span that turns out to wrap a call. */
  find(serial: number, low: number, high: number): Call | undefined {
    const billed = this.recent.find(serial, low, high)
    if (billed === undefined) this.tooLate.add(1)
    return billed
  }

  takeBack(billed: Call): void {
    this.corrections.push(correctionFor(billed))
  }

  /** Roll-ups under which nothing else came: they are the only report of what was spent. */
  private billWaiting(batch: Batch): void {
    const released = this.pending.release(this.clock.now(), (low, high) => this.billing.claim(low, high))
    for (const call of released) {
      call.bill = 'billed'
      call.flags = [...call.flags, ...flagNames(FLAG.rollup_billed)]
      batch.calls.push(call)
      this.count(
        call,
        DIALECTS.findIndex(({ id }) => id === call.dialect),
        FLAG.rollup_billed,
      )
    }
  }
}

const CALLS_HELP = 'Provider calls seen, by dialect and by what became of them.'
const FLAGS_HELP = 'Notes on usage that was not as its dialect says.'
const LATE_HELP = 'Calls found under a span that was billed too long ago to be taken back.'
const STATE_HELP = 'Bytes of the tables that bill each call once.'
