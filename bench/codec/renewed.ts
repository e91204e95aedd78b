import type { ItemBatch } from '../../otlp/batch.ts'

const NANOS_PER_MS = 1_000_000
/** From one request to the next, as an agent's own time goes by. */
const TURN_MS = 2_000

interface Places {
  readonly request: Buffer
  /** Ids of the spans and of their parents. */
  readonly spans: readonly number[]
  readonly answers: readonly number[]
  /** Start and end times, each as its offset and the nanoseconds that it lies behind the request's first. */
  readonly times: readonly (readonly [at: number, behind: number])[]
  /** Texts of tool arguments and results. */
  readonly contents: readonly number[]
}

/**
 * Hands out the same requests over and over as traffic that has not been seen: every use gets span and response ids,
 * times, tool arguments and results of its own. Without that the second round would be all duplicates, and the third
 * would be a hundred loops.
 */
export function renewed(requests: readonly Buffer[], items: ItemBatch): () => Buffer {
  const began = Date.now() - 3_600_000
  const places = requests.map((request) => placesIn(request, items))
  let turn = 0
  return () => {
    const { request, spans, answers, times, contents } = places[turn++ % places.length] as Places
    for (const at of spans) request.writeUInt32LE(turn, at)
    for (const at of answers) letters(request, at, turn)
    for (const [i, at] of contents.entries()) letters(request, at, Math.imul(turn, 2_654_435_761) ^ i)
    const base = (began + turn * TURN_MS) * NANOS_PER_MS
    for (const [at, behind] of times) {
      const nanos = base + behind
      request.writeUInt32LE((nanos % 4_294_967_296) >>> 0, at)
      request.writeUInt32LE(Math.floor(nanos / 4_294_967_296), at + 4)
    }
    return request
  }
}

function letters(request: Buffer, at: number, n: number): void {
  for (let i = 0; i < 6; i++) request[at + i] = 97 + ((n >>> (i * 4)) & 15)
}

function placesIn(request: Buffer, items: ItemBatch): Places {
  items.load(request, 'traces')
  const { index, count } = items
  const [response = -1, ...content] = [
    'gen_ai.response.id',
    'gen_ai.tool.call.arguments',
    'gen_ai.tool.call.result',
  ].map((name) => items.keys.idOf(name))
  const spans: number[] = []
  const answers: number[] = []
  const contents: number[] = []
  const times: [number, number][] = []
  const first = items.startMsOf(0)
  for (let i = 0; i < count; i++) {
    spans.push(index.itemSpan[i] as number, index.itemParent[i] as number)
    times.push([index.itemStart[i] as number, (items.startMsOf(i) - first) * NANOS_PER_MS])
    times.push([index.itemFinish[i] as number, (items.endMsOf(i) - first) * NANOS_PER_MS])
    const answer = items.find(i, response)
    if (answer >= 0) answers.push((index.hitAt[answer] as number) + 10)
    for (const key of content) {
      const hit = items.find(i, key)
      if (hit >= 0) contents.push((index.hitAt[hit] as number) + 2)
    }
  }
  return { request, spans, answers, times, contents }
}
