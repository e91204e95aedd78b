import type { Call } from '../genai/call.ts'
import type { Verdict } from '../genai/verdict.ts'
import type { KeyTable } from '../otlp/keys.ts'
import type { Batch } from './batch.ts'
import type { ObjectSpec } from './config/spec.ts'
import type { Host } from './host.ts'

/** The three kinds of telemetry that OTLP carries. */
export type Signal = 'traces' | 'logs' | 'metrics'
export const SIGNALS: readonly Signal[] = ['traces', 'logs', 'metrics']

/**
 * Everything with a life: `start` rejecting stops the program; `shutdown` is safe before `start` and safe twice, and
 * after it returned everything that was accepted is delivered or on disk.
 */
export interface Component {
  start(): Promise<void>
  shutdown(): Promise<void>
}

/** How a receiver must answer its sender. */
export type Outcome =
  | { readonly kind: 'accepted' }
  /** Bad bytes: the sender must not try again. */
  | { readonly kind: 'invalid'; readonly message: string }
  /** We are full or shutting down: the sender should try again, after `retryAfterMs` when given. */
  | { readonly kind: 'refused'; readonly message: string; readonly retryAfterMs?: number | undefined }
  /** The good rest was kept. */
  | { readonly kind: 'partial'; readonly rejected: number; readonly message: string }

/** What a receiver hands its payloads to: all pipelines of one signal that name it. */
export interface Consumer {
  /**
   * Early refusal, before a body is read or decompressed. `bytes` is what the sender announced, 0 when unknown.
   * Undefined means: go on.
   */
  admit(bytes: number): Extract<Outcome, { kind: 'refused' }> | undefined
  /**
   * Takes one Export*ServiceRequest in protobuf. Returns at once when the batch is safe (see `service.queue.ack`), else a
   * promise of it. `transport` (`grpc`, `http`, `proxy`) only labels the counters of accepted and refused items, which the
   * engine keeps, since it is what counts items. The buffer must not be changed afterwards unless it is `borrowed`: then
   * it may be as soon as this returns, whatever the promise does.
   */
  consume(body: Buffer, transport: string, borrowed?: boolean): Outcome | Promise<Outcome>
}

/** Consumers by signal; a signal that no pipeline takes from this receiver is absent. */
export type Consumers = Readonly<Partial<Record<Signal, Consumer>>>

export type Receiver = Component

/**
 * A call that a processor holds back because something better may come, or that it must remember to understand the next
 * one.
 */
export interface HeldCall {
  /** Tells it from the others that the same processor holds. */
  readonly id: string
  /** Stands outside of any batch. */
  readonly call: Call
  /** When it is let go, or was met; milliseconds since the epoch. */
  readonly dueMs: number
  /** What its processor must know besides; nobody else reads it. */
  readonly note: string
  /**
   * It holds only together with the batch that it came with: when that was not stored it comes again, and must then be
   * new. Otherwise it holds in any case, and what comes again must be known for a duplicate.
   */
  readonly onlyStored?: boolean
}

/** What a processor holds since it was asked last, and the ids of what it no longer does. */
export interface HeldChanges {
  readonly held: readonly HeldCall[]
  readonly done: readonly string[]
}

/**
 * Works on one batch at a time, synchronously and to its end, so that a cap is exact. Never calls the next one, never
 * does I/O, never throws on bad data: it flags and counts.
 */
export interface Processor extends Component {
  /** Attribute keys it reads: exact names, or a prefix ending in `*`. The scanner recognises only what somebody wants. */
  readonly wants?: readonly string[]
  /** Called once, before the first batch, with the table that gives every wanted key its number. */
  bind?(keys: KeyTable): void
  /** Asked before a body is even read; only the first refusal counts. */
  admit?(bytes: number): Extract<Outcome, { kind: 'refused' }> | undefined
  process(batch: Batch): void
  /**
   * The batch that it has just worked on was not taken: the queue is full, or could not be written. Its sender was told to
   * come again, and must then be met as if for the first time; what the batch had beside its items goes with the next one.
   */
  undo?(batch: Batch): void
  /**
   * When it wants to be run although no batch comes, because it holds something back; undefined: it holds nothing. The
   * engine then runs the whole pipeline over a batch without items, and what it adds to the calls of that goes the way of
   * all calls.
   */
  dueMs?(): number | undefined
  /** Nothing comes any more: with the next batch, which has no items, everything that is held back must go. */
  release?(): void
  /**
   * Asked after every batch, once all processors are through with it: the engine writes what is held back beside the
   * batch, before the sender is answered. Undefined: nothing has changed.
   */
  heldChanges?(): HeldChanges | undefined
  /** Called once, after `bind` and before the first batch, with what an earlier run held when it was killed. */
  recall?(held: readonly HeldCall[]): void
}

/** What an exporter is given: one or several accepted batches of one signal, merged. */
export interface Delivery {
  readonly signal: Signal
  /**
   * Export*ServiceRequest in protobuf, our attributes spliced in. Shared: never change it, and copy what is to be kept
   * after `export` is over, for the memory is used again.
   */
  readonly bytes: Buffer
  /** Spans, log records or metric data points. */
  readonly items: number
  readonly calls: readonly Call[]
  readonly verdicts: readonly Verdict[]
  /** The same bytes compressed, computed once however many exporters ask. */
  compressed(encoding: 'gzip' | 'zstd', level: number): Promise<Buffer>
}

export type ExportResult =
  | {
      readonly kind: 'ok' /** Items the far end said it rejected (OTLP partial success). */
      readonly rejected?: number
      readonly message?: string
    }
  /** Try again later; `afterMs` when the far end named a time. */
  | { readonly kind: 'retry'; readonly reason: string; readonly afterMs?: number | undefined }
  /** Trying again is useless. The queue splits a merged delivery to find the culprit and dead-letters only that. */
  | { readonly kind: 'rejected'; readonly reason: string }

/** Makes exactly one attempt per call; queueing, merging, retrying and dead-lettering are the queue's work. */
export interface Exporter extends Component {
  /** `bytes`: it never looks at calls and verdicts, so the queue need not write them for its sake. */
  readonly reads?: 'bytes' | 'everything'
  export(delivery: Delivery): Promise<ExportResult>
  /** Verdicts take this way, synchronously, before anything is queued. Only enforcers have it. */
  enforce?(verdict: Verdict): void
}

export type Extension = Component

export type ComponentKind = 'receiver' | 'processor' | 'exporter' | 'extension'
export type Stability = 'development' | 'alpha' | 'beta' | 'stable'

/** A metric that a component exposes on the sidecar's own telemetry; checked against what it really registers. */
export interface MetricDeclaration {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly unit?: string
  readonly description: string
  readonly labels?: readonly string[]
}

interface FactoryBase<C> {
  /** `lower_snake_case`; the part before the slash of a component id. */
  readonly type: string
  /** Other names that the collector's users know it by. */
  readonly aliases?: readonly string[]
  readonly stability: Stability
  /** One sentence for `components`, docs and the README table. */
  readonly summary: string
  /** Types, defaults, docs, JSON schema and examples in one value. */
  readonly config: ObjectSpec<C>
  readonly metrics?: readonly MetricDeclaration[]
}

export interface ReceiverFactory<C> extends FactoryBase<C> {
  readonly kind: 'receiver'
  create(config: C, host: Host, next: Consumers): Receiver
}
export interface ProcessorFactory<C> extends FactoryBase<C> {
  readonly kind: 'processor'
  /** Signals it may stand in a pipeline of. */
  readonly signals: readonly Signal[]
  create(config: C, host: Host): Processor
}
export interface ExporterFactory<C> extends FactoryBase<C> {
  readonly kind: 'exporter'
  readonly signals: readonly Signal[]
  create(config: C, host: Host): Exporter
}
export interface ExtensionFactory<C> extends FactoryBase<C> {
  readonly kind: 'extension'
  create(config: C, host: Host): Extension
}
export type Factory<C> = ReceiverFactory<C> | ProcessorFactory<C> | ExporterFactory<C> | ExtensionFactory<C>
/** A factory whose config type is no longer known; what `cmd/components.ts` lists. */
export type AnyFactory = Factory<unknown>
