import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Accepted } from '../../pipeline/queue/index.ts'
import { type Running, start } from '../../receivers/otlp/testing/harness.ts'
import { call, EXPORT, frame, openSession } from '../conformance/otlp/client/grpc.ts'
import { send } from '../conformance/otlp/client/http.ts'
import { decodeRequest } from '../support/oracle.ts'
import { checkOnlyAdded, checkScan } from './invariants.ts'
import { generated, kept, recorded, type Seed } from './seeds.ts'
import { described, type InProcess, inProcess } from './target.ts'

/**
 * Every recorded and generated payload goes in by each door there is, through all processors, and protobufjs must read
 * the same out of what leaves as out of what came, but for attributes of ours.
 */
let directory: string
const targets: InProcess[] = []
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tokenfuse-differential-'))
})
afterAll(async () => {
  for (const target of targets) await target.stop()
  rmSync(directory, { recursive: true, force: true })
})

let serial = 0
async function fresh(): Promise<InProcess> {
  const target = await inProcess(join(directory, String(serial++)))
  targets.push(target)
  return target
}

const seeds = [...recorded(), ...generated(), ...kept()]

type Json = { [key: string]: Json } | Json[] | string | number | boolean | null

/** Without attributes of ours, those that came with the request included: they may have been replaced. */
function withoutOurs(value: Json): Json {
  if (Array.isArray(value)) return value.filter((v) => !isOurs(v)).map(withoutOurs)
  if (typeof value !== 'object' || value === null) return value
  const inner = Object.entries(value).map(([key, v]) => [key, withoutOurs(v)] as const)
  return Object.fromEntries(inner.filter(([, v]) => !(Array.isArray(v) && v.length === 0)))
}

const isOurs = (value: Json): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  typeof value['key'] === 'string' &&
  /^tokenfuse\.|^gen_ai\.usage\.cost$/.test(value['key'])

/** Fields that were left out have their defaults, so that absent and zero compare equal. */
const plain = ({ signal }: Seed, bytes: Buffer): Json =>
  withoutOurs(decodeRequest(signal, bytes, { defaults: true }) as Json)

test('there is something to compare', () => {
  expect(seeds.length).toBeGreaterThan(50)
  expect(new Set(seeds.map((seed) => seed.signal)).size).toBe(3)
})

test.each(seeds.map((seed) => [seed.name, seed] as const))('%s leaves as it came, plus ours', async (_name, seed) => {
  const target = await fresh()
  const { outcome, accepted } = target.consume(seed.signal, seed.bytes)
  expect(target.faults()).toBe(0)
  if (outcome.kind === 'invalid' || accepted === undefined) {
    // What was kept for being odd may be refused; what somebody really sent may not.
    expect(seed.name).toMatch(/\.bin$/)
    return
  }
  if (seed.signal !== 'metrics') {
    checkScan(seed.bytes, seed.signal)
    checkOnlyAdded(seed.bytes, accepted.bytes, seed.signal)
  }
  expect(plain(seed, accepted.bytes)).toEqual(plain(seed, seed.bytes))
})

test('every payload means the same by every door: HTTP, gRPC, compressed, and as JSON', async () => {
  const doors: readonly Door[] = [http, httpGzip, grpc]
  const running = await Promise.all(doors.map(async () => ({ target: await fresh(), receiver: await start() })))
  const direct = await fresh()
  try {
    for (const seed of seeds) {
      const want = direct.consume(seed.signal, seed.bytes)
      for (const [d, door] of doors.entries()) {
        const { target, receiver } = running[d] as (typeof running)[number]
        let got: Accepted | undefined
        receiver.recorder.outcome = (body) => {
          const made = target.consume(seed.signal, body)
          got = made.accepted
          return made.outcome
        }
        const code = await door(receiver, seed)
        expect([seed.name, door.name, code]).toEqual([seed.name, door.name, want.outcome.kind === 'invalid' ? 3 : 0])
        expect(got?.bytes).toEqual(want.accepted?.bytes)
        expect(got?.calls.map(described)).toEqual(want.accepted?.calls.map(described))
      }
    }
  } finally {
    for (const { receiver } of running) await receiver.stop()
  }
  // Three requests a payload, on one core that may have other work.
}, 180_000)

/** Sends, and returns the gRPC code. */
type Door = (receiver: Running, seed: Seed) => Promise<number>

async function http({ http: place }: Running, { signal, bytes }: Seed): Promise<number> {
  const headers = { 'content-type': 'application/x-protobuf' }
  const { status } = await send(place, { path: `/v1/${signal}`, headers, body: bytes })
  return status === 200 ? 0 : status === 400 ? 3 : status
}

async function httpGzip({ http: place }: Running, { signal, bytes }: Seed): Promise<number> {
  const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' }
  const { status } = await send(place, { path: `/v1/${signal}`, headers, body: gzipSync(bytes) })
  return status === 200 ? 0 : status === 400 ? 3 : status
}

async function grpc({ grpc: place }: Running, { signal, bytes }: Seed): Promise<number> {
  const session = await openSession(place)
  try {
    return (await call(session, { path: EXPORT[signal], data: frame(bytes) })).code
  } finally {
    session.destroy()
  }
}

test('recorded payloads as the JSON they were recorded in are understood as in protobuf', async () => {
  const folder = join(import.meta.dirname, '..', '..', 'processors', 'gen_ai_usage', 'testdata')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('in.json'))
  const documents = files
    .toSorted()
    .flatMap((file) => (JSON.parse(readFileSync(join(folder, file), 'utf8')) as { requests: object[] }).requests)
  const [asProto, asJson, receiver] = [await fresh(), await fresh(), await start({ http: {} })]
  try {
    for (const [i, seed] of recorded().entries()) {
      let got: Accepted | undefined
      receiver.recorder.outcome = (body) => {
        got = asJson.consume(seed.signal, body).accepted
        return { kind: 'accepted' }
      }
      const headers = { 'content-type': 'application/json' }
      const body = JSON.stringify(documents[i])
      expect((await send(receiver.http, { path: `/v1/${seed.signal}`, headers, body })).status).toBe(200)
      const want = asProto.consume(seed.signal, seed.bytes).accepted
      if (seed.identified) expect(got?.calls.map(described)).toEqual(want?.calls.map(described))
      expect(plain(seed, got?.bytes ?? Buffer.alloc(0))).toEqual(plain(seed, seed.bytes))
    }
  } finally {
    await receiver.stop()
  }
})
