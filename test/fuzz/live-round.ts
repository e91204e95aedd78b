import assert from 'node:assert/strict'
import { jsonToProto, OtlpJsonError } from '../../otlp/json/index.ts'
import type { Signal } from '../../pipeline/component.ts'
import { oracle } from '../support/oracle.ts'
import { Found, type Round } from './campaign.ts'
import { mutantOf } from './forms.ts'
import { oddJson } from './json-forms.ts'
import type { Expected, Live } from './live.ts'
import { Random } from './random.ts'
import type { Document, Seed } from './seeds.ts'
import type { InProcess } from './target.ts'

/** One input that goes to the process by one of its ports, and through the same pipeline in this process beside it. */
export async function liveRound(
  number: number,
  seeds: readonly Seed[],
  documents: readonly Document[],
  beside: InProcess,
  live: Live,
): Promise<Round> {
  const random = new Random(number)
  const choice = random.next()
  const seed = random.pick(seeds)
  const document = random.pick(documents)
  const json = choice < 0.4
  const signal = json ? document.signal : seed.signal
  const bytes = json ? oddJson(document.json, random) : mutantOf(seed, random.pick(seeds), random)
  try {
    if (choice > 0.9) {
      await live.broken(signal, bytes, random)
      return { kind: 'live', signal, outcome: 'broken on the way' }
    }
    const want = json ? expectedOfJson(signal, bytes, beside) : expected(signal, bytes, beside)
    await live.plain(signal, bytes, json, want, random)
    return { kind: json ? 'live JSON' : 'live', signal, outcome: want.kind }
  } catch (error) {
    throw new Found(number, json ? `${document.name} as JSON` : seed.name, signal, json ? [] : [bytes], error)
  }
}

function expected(signal: Signal, bytes: Buffer, beside: InProcess): Expected {
  const { outcome, accepted } = beside.consume(signal, bytes)
  assert.equal(beside.faults(), 0, 'a processor threw')
  assert.ok(outcome.kind !== 'refused')
  return { kind: outcome.kind, items: accepted?.items ?? 0 }
}

/** What is no JSON is refused; what is accepted is protobuf that an independent decoder reads and every pipeline takes. */
function expectedOfJson(signal: Signal, text: Buffer, beside: InProcess): Expected {
  if (text.length === 0) return { kind: 'accepted', items: 0 }
  let proto: Buffer
  try {
    proto = jsonToProto(signal, text)
  } catch (error) {
    assert.ok(error instanceof OtlpJsonError, `threw ${String(error)}`)
    return { kind: 'invalid', items: 0 }
  }
  assert.doesNotThrow(() => JSON.parse(text.toString().replace(/^\ufeff/, '')), 'accepted what is no JSON')
  assert.doesNotThrow(() => oracle(signal).decode(proto), 'made protobuf that cannot be decoded')
  const want = expected(signal, proto, beside)
  assert.equal(want.kind, 'accepted', 'made protobuf that the pipeline refuses')
  return want
}
