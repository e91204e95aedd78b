import type { Component, Outcome } from './component.ts'
import type { Clock, Logger } from './host.ts'

const INTERVAL_MS = 1000
/** How often, and how long apart, the last run is tried while the queue is full. */
const DRAINS_MAX = 20
const DRAIN_WAIT_MS = 100

/** The part of a pipeline that can be run without a request. */
export interface Tickable {
  tick(nowMs: number): Outcome | Promise<Outcome>
  drain(): Outcome | Promise<Outcome>
}

interface Edges {
  readonly clock: Clock
  readonly log: Logger
}

/**
 * Runs one pipeline when its processors hold something back and nothing comes, and once more at the end. Stands between
 * the receivers, which stop before it, and the processors and queues, which stop after it.
 */
export class Ticker implements Component {
  private readonly pipeline: Tickable
  private readonly edges: Edges
  private cancel: (() => void) | undefined = undefined
  private draining: Promise<void> | undefined = undefined

  constructor(pipeline: Tickable, edges: Edges) {
    this.pipeline = pipeline
    this.edges = edges
  }

  async start(): Promise<void> {
    this.next()
  }

  shutdown(): Promise<void> {
    this.cancel?.()
    this.cancel = undefined
    this.draining ??= this.drain()
    return this.draining
  }

  private next(): void {
    this.cancel = this.edges.clock.after(INTERVAL_MS, () => {
      this.next()
      this.warnOf(this.pipeline.tick(this.edges.clock.now()))
    })
  }

  private async drain(): Promise<void> {
    for (let tries = 0; tries < DRAINS_MAX; tries++) {
      const outcome = await this.pipeline.drain()
      if (outcome.kind === 'accepted') return
      await new Promise<void>((resolve) => void this.edges.clock.after(DRAIN_WAIT_MS, resolve))
    }
    this.edges.log.error(
      'the queue stayed full: what processors held back waits for the next run, or is lost with `ack: memory`',
    )
  }

  /** A full queue is said by whoever fills it; what could not be written is worth a line. */
  private warnOf(outcome: Outcome | Promise<Outcome>): void {
    if (!(outcome instanceof Promise)) return
    void outcome.then((said) => {
      if (said.kind !== 'accepted') this.edges.log.error('what processors held back could not be stored', { ...said })
    })
  }
}
