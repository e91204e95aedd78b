import { callInWords } from '../../genai/call-in-words.ts'
import { protoToJson } from '../../otlp/json/index.ts'
import type { Delivery, Exporter, ExportResult } from '../../pipeline/component.ts'
import type { Host } from '../../pipeline/host.ts'
import type { Config } from './config.ts'
import { costLines, summary, verdictInWords } from './words.ts'

/** Never fails, keeps nothing. */
export class DebugExporter implements Exporter {
  private readonly config: Config
  private readonly host: Host
  private readonly write: (text: string) => void
  private second = -1
  private inSecond = 0

  constructor(config: Config, host: Host, write: (text: string) => void) {
    this.config = config
    this.host = host
    this.write = write
  }

  async start(): Promise<void> {}
  async shutdown(): Promise<void> {}

  async export(delivery: Delivery): Promise<ExportResult> {
    if (this.sampled()) this.write(`${this.lines(delivery).join('\n')}\n`)
    return { kind: 'ok' }
  }

  private sampled(): boolean {
    const { sampling_initial: initial, sampling_thereafter: thereafter } = this.config
    const second = Math.floor(this.host.clock.monotonic() / 1000)
    this.inSecond = second === this.second ? this.inSecond + 1 : 1
    this.second = second
    return this.inSecond <= initial || (this.inSecond - initial) % thereafter === 0
  }

  private lines(delivery: Delivery): string[] {
    const { verbosity } = this.config
    const lines = [`${this.host.id}: ${summary(delivery)}`]
    if (verbosity === 'basic') return lines
    for (const call of delivery.calls) {
      lines.push(`  ${callInWords(call)}`)
      if (verbosity === 'detailed') lines.push(...costLines(call).map((line) => `      ${line}`))
    }
    for (const verdict of delivery.verdicts) lines.push(`  ${verdictInWords(verdict)}`)
    if (verbosity === 'detailed') lines.push(`  ${json(delivery)}`)
    return lines
  }
}

function json({ signal, bytes }: Delivery): string {
  try {
    return protoToJson(signal, bytes)
  } catch (error) {
    return `(not readable as OTLP: ${String(error)})`
  }
}
