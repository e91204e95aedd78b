import type { Verdict } from '../genai/verdict.ts'
import { withoutBadIds } from '../otlp/bad-ids.ts'
import { ItemBatch } from '../otlp/batch.ts'
import { countDataPoints } from '../otlp/count-metrics.ts'
import { KeyTable } from '../otlp/keys.ts'
import { Malformed } from '../otlp/malformed.ts'
import type { Batch } from './batch.ts'
import type { Exporter, HeldCall, Outcome, Processor, Signal } from './component.ts'
import type { Logger } from './host.ts'
import { detachIds } from './queue/call-codec.ts'
import type { Accepted, Holding } from './queue/index.ts'
import type { MetricChild, MetricRegistry } from './telemetry/metrics.ts'

/** Where accepted batches go; see queue/. Undefined: safe now. A promise: safe when it resolves. `full`: not taken. */
export interface Sink {
  /** Whether a batch of about this size would be taken now. */
  admits(bytes: number): boolean
  append(batch: Accepted): undefined | Promise<void> | 'full'
  /** What a processor held back when an earlier run was killed. */
  heldBy?(processor: string): readonly HeldCall[]
  /** Changes in what is held back that no batch comes with. */
  keep?(held: readonly Holding[]): void
}

export interface NamedProcessor {
  readonly id: string
  readonly processor: Processor
}

export interface PipelineOptions {
  /** `traces`, `traces/agents` … */
  readonly id: string
  readonly signal: Signal
  readonly processors: readonly NamedProcessor[]
  /** Exporters of this pipeline that enforce verdicts. */
  readonly enforcers: readonly Exporter[]
  readonly sink: Sink
  readonly metrics: MetricRegistry
  readonly log: Logger
}

/** What became of one request, and how many items it had (0 when it could not be read). */
export interface Processed {
  readonly outcome: Outcome | Promise<Outcome>
  readonly items: number
}

const NO_BYTES = Buffer.alloc(0)
/** Room that the queue must have for what processors held back: far more than the calls of one tick ever take. */
const TICK_BYTES = 1024 * 1024

const ACCEPTED: Outcome = { kind: 'accepted' }
const FULL: Extract<Outcome, { kind: 'refused' }> = {
  kind: 'refused',
  message: 'the queue is full: an exporter is down or slow',
  retryAfterMs: 5000,
}

/** Requests up to this size, with what was added to them, are written into one buffer that is used over and over. */
const SCRATCH_MAX = 1024 * 1024
let scratchBytes = Buffer.alloc(0)

/** Buffers of this size that live as long as a batch are what the garbage collector would be called for most. */
function scratch(bytes: number): Buffer {
  if (bytes > SCRATCH_MAX) return Buffer.allocUnsafeSlow(bytes)
  if (bytes > scratchBytes.length) scratchBytes = Buffer.allocUnsafeSlow(Math.min(SCRATCH_MAX, bytes * 2))
  return scratchBytes.subarray(0, bytes)
}

/** Every pipeline wants these, whatever its processors want: to notice that an item was here before. */
const ALWAYS_WANTED = ['tokenfuse.*', 'gen_ai.usage.cost']

/**
 * One pipeline: its processors in order over one batch at a time, verdicts straight to whoever enforces, then one
 * append. Nothing in here awaits, so that a batch is done before the next one begins and a cap is exact.
 */
export class Pipeline {
  readonly id: string
  private readonly options: PipelineOptions
  private readonly items: ItemBatch
  private readonly metricItems: ItemBatch
  private readonly faults: MetricChild[]
  /** Those that hold something back. */
  private readonly holders: readonly NamedProcessor[]

  constructor(options: PipelineOptions) {
    this.id = options.id
    this.options = options
    const keys = new KeyTable([
      ...ALWAYS_WANTED,
      ...options.processors.flatMap(({ processor }) => processor.wants ?? []),
    ])
    this.items = new ItemBatch(keys)
    this.metricItems = new ItemBatch(keys)
    for (const { processor } of options.processors) processor.bind?.(keys)
    this.holders = options.processors.filter(({ processor }) => processor.heldChanges !== undefined)
    for (const { id, processor } of this.holders) {
      const held = options.sink.heldBy?.(id) ?? []
      if (held.length > 0) processor.recall?.(held)
    }
    const faults = options.metrics.counter(
      'tokenfuse_processor_faults_total',
      'Batches that a processor failed on and that went on without it.',
      ['processor'],
    )
    this.faults = options.processors.map(({ id }) => faults.child(id))
  }

  admit(bytes: number): Extract<Outcome, { kind: 'refused' }> | undefined {
    for (const { processor } of this.options.processors) {
      const refusal = processor.admit?.(bytes)
      if (refusal !== undefined) return refusal
    }
    return this.options.sink.admits(bytes) ? undefined : FULL
  }

  /** @param borrowed the bytes will be written over once this has returned */
  consume(body: Buffer, borrowed = false): Processed {
    let items: number
    try {
      items = this.read(body)
    } catch (error) {
      if (error instanceof Malformed) return this.consumeRest(body, error)
      throw error
    }
    if (items === 0) return { outcome: ACCEPTED, items }
    return { outcome: this.run(body, items, borrowed), items }
  }

  private run(body: Buffer, items: number, borrowed: boolean): Outcome | Promise<Outcome> {
    const batch: Batch = {
      signal: this.options.signal,
      items: this.options.signal === 'metrics' ? this.metricItems : this.items,
      calls: [],
      steps: [],
      verdicts: [],
    }
    this.process(batch)
    this.enforce(batch.verdicts)
    const bytes = this.options.signal === 'metrics' ? body : this.items.spliced(scratch)
    const held = this.heldChanges()
    if (items === 0 && batch.calls.length === 0 && batch.verdicts.length === 0) {
      if (held !== undefined) this.options.sink.keep?.(held)
      return ACCEPTED
    }
    const { signal, calls, verdicts } = batch
    const notTaken = (): void => {
      // What was taken has been copied out of the request by the queue.
      if (borrowed) detachIds(calls)
      this.undo(batch)
    }
    const ofOthers = borrowed || bytes !== body
    return this.append({ signal, bytes, borrowed: ofOthers, items, calls, verdicts, held, notTaken })
  }

  /** Its sender comes again. */
  private undo(batch: Batch): void {
    for (const { id, processor } of this.options.processors) {
      try {
        processor.undo?.(batch)
      } catch (error) {
        this.options.log.error(`processor ${id} failed to take back a batch`, { error: String(error) })
      }
    }
  }

  private heldChanges(): readonly Holding[] | undefined {
    let all: Holding[] | undefined
    for (const { id, processor } of this.holders) {
      const changes = processor.heldChanges?.()
      if (changes !== undefined) all = [...(all ?? []), { processor: id, changes }]
    }
    return all
  }

  /**
   * Runs the processors without a request when one of them holds back something that is due. Not while the queue is full:
   * what is held stays held until there is room.
   */
  tick(nowMs: number): Outcome | Promise<Outcome> {
    const due = this.options.processors.some(
      ({ processor }) => (processor.dueMs?.() ?? Number.POSITIVE_INFINITY) <= nowMs,
    )
    if (!due) return ACCEPTED
    return this.options.sink.admits(TICK_BYTES) ? this.runEmpty() : FULL
  }

  /** The last run: receivers have stopped, exporters have not. `refused` as long as the queue has no room. */
  drain(): Outcome | Promise<Outcome> {
    if (this.options.processors.every(({ processor }) => processor.dueMs?.() === undefined)) return ACCEPTED
    if (!this.options.sink.admits(TICK_BYTES)) return FULL
    for (const { processor } of this.options.processors) processor.release?.()
    return this.runEmpty()
  }

  private runEmpty(): Outcome | Promise<Outcome> {
    if (this.options.signal !== 'metrics') this.items.load(NO_BYTES, this.options.signal)
    return this.run(NO_BYTES, 0, false)
  }

  /** The scan refused: spans that are merely invalid cost only themselves, anything else the whole request. */
  private consumeRest(body: Buffer, why: Malformed): Processed {
    const { signal } = this.options
    const rest = signal === 'metrics' ? undefined : withoutBadIds(body, signal)
    if (rest === undefined || rest.kept === 0) return { outcome: { kind: 'invalid', message: why.message }, items: 0 }
    const { outcome } = this.consume(rest.bytes)
    const message = `${rest.dropped} rejected for an id of a wrong length; the first: ${why.message}`
    const answer = (of: Outcome): Outcome =>
      of.kind === 'accepted' ? { kind: 'partial', rejected: rest.dropped, message } : of
    return {
      outcome: outcome instanceof Promise ? outcome.then(answer) : answer(outcome),
      items: rest.kept + rest.dropped,
    }
  }

  private read(body: Buffer): number {
    if (this.options.signal === 'metrics') {
      this.metricItems.attach(body)
      return countDataPoints(body)
    }
    this.items.load(body, this.options.signal)
    return this.items.count
  }

  /** A processor that fails is a bug of ours; the telemetry is not ours to lose for it, so the batch goes on. */
  private process(batch: Batch): void {
    const processors = this.options.processors
    for (let p = 0; p < processors.length; p++) {
      const { id, processor } = processors[p] as NamedProcessor
      try {
        processor.process(batch)
      } catch (error) {
        this.faults[p]?.add(1)
        this.options.log.error(`processor ${id} failed; the batch went on without it`, { error: String(error) })
      }
    }
  }

  private enforce(verdicts: readonly Verdict[]): void {
    for (const verdict of verdicts) {
      for (const exporter of this.options.enforcers) {
        try {
          exporter.enforce?.(verdict)
        } catch (error) {
          this.options.log.error('a verdict could not be enforced', { error: String(error), reason: verdict.reason })
        }
      }
    }
  }

  private append(accepted: Accepted): Outcome | Promise<Outcome> {
    const safe = this.options.sink.append(accepted)
    if (safe === undefined) return ACCEPTED
    if (safe === 'full') {
      accepted.notTaken?.()
      return FULL
    }
    return safe.then(
      () => ACCEPTED,
      (error: unknown) => ({ kind: 'refused', message: `could not be stored: ${String(error)}` }),
    )
  }
}
