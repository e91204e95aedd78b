import { existsSync } from 'node:fs'
import { access, constants, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Delivery, Exporter, ExportResult } from '../../pipeline/component.ts'
import type { Host } from '../../pipeline/host.ts'
import type { MetricChild } from '../../pipeline/telemetry/metrics.ts'
import type { Config } from './config.ts'
import type { JanitorOptions, JanitorReport } from './janitor.ts'
import { registerMetrics, type WarehouseMetrics } from './metrics.ts'
import { rowOf, verdictRow } from './rows.ts'
import type { OpenOptions } from './schema.ts'
import { type JanitorPass, threads, type Workers, type WriterPort } from './threads.ts'

const MIB = 1024 * 1024
const HOUR_MS = 3_600_000
/** A restart must not begin with work that can wait. */
const FIRST_PASS_MS = 60_000
/** A pass for size that could not help is not begun again with every delivery. */
const PRESSURE_PAUSE_MS = 10_000
const OK: ExportResult = { kind: 'ok' }

/** Files every call as a row. All work on the database is done elsewhere; see threads.ts. */
export class WarehouseExporter implements Exporter {
  private readonly config: Config
  private readonly host: Host
  private readonly directory: string
  private readonly open: OpenOptions
  private readonly maxBytes: number
  private readonly workers: Workers
  private readonly writer: WriterPort
  private readonly metrics: WarehouseMetrics
  private cancelPass: (() => void) | undefined
  private pass: JanitorPass | undefined
  private pressureFromMs = 0
  private isStopped = false

  constructor(config: Config, host: Host, workers: Workers = threads) {
    this.config = config
    this.host = host
    this.directory = config.directory ?? join(host.dataDir, host.id.replaceAll('/', '_'))
    this.maxBytes = config.max_size_mib * MIB
    this.open = {
      file: join(this.directory, 'warehouse.sqlite'),
      synchronous: config.synchronous,
      busyTimeoutMs: config.busy_timeout,
      storeId: Math.floor(host.random() * 2 ** 32)
        .toString(16)
        .padStart(8, '0'),
    }
    this.workers = workers
    this.writer = workers.writer({ open: this.open, maxBytes: this.maxBytes })
    this.metrics = registerMetrics(host)
  }

  async start(): Promise<void> {
    try {
      // Who spends what on what is nobody else's business.
      await mkdir(this.directory, { recursive: true, mode: 0o700 })
      await access(this.directory, constants.W_OK)
    } catch (error) {
      throw new Error(`cannot write to ${this.directory}: ${error instanceof Error ? error.message : String(error)}`)
    }
    if (existsSync(this.open.file)) this.schedule(FIRST_PASS_MS)
    else this.schedule(this.untilNextHour())
  }

  async shutdown(): Promise<void> {
    if (this.isStopped) return
    this.isStopped = true
    this.cancelPass?.()
    await this.pass?.stop()
    await this.writer.close()
  }

  async export({ calls, verdicts }: Delivery): Promise<ExportResult> {
    if (calls.length === 0 && verdicts.length === 0) return OK
    if (this.isStopped) return { kind: 'retry', reason: 'the warehouse is shut down' }
    const now = this.host.clock.now()
    const reply = await this.writer.write(
      calls.map((call) => rowOf(call, now)),
      verdicts.map(verdictRow),
    )
    if (reply.setAside !== undefined) {
      this.host.log.error('the warehouse could not be read and was set aside; a new one was begun', {
        file: reply.setAside,
      })
    }
    if (reply.usedBytes > 0) this.metrics.size.set(reply.usedBytes)
    if (reply.usedBytes > this.maxBytes && this.host.clock.monotonic() >= this.pressureFromMs) this.clean()
    if (reply.failure !== undefined) return reply.failure
    this.metrics.rows.add(calls.length)
    return OK
  }

  /** Resolves when a pass that is under way has ended; for those who need to know. */
  async settled(): Promise<void> {
    await this.pass?.done
  }

  private schedule(ms: number): void {
    if (this.isStopped) return
    this.cancelPass = this.host.clock.after(ms, () => {
      // Without a database nothing has arrived yet, and no thread need be started to find that out.
      if (existsSync(this.open.file)) this.clean()
      this.schedule(this.untilNextHour())
    })
  }

  /** Until the next moment at which an hour is over and the delay too. */
  private untilNextHour(): number {
    const since = (this.host.clock.now() - this.config.parquet.seal_delay) % HOUR_MS
    return HOUR_MS - since
  }

  private clean(): void {
    if (this.pass !== undefined || this.isStopped) return
    const pass = this.workers.janitor(this.janitorOptions())
    this.pass = pass
    void pass.done.then((reply) => {
      this.pass = undefined
      const helped = reply.ok && reply.report.usedBytes <= this.maxBytes
      if (!helped) this.pressureFromMs = this.host.clock.monotonic() + PRESSURE_PAUSE_MS
      if (reply.ok) return this.account(reply.report)
      if (this.isStopped) return
      this.metrics.failures.add(1)
      this.host.log.error('sealing and cleaning failed; it is tried again within the hour', { error: reply.reason })
    })
  }

  private account(report: JanitorReport): void {
    const { metrics } = this
    const counts: readonly (readonly [MetricChild, number])[] = [
      [metrics.sealedFiles, report.sealedFiles],
      [metrics.sealedRows, report.sealedRows],
      [metrics.droppedDays, report.droppedDays],
      [metrics.trimmedRows, report.deletedRows],
    ]
    for (const [child, n] of counts) child.add(n)
    metrics.size.set(report.usedBytes)
  }

  private janitorOptions(): JanitorOptions {
    const { retention_days, parquet } = this.config
    return {
      ...this.open,
      nowMs: this.host.clock.now(),
      retentionDays: retention_days,
      maxBytes: this.maxBytes,
      parquet: parquet.enabled
        ? {
            directory: parquet.directory ?? join(this.directory, 'parquet'),
            compression: parquet.compression,
            sealDelayMs: parquet.seal_delay,
            retentionDays: parquet.retention_days,
          }
        : undefined,
    }
  }
}
