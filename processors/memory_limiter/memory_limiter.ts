import type { Outcome, Processor } from '../../pipeline/component.ts'
import type { Host } from '../../pipeline/host.ts'
import { MEMORY } from '../../pipeline/services.ts'
import type { MetricChild } from '../../pipeline/telemetry/metrics.ts'
import type { Config } from './config.ts'

const MIB = 1024 * 1024

/**
 * Looks at the resident set now and then, and while it is above the soft limit has receivers refuse before they read a
 * body: reading is what costs the memory. Refused senders keep their data and come back.
 */
export class MemoryLimiter implements Processor {
  private readonly settings: Config
  private readonly host: Host
  private readonly refused: MetricChild
  private over = false
  private cancel: () => void = () => {}

  constructor(settings: Config, host: Host) {
    this.settings = settings
    this.host = host
    this.refused = host.metrics
      .counter('otelcol_processor_memory_limiter_refused_requests', 'Requests refused because of memory in use.', [
        'processor',
      ])
      .child(host.id)
  }

  async start(): Promise<void> {
    this.cancel()
    if (this.settings.check_interval > 0) this.check()
  }

  async shutdown(): Promise<void> {
    this.cancel()
    this.over = false
  }

  admit(): Extract<Outcome, { kind: 'refused' }> | undefined {
    if (!this.over) return undefined
    this.refused.add(1)
    return {
      kind: 'refused',
      message: 'memory in use is above the limit; try again',
      retryAfterMs: Math.max(1000, this.settings.check_interval),
    }
  }

  process(): void {}

  private check(): void {
    const memory = this.host.service(MEMORY)
    if (memory === undefined) return
    const used = memory.rss()
    const over = used > softLimit(this.settings, memory.limit)
    if (over !== this.over) {
      this.over = over
      const fields = {
        used_mib: Math.round(used / MIB),
        soft_limit_mib: Math.round(softLimit(this.settings, memory.limit) / MIB),
      }
      if (over) this.host.log.warn('memory in use is above the soft limit; refusing new telemetry', fields)
      else this.host.log.info('memory in use is below the soft limit again', fields)
    }
    this.cancel = this.host.clock.after(this.settings.check_interval, () => this.check())
  }
}

function softLimit(settings: Config, allowed: number): number {
  const hard = settings.limit_mib > 0 ? settings.limit_mib * MIB : (allowed * settings.limit_percentage) / 100
  const configured =
    settings.limit_mib > 0 ? settings.spike_limit_mib * MIB : (allowed * settings.spike_limit_percentage) / 100
  return hard - (configured > 0 ? configured : hard * 0.2)
}
