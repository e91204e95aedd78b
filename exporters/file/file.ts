import { protoToJson } from '../../otlp/json/index.ts'
import type { Delivery, Exporter, ExportResult } from '../../pipeline/component.ts'
import type { Host } from '../../pipeline/host.ts'
import { callLine } from './call-line.ts'
import type { Config } from './config.ts'
import { RotatedFile } from './rotated-file.ts'
import { verdictLine } from './verdict-line.ts'

/**
 * Lines are with the operating system before a delivery is called done, so killing the process loses none; it may repeat
 * the last ones.
 */
export class FileExporter implements Exporter {
  readonly reads: 'bytes' | 'everything'
  private readonly config: Config
  private readonly host: Host
  private file: RotatedFile | undefined

  constructor(config: Config, host: Host) {
    this.config = config
    this.host = host
    this.reads = config.format === 'otlp_json' ? 'bytes' : 'everything'
  }

  async start(): Promise<void> {
    const { path, rotation } = this.config
    this.file = RotatedFile.open(path, {
      maxBytes: rotation.max_megabytes * 1e6,
      backups: rotation.max_backups,
      clock: this.host.clock,
    })
  }

  async shutdown(): Promise<void> {
    this.file?.close()
    this.file = undefined
  }

  async export(delivery: Delivery): Promise<ExportResult> {
    if (this.file === undefined) return { kind: 'retry', reason: 'not started' }
    let lines: Uint8Array
    try {
      lines = this.lines(delivery)
    } catch (error) {
      return { kind: 'rejected', reason: `could not be written as JSON: ${String(error)}` }
    }
    try {
      this.file.append(lines)
      return { kind: 'ok' }
    } catch (error) {
      return { kind: 'retry', reason: String(error) }
    }
  }

  private lines({ signal, bytes, calls, verdicts }: Delivery): Uint8Array {
    switch (this.config.format) {
      case 'otlp_json':
        return Buffer.from(`${protoToJson(signal, bytes)}\n`)
      case 'calls':
        return Buffer.from(calls.map((call) => `${JSON.stringify(callLine(call))}\n`).join(''))
      case 'verdicts':
        return Buffer.from(verdicts.map((verdict) => `${JSON.stringify(verdictLine(verdict))}\n`).join(''))
    }
  }
}
