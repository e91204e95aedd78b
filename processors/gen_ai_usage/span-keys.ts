const START_LOW = 0x1747b28c
const START_HIGH = 0x3c6ef372

/** The key that was worked out last: two words, so that nothing is allocated. */
export let keyLow = 0
export let keyHigh = 0

let traceLow = 0
let traceHigh = 0
let t0 = 0
let t1 = 0
let t2 = 0
let t3 = 0

/** Takes the trace of the spans that come next. They mostly come together, so the last one is kept. */
export function useTrace(view: DataView, at: number): void {
  useTraceWords(
    view.getInt32(at, true),
    view.getInt32(at + 4, true),
    view.getInt32(at + 8, true),
    view.getInt32(at + 12, true),
  )
}

/** The same of a trace id in four words. */
export function useTraceWords(w0: number, w1: number, w2: number, w3: number): void {
  if (w0 === t0 && w1 === t1 && w2 === t2 && w3 === t3) return
  t0 = w0
  t1 = w1
  t2 = w2
  t3 = w3
  start()
  mix(w0)
  mix(w1)
  mix(w2)
  mix(w3)
  traceLow = keyLow
  traceHigh = keyHigh
}

/** The key of a span of that trace. All 24 bytes count: ids made by hand differ in a bit or two only. */
export function spanKey(view: DataView, at: number): void {
  spanKeyOfWords(view.getInt32(at, true), view.getInt32(at + 4, true))
}

/** The same of a span id in two words. */
export function spanKeyOfWords(w0: number, w1: number): void {
  keyLow = traceLow
  keyHigh = traceHigh
  mix(w0)
  mix(w1)
  finish()
}

let viewed: Uint8Array | undefined
let words: DataView = new DataView(new ArrayBuffer(0))

/** The bytes that keys are mostly made from, and a view of the same: words are read from that. */
export function useBytes(bytes: Uint8Array, view: DataView): void {
  viewed = bytes
  words = view
  mixedFrom = -1
}

// What the bytes mixed last came to, before their length: one response id is asked for with several numbers.
let mixedFrom = -1
let mixedLength = 0
let mixedLow = 0
let mixedHigh = 0

/** Leaves the mix of exact bytes in `mixedLow` and `mixedHigh`. Worked out on locals: this is most of what keys cost. */
function mixBytes(b: Uint8Array, from: number, length: number): void {
  if (b === viewed && from === mixedFrom && length === mixedLength) return
  let low = START_LOW
  let high = START_HIGH
  const end = from + length
  const inWords = b === viewed
  for (let at = from; at < end; at += 4) {
    let word = 0
    if (inWords && at + 4 <= end) word = words.getInt32(at, true)
    else if (at + 4 <= end) {
      word =
        (b[at] as number) | ((b[at + 1] as number) << 8) | ((b[at + 2] as number) << 16) | ((b[at + 3] as number) << 24)
    } else {
      word = b[at] as number
      at -= 3
    }
    low = Math.imul(low ^ Math.imul(word, 0x4c9e2d51), 0x1b873593)
    low ^= low >>> 15
    high = Math.imul(high ^ Math.imul(word, 0x05ebca6b), 0x42b2ae35)
    high ^= high >>> 13
  }
  mixedFrom = inWords ? from : -1
  mixedLength = length
  mixedLow = low
  mixedHigh = high
}

/** The key of exact bytes, with up to two numbers. */
export function bytesKey(b: Uint8Array, from: number, length: number, one: number, two: number): void {
  mixBytes(b, from, length)
  keyLow = mixedLow
  keyHigh = mixedHigh
  mix(length)
  mix(one)
  mix(two)
  finish()
}

function start(): void {
  keyLow = START_LOW
  keyHigh = START_HIGH
}

function mix(w: number): void {
  keyLow = Math.imul(keyLow ^ Math.imul(w, 0x4c9e2d51), 0x1b873593)
  keyLow ^= keyLow >>> 15
  keyHigh = Math.imul(keyHigh ^ Math.imul(w, 0x05ebca6b), 0x42b2ae35)
  keyHigh ^= keyHigh >>> 13
}

function finish(): void {
  keyLow = Math.imul(keyLow ^ (keyLow >>> 16), 0x45ebca6b)
  // Never 0, so that a key can be kept where 0 means nothing.
  keyLow = (keyLow ^ (keyLow >>> 13)) | 1
  keyHigh = Math.imul(keyHigh ^ (keyHigh >>> 15), 0x4c9e2d51)
  keyHigh ^= keyHigh >>> 16
}

/** The key of the trace in use. */
export const traceKey = (): number => traceLow
/** Another 32 bits of it. */
export const traceKeyHigh = (): number => traceHigh

/** The key of the trace at a place in any bytes; it is in use from then on. */
export function traceKeyOf(b: Uint8Array, at: number): number {
  useTrace(b === viewed ? words : new DataView(b.buffer, b.byteOffset, b.length), at)
  return traceLow
}

/** The key of a span of the trace in use, with a number of its own. */
export function spanKeyWith(view: DataView, at: number, one: number): void {
  keyLow = traceLow
  keyHigh = traceHigh
  mix(view.getInt32(at, true))
  mix(view.getInt32(at + 4, true))
  mix(one)
  finish()
}
