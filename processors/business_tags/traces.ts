import { attributeKey, encodedFields, encodedString } from '../../otlp/attributes.ts'
import { ATTRIBUTE } from './sources.ts'

const SLOTS = 256
const HEX = Buffer.from('0123456789abcdef')

/** A run that is a trace: its id as text, and the attribute that says so, ready to be added. */
export interface TraceRun {
  readonly text: string
  readonly fields: Uint8Array
  readonly w0: number
  readonly w1: number
  readonly w2: number
  readonly w3: number
}

/** The runs of the last traces. Fixed in size: a slot keeps the last trace that fell into it. */
export class TraceRuns {
  private readonly kept: (TraceRun | undefined)[] = new Array<TraceRun | undefined>(SLOTS).fill(undefined)
  private readonly signal: 'traces' | 'logs'

  constructor(signal: 'traces' | 'logs') {
    this.signal = signal
  }

  /** @param at where the 16 bytes of the trace id stand */
  get(view: DataView, at: number): TraceRun {
    const w0 = view.getInt32(at, true)
    const w1 = view.getInt32(at + 4, true)
    const w2 = view.getInt32(at + 8, true)
    const w3 = view.getInt32(at + 12, true)
    const slot = (Math.imul(w0 ^ w3, 0x4c9e2d51) ^ Math.imul(w1 ^ w2, 0x1b873593)) >>> 24
    const run = this.kept[slot]
    if (run !== undefined && run.w0 === w0 && run.w1 === w1 && run.w2 === w2 && run.w3 === w3) return run
    const text = hexOf(view, at)
    const fields = encodedFields(this.signal, [encodedString(RUN.name, text)])
    const made = { text, fields, w0, w1, w2, w3 }
    this.kept[slot] = made
    return made
  }
}

const RUN = attributeKey(ATTRIBUTE.run)
const hexBuffer = Buffer.alloc(32)

function hexOf(view: DataView, at: number): string {
  for (let i = 0; i < 16; i++) {
    const byte = view.getUint8(at + i)
    hexBuffer[i * 2] = HEX[byte >>> 4] as number
    hexBuffer[i * 2 + 1] = HEX[byte & 15] as number
  }
  return hexBuffer.toString('latin1')
}
