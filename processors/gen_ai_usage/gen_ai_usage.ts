import type { Call } from '../../genai/call.ts'
import { FLAG, flagNames } from '../../genai/dialects/flags.ts'
import { OPERATIONS } from '../../genai/dialects/operations.ts'
import { DIALECTS } from '../../genai/dialects/table.ts'
import type { ItemBatch } from '../../otlp/batch.ts'
import { FieldReader } from '../../otlp/field-reader.ts'
import type { KeyTable } from '../../otlp/keys.ts'
import type { Batch } from '../../pipeline/batch.ts'
import type { HeldCall, HeldChanges, Processor } from '../../pipeline/component.ts'
import type { Host } from '../../pipeline/host.ts'
import { annotate } from './annotate.ts'
import { Billing } from './billing.ts'
import { callFlags, hasUsage, readCall, type Source } from './calls.ts'
import type { Config } from './config.ts'
import { openReading, takeRefuted } from './conventions.ts'
import { Depths } from './depths.ts'
import { type EventMeaning, eventMeaning } from './events.ts'
import { type BoundDialect, FIELD, FIELDS, UNDERSCORED, WANTED } from './fields.ts'
import { Holding, together } from './holding.ts'
import { readAgain } from './late-proof.ts'
import { decideEvent, identify } from './log-calls.ts'
import { Merging } from './merging.ts'
import { addNote, noteFlags, removeNote } from './notes.ts'
import type { Past } from './past.ts'
import { correctionFor, Recent } from './recent.ts'
import { NO_MARKER, Recogniser } from './recognise.ts'
import { ReportedTokens } from './reported-tokens.ts'
import { RunningTotals } from './running-totals.ts'
import { type SignalsSeen, signalsSeen } from './signals-seen.ts'
import { type SourceScope, Sources } from './sources.ts'
import { useBytes } from './span-keys.ts'
import { readEventStep, readStep } from './steps.ts'
import { UsageTelemetry } from './telemetry.ts'
import { TELLS, tellsOf } from './tells.ts'
import { Texts } from './texts.ts'
import { ToolCalls } from './tool-calls.ts'
import { TraceSums } from './trace-sums.ts'
import { undo } from './undo.ts'
import { UsageReader } from './usage.ts'

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
  /** By dialect: the signal that is billed, and whether that was said in so many words. */
  private readonly record: readonly ('spans' | 'logs')[]
  private readonly strict: readonly boolean[]
  private readonly billing: Billing
  private readonly holding: Holding
  private readonly recent = new Recent()
  private readonly recogniser = new Recogniser()
  private readonly sources = new Sources(this.recogniser)
  private readonly texts = new Texts()
  private readonly usage = new UsageReader()
  private readonly tools = new ToolCalls()
  private readonly merging = new Merging()
  private readonly sums = new TraceSums()
  private readonly depths: Depths
  private readonly totals: RunningTotals
  private readonly telemetry: UsageTelemetry
  private readonly seen: SignalsSeen
  private readonly reported: ReportedTokens
  private reader: FieldReader | undefined = undefined
  private source: Source | undefined = undefined
  /** By key: the first dialect in the table that it marks, and TELLS when it makes an item worth a look. */
  private tells = new Uint8Array(0)

  private corrections: Call[] = []
  /** By call of the batch at hand: its dialect's place and its notes. */
  private readonly dialects: number[] = []
  private readonly notes: number[] = []

  constructor(settings: Config, host: Host) {
    this.record = DIALECTS.map(({ id, record }) => settings.signal_of_record?.[id] ?? record ?? 'spans')
    this.billing = new Billing(settings.max_entries, this)
    this.depths = new Depths(settings.step_depth === true)
    this.totals = new RunningTotals(host.clock, settings.running_totals)
    this.telemetry = new UsageTelemetry(host.metrics, () => this.billing.bytes)
    this.seen = signalsSeen(host)
    this.holding = new Holding(host.clock, settings.rollup_grace, this.billing, this.seen)
    this.reported = new ReportedTokens(host.metrics)
    this.strict = DIALECTS.map(({ id }) => settings.signal_of_record?.[id] !== undefined)
  }

  async start(): Promise<void> {}
  async shutdown(): Promise<void> {}

  dueMs(): number | undefined {
    return this.holding.dueMs
  }
  release(): void {
    this.holding.close()
  }
  heldChanges(): HeldChanges | undefined {
    return together(this.holding.changes(), this.totals.changes())
  }
  undo(batch: Batch): void {
    this.holding.owe(undo(batch, this.billing, this.totals))
  }
  recall(held: readonly HeldCall[]): void {
    for (const part of [this.holding, this.totals]) part.recall(held)
  }

  bind(table: KeyTable): void {
    this.tells = tellsOf(table)
    const underscored = new Uint8Array(table.size)
    for (const name of UNDERSCORED) underscored[table.idOf(name)] = 1
    this.usage.bind(underscored)
    this.reader = new FieldReader(table, FIELDS)
    this.sources.bind(table.idOf('service.name'))
  }

  process(batch: Batch): void {
    const { reader } = this
    if (batch.signal === 'metrics') this.reported.read(batch.items.bytes)
    if (reader === undefined || batch.signal === 'metrics') return
    this.holding.enter()
    this.recent.enter()
    takeRefuted()
    const first = batch.calls.length
    this.sources.enter()
    useBytes(batch.items.bytes, batch.items.view)
    this.texts.enter(batch.items)
    this.tools.enter()
    this.sums.enter(batch.items)
    if (batch.signal === 'logs') this.readLogs(reader, batch)
    else this.readSpans(reader, batch)
    this.settleAll(batch, first)
    if (batch.signal === 'traces') this.depths.run(batch.items, batch.steps, this.billing)
    if (!this.holding.isEmpty) this.billWaiting(batch)
    this.recent.add(this.billing.serial, batch.calls)
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
    const source = this.sources.of(items, item)
    const { scope } = source
    reader.load(items, item)
    const bound = this.recogniser.dialect(reader, scope, marker)
    if (bound === undefined) return
    const named = this.recogniser.role(reader, this.texts, bound, items, item)
    const role = named ?? (reader.has(FIELD.toolMark) ? TOOL : undefined)
    const isTool = role?.is === 'step' && role.kind === 'tool'
    if (isTool) this.readTool(reader, batch, item, bound)
    else if (role?.is === 'step') batch.steps.push(readStep(reader, this.texts, items, item, role.kind))
    const call = readCall(this.sourceOf(reader, items, bound, source), item, role)
    if (call === undefined) return
    if (isTool) annotate(items, call, bound.number, callFlags)
    else this.take(batch, call, bound, this.record[bound.number] === 'logs')
  }

  private readTool(reader: FieldReader, batch: Batch, item: number, { number }: BoundDialect): void {
    if (this.record[number] === 'logs' && this.seen.has(number)) return // Its events tell of it.
    const step = readStep(reader, this.texts, batch.items, item, 'tool')
    if (!this.tools.repeats(step, reader, batch.items, batch.steps)) batch.steps.push(step)
  }

  private readLogs(reader: FieldReader, batch: Batch): void {
    const { items } = batch
    const { index } = items
    for (let i = 0; i < index.items; i++) {
      if (index.itemHitTo[i] === index.itemHitFrom[i]) continue
      const source = this.sources.of(items, i)
      reader.load(items, i)
      const name = items.nameOf(i) || (reader.text(FIELD.eventName) ?? '')
      const event = name === '' ? undefined : eventMeaning(source.scope.own, name)
      if (event === undefined) continue
      if (event.is === 'step') this.readEventStep(reader, batch, i, event)
      else this.readEventCall(reader, batch, i, event, source)
    }
  }

  private readEventCall(
    reader: FieldReader,
    batch: Batch,
    item: number,
    event: EventMeaning,
    source: SourceScope,
  ): void {
    const kind = reader.text(FIELD.eventKind)
    if (kind !== undefined && kind !== 'response.completed') return
    const { items } = batch
    const { bound } = event
    const call = readCall(this.sourceOf(reader, items, bound, source), item, CHAT)
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
    bound: BoundDialect,
    { scope, service: serviceName }: SourceScope,
  ): Source {
    const { texts, usage } = this
    this.source ??= { reader, texts, usage, items, bound, scope, serviceName }
    this.source.items = items
    this.source.bound = bound
    this.source.scope = scope
    this.source.serviceName = serviceName
    return this.source
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
    if (openReading !== undefined && call.signal === 'span')
      openReading.note(this.billing.serial + 1, batch.calls.length)
    batch.calls.push(call)
  }

  private settleAll(batch: Batch, first: number): void {
    const { items, calls } = batch
    this.corrections = []
    if (batch.signal === 'traces') this.billing.enter(items, calls, first)
    const count = calls.length
    for (let c = first; c < count; c++) {
      this.billing.notes.again = false
      this.settle(batch, calls[c] as Call, c)
      if (this.billing.notes.again) this.note(calls[c] as Call, c, FLAG.sent_again)
    }
    if (count > first + 1 && batch.signal === 'traces') this.mergeAll(items, calls, first)
    for (let c = first; c < count; c++) if ((calls[c] as Call).bill === 'billed') this.sums.add(calls[c] as Call)
    for (let c = first; c < count; c++) {
      const call = calls[c] as Call
      if (call.bill === 'rollup') this.compare(call, c)
      this.telemetry.count(call, this.dialects[c] as number, this.notes[c] as number)
      annotate(items, call, this.dialects[c] as number, this.notes[c] as number)
    }
    this.readAgain()
    for (const correction of this.corrections) {
      calls.push(correction)
      this.telemetry.countNamed(correction, FLAG.correction)
    }
  }

  private mergeAll(items: ItemBatch, calls: readonly Call[], first: number): void {
    this.merging.run(items, calls, first, this.billing, {
      superseded: (c) => {
        const call = calls[c] as Call
        call.bill = 'superseded'
        this.notes[c] = removeNote(call, this.notes[c] as number, FLAG.usage_missing)
      },
      conflict: (c) => this.note(calls[c] as Call, c, FLAG.evidence_conflict),
    })
  }

  /** A roll-up is held against what was billed in its trace. */
  private compare(call: Call, c: number): void {
    if (call.signal !== 'span') return
    this.billing.noteRolledUp(call)
    if (!hasUsage(call) || !this.billing.wraps(call)) return
    const residual = this.sums.residual(call)
    if (residual === 0) return
    this.telemetry.residual.add(residual)
    this.note(call, c, FLAG.rollup_residual)
  }

  /** What was read by a convention that its scope has now disproven is taken back and billed as it should have been. */
  private readAgain(): void {
    for (const open of takeRefuted()) for (const { serial, place } of open.take()) this.readOneAgain(serial, place)
  }

  private readOneAgain(serial: number, place: number): void {
    const call = this.recent.at(serial, place)
    if (call === undefined || call.bill !== 'billed' || call.correctionOf !== undefined) return
    const again = readAgain(call)
    this.corrections.push(correctionFor(call), again)
    this.recent.replace(serial, place, again)
  }

  private settle(batch: Batch, call: Call, c: number): void {
    if (call.signal === 'log') {
      if (call.bill === 'billed') {
        call.bill = decideEvent(this.billing, call, batch.items)
        this.seen.note(this.dialects[c] as number)
      }
      return
    }
    if (call.bill === 'duplicate') this.settleOtherSignal(call, c)
    else if (call.bill === 'rollup') this.settleRollup(batch, call, c)
    else if (call.bill === 'billed' && !hasUsage(call)) this.settleMissing(call, c)
    else if (call.bill === 'billed' && hasUsage(call)) {
      const { billing } = this
      const { scope } = this.sources.of(batch.items, call.item)
      call.bill = billing.decide(call, scope.number)
      const noted = this.totals.settle(
        call,
        this.dialects[c] as number,
        scope,
        noteFlags(billing.notes),
        billing.serial,
      )
      if (noted !== 0) this.note(call, c, noted)
    }
  }

  private settleRollup(batch: Batch, call: Call, c: number): void {
    const { billing } = this
    const { rollups, needsModel } = DIALECTS[this.dialects[c] as number] ?? {}
    if (rollups === 'bill') {
      call.bill = billing.decide(call, this.sources.of(batch.items, call.item).scope.number)
      if (call.bill === 'billed') this.note(call, c, FLAG.rollup_billed)
      return
    }
    const fate = billing.rollups.fateOf(call)
    if (fate === 'duplicate') call.bill = 'duplicate'
    else if (fate === 'waits' && rollups !== 'never' && (needsModel !== true || call.model !== undefined)) {
      this.holding.wait(call, FLAG.rollup_billed)
    }
  }

  /** A call without usage: what it says nothing of may have been reported below it, or it came before. */
  private settleMissing(call: Call, c: number): void {
    if (this.billing.wraps(call)) call.bill = 'rollup'
    else if (this.billing.missedBefore(call)) call.bill = 'duplicate'
    else return
    this.notes[c] = removeNote(call, this.notes[c] as number, FLAG.usage_missing)
  }

  /**
   * A source that is billed from its log events may send only its spans here. As long as none of its events was ever seen,
   * a span of it waits like a roll-up does, and is billed when there still was none: nothing spent goes uncounted.
   */
  private settleOtherSignal(call: Call, c: number): void {
    const dialect = this.dialects[c] as number
    if (((this.notes[c] as number) & FLAG.other_signal_of_record) === 0 || !hasUsage(call)) return
    if (this.record[dialect] !== 'logs' || this.strict[dialect] === true || this.seen.has(dialect)) return
    if (this.billing.rollups.fateOf(call) !== 'waits') return
    this.holding.wait(call, FLAG.only_signal, dialect)
  }

  private note(call: Call, c: number, flag: number): void {
    this.notes[c] = addNote(call, this.notes[c] as number, flag)
  }

  /** What a batch billed for a span that turns out to wrap a call. */
  find(serial: number, low: number, high: number): Call | undefined {
    const billed = this.recent.find(serial, low, high)
    if (billed === undefined) this.telemetry.late.add(1)
    return billed
  }

  takeBack(billed: Call): void {
    this.corrections.push(correctionFor(billed))
    this.sums.takeBack(billed)
  }

  superseded(low: number, high: number): void {
    this.holding.strike(low, high)
  }

  private billWaiting(batch: Batch): void {
    batch.calls.push(...this.holding.takeOwed())
    for (const { call, flag } of this.holding.due()) {
      call.bill = 'billed'
      call.flags = [...call.flags, ...flagNames(flag)]
      batch.calls.push(call)
      this.telemetry.countNamed(call, flag)
    }
  }
}
