import { existsSync, readFileSync } from 'node:fs'
import { decodeRequest, encodeRequest } from '../../support/oracle.ts'
import { type Envelope, type Forwarded, pause, SIGNALS, type Signal } from './context.ts'
import { fromOtlpJson } from './samples.ts'

const ENVELOPES: Readonly<Record<Signal, string>> = {
  traces: 'resourceSpans',
  logs: 'resourceLogs',
  metrics: 'resourceMetrics',
}

/** A request as it arrived behind the target. */
interface Arrival {
  readonly signal: Signal
  readonly bytes: Buffer
  /** Whether these are the very bytes that arrived. */
  readonly original: boolean
}

/** Looks through requests that arrive one after the other. */
export class Arrivals implements Forwarded {
  protected readonly list: Arrival[] = []

  add(signal: Signal, bytes: Buffer, original = true): void {
    this.list.push({ signal, bytes, original })
  }

  /** The same that came as OTLP/JSON, read with the runtime's own parser. */
  addJson(signal: Signal, request: unknown): void {
    this.add(signal, encodeRequest(signal, fromOtlpJson(request) as object), false)
  }

  /** For those that must go and look. */
  protected refresh(): void {}

  async find(signal: Signal, text: string, timeoutMs = 5000): Promise<Envelope | undefined> {
    for (const end = performance.now() + timeoutMs; ; await pause(10)) {
      this.refresh()
      const found = this.look(signal, text)
      if (found !== undefined || performance.now() > end) return found
    }
  }

  private look(signal: Signal, text: string): Envelope | undefined {
    for (const { bytes, original } of this.list.filter((a) => a.signal === signal && a.bytes.includes(text))) {
      const envelopes = decodeRequest(signal, bytes)[ENVELOPES[signal]]
      for (const decoded of Array.isArray(envelopes) ? envelopes : []) {
        if (JSON.stringify(decoded).includes(text)) return { decoded, bytes: original ? bytes : undefined }
      }
    }
    return undefined
  }

  requests(signal: Signal): number {
    this.refresh()
    return this.list.filter((a) => a.signal === signal).length
  }

  count(signal: Signal, pattern: RegExp): number {
    this.refresh()
    const global = new RegExp(pattern.source, 'g')
    const texts = this.list.filter((a) => a.signal === signal).map((a) => a.bytes.toString('latin1'))
    return new Set(texts.flatMap((text) => text.match(global) ?? [])).size
  }
}

/** What a file exporter writes: one OTLP/JSON request per line. */
export class SinkFile extends Arrivals {
  private readonly path: string
  private read = 0

  constructor(path: string) {
    super()
    this.path = path
  }

  protected override refresh(): void {
    if (!existsSync(this.path)) return
    const text = readFileSync(this.path, 'utf8')
    const end = text.lastIndexOf('\n') + 1
    for (const line of text.slice(this.read, end).split('\n')) if (line.trim() !== '') this.addLine(line)
    this.read = Math.max(this.read, end)
  }

  private addLine(line: string): void {
    const request = JSON.parse(line) as Record<string, unknown>
    for (const signal of SIGNALS) if (ENVELOPES[signal] in request) this.addJson(signal, request)
  }
}
