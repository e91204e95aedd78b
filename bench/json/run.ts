import { jsonToProto } from '../../otlp/json/json-to-proto.ts'
import type { Mix } from '../payloads.ts'
import { jsonPayload } from './payload.ts'

const CASES: readonly [string, number, Mix][] = [
  ['mixed, 512 spans', 512, 'mixed'],
  ['long texts, 64 spans', 64, 'content'],
  ['no model calls, 512 spans', 512, 'plain'],
  ['mixed, 3 spans', 3, 'mixed'],
]
const ROUNDS = 25

type Work = (body: Buffer) => unknown
const parseAndStringify: Work = (body) => JSON.stringify(JSON.parse(body.toString()))
const transcode: Work = (body) => jsonToProto('traces', body)

/** CPU time of one call in microseconds, over a few different bodies of the same make. */
function round(bodies: readonly Buffer[], work: Work): number {
  const calls = Math.ceil(5_000_000 / (bodies[0]?.length ?? 1))
  const before = process.cpuUsage()
  for (let i = 0; i < calls; i++) work(bodies[i % bodies.length] as Buffer)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / calls
}

const best = (times: readonly number[]): number => Math.min(...times)

console.log('case                            KB   parse+stringify us   jsonToProto us   ratio   MB/s')
for (const [name, spans, mix] of CASES) {
  const bodies = Array.from({ length: 8 }, (_, seed) => jsonPayload(spans, mix, seed + 1))
  const slow: number[] = []
  const fast: number[] = []
  // In turns, so that a neighbour on the machine disturbs both; the best round is the one that was disturbed least.
  for (let i = 0; i < ROUNDS; i++) {
    slow.push(round(bodies, parseAndStringify))
    fast.push(round(bodies, transcode))
  }
  const size = bodies[0]?.length ?? 0
  const cells = [
    (size / 1024).toFixed(1).padStart(6),
    best(slow).toFixed(1).padStart(18),
    best(fast).toFixed(1).padStart(14),
  ]
  const ratio = best(slow) / best(fast)
  console.log(
    `${name.padEnd(26)}  ${cells.join('   ')}   ${ratio.toFixed(1).padStart(5)}   ${(size / best(fast)).toFixed(0).padStart(4)}`,
  )
}
