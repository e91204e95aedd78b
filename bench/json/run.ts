import { jsonToProto } from '../../otlp/json/json-to-proto.ts'
import type { Mix } from '../payloads.ts'
import { jsonPayload } from './payload.ts'

/** CPU time of one call in microseconds: the median of several rounds, over different bodies of the same make. */
function cpuTime(bodies: readonly Buffer[], work: (body: Buffer) => unknown): number {
  const round = (): number => {
    const calls = Math.max(bodies.length, Math.ceil(3_000_000 / (bodies[0]?.length ?? 1)))
    const before = process.cpuUsage()
    for (let i = 0; i < calls; i++) work(bodies[i % bodies.length] as Buffer)
    const { user, system } = process.cpuUsage(before)
    return (user + system) / calls
  }
  for (let i = 0; i < 10; i++) round()
  const times = Array.from({ length: 15 }, round).sort((a, b) => a - b)
  return times[7] as number
}

const CASES: readonly [string, number, Mix][] = [
  ['mixed, 512 spans', 512, 'mixed'],
  ['long texts, 64 spans', 64, 'content'],
  ['no model calls, 512 spans', 512, 'plain'],
  ['mixed, 3 spans', 3, 'mixed'],
]

console.log('case                        KB  parse+stringify us  jsonToProto us  ratio  MB/s')
for (const [name, spans, mix] of CASES) {
  const bodies = Array.from({ length: 8 }, (_, seed) => jsonPayload(spans, mix, seed + 1))
  const size = bodies[0]?.length ?? 0
  const slow = cpuTime(bodies, (body) => JSON.stringify(JSON.parse(body.toString())))
  const fast = cpuTime(bodies, (body) => jsonToProto('traces', body))
  const cells = [(size / 1024).toFixed(1).padStart(6), slow.toFixed(1).padStart(18), fast.toFixed(1).padStart(14)]
  console.log(
    `${name.padEnd(26)}${cells.join('  ')}  ${(slow / fast).toFixed(1).padStart(5)}  ${(size / fast).toFixed(0).padStart(4)}`,
  )
}
