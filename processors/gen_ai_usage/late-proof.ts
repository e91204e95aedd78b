import type { Call } from '../../genai/call.ts'
import { FLAG, flagNames } from '../../genai/dialects/flags.ts'
import { detached } from './recent.ts'

/** Calls that one provider of one scope may have been read wrong about, before the proof came. */
const CALLS_MAX = 512

/** Where the calls are whose input was taken to contain their cache, without proof: the last ones, by batch and place. */
export class OpenReadings {
  private readonly serials = new Int32Array(CALLS_MAX)
  private readonly places = new Int32Array(CALLS_MAX)
  private next = 0

  note(serial: number, place: number): void {
    const at = this.next++ % CALLS_MAX
    this.serials[at] = serial
    this.places[at] = place
  }

  /** All of them, oldest first; none is left. */
  take(): { readonly serial: number; readonly place: number }[] {
    const count = Math.min(this.next, CALLS_MAX)
    const found = Array.from({ length: count }, (_, i) => {
      const at = (this.next - count + i) % CALLS_MAX
      return { serial: this.serials[at] as number, place: this.places[at] as number }
    })
    this.next = 0
    return found
  }
}

/**
 * The call as it must be read now that its scope has proven to leave the cache out of its input. It goes out beside a
 * correction that takes the first reading back, under a key of its own, and is priced anew.
 */
export function readAgain(call: Call): Call {
  const again = detached(call)
  const { usage } = call
  const cached =
    (usage.cacheRead ?? 0) +
    (usage.cacheWrite ?? 0) +
    (usage.cacheWrite5m ?? 0) +
    (usage.cacheWrite1h ?? 0) +
    (usage.other?.cache_read_audio ?? 0) +
    (usage.other?.cache_read_image ?? 0)
  again.usage = { ...usage, input: (usage.input ?? 0) + cached }
  again.correctionOf = call.key
  again.responseId = `${call.responseId ?? call.spanId}~repriced`
  again.bill = 'billed'
  again.flags = [...call.flags, ...flagNames(FLAG.repriced)]
  return again
}
