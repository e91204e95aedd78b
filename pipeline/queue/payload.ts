import type { Call } from '../../genai/call.ts'
import type { Verdict } from '../../genai/verdict.ts'
import type { Delivery, Signal } from '../component.ts'
import { type Arena, type Slab, spanning } from './arena.ts'
import { compress, type Encoding } from './compress.ts'
import type { LogRecord } from './log-record.ts'

interface PayloadParts {
  readonly signal: Signal
  readonly bytes: Buffer
  readonly items: number
  readonly calls: () => readonly Call[]
  readonly verdicts: () => readonly Verdict[]
}

/** What an exporter is given. Calls are put together only when it asks for them. */
export class Payload implements Delivery {
  readonly signal: Signal
  readonly bytes: Buffer
  readonly items: number
  /** An attempt to send it failed, perhaps half-way: something outside may still read the bytes. */
  unsure = false
  private readonly parts: PayloadParts
  private readonly encodings = new Map<string, Promise<Buffer>>()
  private allCalls: readonly Call[] | undefined
  private allVerdicts: readonly Verdict[] | undefined

  constructor(parts: PayloadParts) {
    this.signal = parts.signal
    this.bytes = parts.bytes
    this.items = parts.items
    this.parts = parts
  }

  get calls(): readonly Call[] {
    this.allCalls ??= this.parts.calls()
    return this.allCalls
  }
  get verdicts(): readonly Verdict[] {
    this.allVerdicts ??= this.parts.verdicts()
    return this.allVerdicts
  }

  compressed(encoding: Encoding, level: number): Promise<Buffer> {
    const key = `${encoding}${level}`
    let result = this.encodings.get(key)
    if (result === undefined) {
      result = compress(this.bytes, encoding, level)
      this.encodings.set(key, result)
    }
    return result
  }
}

/** A payload and the records in it, as views of its bytes. */
export interface Merged {
  readonly payload: Payload
  readonly records: readonly LogRecord[]
  /** Shared memory that the payload is in. */
  readonly slab: Slab | undefined
}

/** Requests in protobuf merge by concatenation: their fields are repeated ones. */
export function merge(signal: Signal, parts: readonly LogRecord[]): Merged {
  const [only] = parts
  if (only !== undefined && parts.length === 1)
    return { payload: payloadOf(signal, only.bytes, parts), records: parts, slab: only.slab }
  const span = spanning(parts)
  if (span !== undefined) return { payload: payloadOf(signal, span, parts), records: parts, slab: only?.slab }
  const bytes = Buffer.concat(parts.map((record) => record.bytes))
  let at = 0
  const records = parts.map((record) => {
    const from = at
    at += record.bytes.length
    return record.movedTo(bytes.subarray(from, at))
  })
  return { payload: payloadOf(signal, bytes, records), records, slab: undefined }
}

const payloadOf = (signal: Signal, bytes: Buffer, records: readonly LogRecord[]): Payload =>
  new Payload({
    signal,
    bytes,
    items: records.reduce((sum, record) => sum + record.items, 0),
    calls: () => records.flatMap((record) => record.calls),
    verdicts: () => records.flatMap((record) => record.verdicts),
  })

/** Payloads under way, so that exporters that are sent the same records share one merge and one compression. */
export class SharedPayloads {
  private readonly signal: Signal
  private readonly arena: Arena
  private readonly held = new Map<string, { readonly merged: Merged; users: number }>()

  constructor(signal: Signal, arena: Arena) {
    this.signal = signal
    this.arena = arena
  }

  /** Whoever takes one gives it back with `release`. */
  take(records: readonly LogRecord[]): Merged {
    const key = keyOf(records)
    const known = this.held.get(key)
    if (known !== undefined) {
      known.users++
      return known.merged
    }
    const merged = merge(this.signal, records)
    this.held.set(key, { merged, users: 1 })
    if (merged.slab !== undefined) merged.slab.users++
    return merged
  }

  release({ records }: Merged): void {
    const key = keyOf(records)
    const known = this.held.get(key)
    if (known === undefined || --known.users > 0) return
    this.held.delete(key)
    const { payload, slab } = known.merged
    if (slab === undefined) return
    slab.tainted ||= payload.unsure
    this.arena.release(slab)
  }
}

/** Records between two sequence numbers are always the same ones. */
const keyOf = (records: readonly LogRecord[]): string => `${records[0]?.seq}-${records.at(-1)?.seq}`
