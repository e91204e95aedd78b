import { jsonToProto, protoToJson } from '../../otlp/json/index.ts'
import { decodeRequest } from '../../test/support/oracle.ts'
import { compare, table } from '../support/measure.ts'
import { chatPayload, jsonPayload } from './payload.ts'

const BODIES = 8
const bodies = (make: (seed: number) => Buffer): readonly Buffer[] =>
  Array.from({ length: BODIES }, (_, i) => make(i + 1))

const CASES: readonly [string, number, readonly Buffer[]][] = [
  ['mixed, 512 spans', 512, bodies((seed) => jsonPayload(512, 'mixed', seed))],
  ['mixed, 3 spans', 3, bodies((seed) => jsonPayload(3, 'mixed', seed))],
  ['no model calls, 512 spans', 512, bodies((seed) => jsonPayload(512, 'plain', seed))],
  ['long texts, 64 spans', 64, bodies((seed) => jsonPayload(64, 'content', seed))],
  ['long chats with escapes, 64 spans', 64, bodies((seed) => chatPayload(64, seed))],
  ['mixed, indented, 512 spans', 512, bodies((seed) => jsonPayload(512, 'mixed', seed, '  '))],
]

/** One body after the other, so that nothing is learned by heart. */
const each = <T>(inputs: readonly T[], work: (input: T) => unknown): (() => void) => {
  let i = 0
  return () => {
    work(inputs[i++ % BODIES] as T)
  }
}

const rows = CASES.map(([name, spans, json]) => {
  const [ours, theirs] = compare([
    { name: 'jsonToProto', batch: spans, run: each(json, (body) => jsonToProto('traces', body)) },
    {
      name: 'parse and stringify',
      batch: spans,
      run: each(json, (body) => JSON.stringify(JSON.parse(body.toString()))),
    },
  ])
  const size = json.reduce((sum, body) => sum + body.length, 0) / BODIES / spans
  const ns = ours?.ns ?? Number.NaN
  return [
    name,
    size.toFixed(0),
    ns.toFixed(0),
    (theirs?.ns ?? Number.NaN).toFixed(0),
    `${((size / ns) * 1000).toFixed(0)}`,
    `${theirs?.ratio.toFixed(1)} x`,
  ]
})
process.stdout.write(table([['JSON to protobuf', 'B/span', 'ns/span', 'parse+stringify', 'MB/s', 'ratio'], ...rows]))

const back = CASES.slice(0, 4).map(([name, spans, json]) => {
  const proto = json.map((body) => jsonToProto('traces', body))
  const [ours, theirs] = compare([
    { name: 'protoToJson', batch: spans, run: each(proto, (bytes) => protoToJson('traces', bytes)) },
    {
      name: 'protobufjs and stringify',
      batch: spans,
      run: each(proto, (bytes) => JSON.stringify(decodeRequest('traces', bytes))),
    },
  ])
  return [
    name,
    (ours?.ns ?? Number.NaN).toFixed(0),
    (theirs?.ns ?? Number.NaN).toFixed(0),
    `${theirs?.ratio.toFixed(1)} x`,
  ]
})
process.stdout.write(`\n${table([['protobuf to JSON', 'ns/span', 'protobufjs+stringify', 'ratio'], ...back])}`)
