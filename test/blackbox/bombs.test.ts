import { readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import * as zlib from 'node:zlib'
import { call, frame, openSession } from '../conformance/otlp/client/grpc.ts'
import { send } from '../conformance/otlp/client/http.ts'
import { protoRequest } from '../conformance/otlp/samples.ts'
import { type RunningSidecar, startSidecar } from '../support/sidecar.ts'

/** Bodies that unpack to a gigabyte, and headers that claim one: refused before memory is spent on them. */
const MIB = 1024 * 1024
const GIB = 1024 * MIB
/** Far below what the bombs unpack to; room for one body of the limit (20 MiB), its pieces, and garbage. */
const GROWTH_MAX = 160 * MIB

let sidecar: RunningSidecar
beforeAll(async () => {
  sidecar = await startSidecar()
}, 30_000)
afterAll(async () => {
  await sidecar?.stop()
  sidecar?.remove()
})

const http = () => ({ address: sidecar.http.replace('http://', '') })
const grpc = () => ({ address: sidecar.grpc.replace('http://', '') })

function memory(line: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${sidecar.child.pid}/status`, 'utf8')
  return Number(new RegExp(`${line}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024
}

/** By how much the resident memory was larger at its peak, while this was going on, than before. */
async function growth(work: () => Promise<void>): Promise<number> {
  const before = memory('VmRSS')
  writeFileSync(`/proc/${sidecar.child.pid}/clear_refs`, '5')
  await work()
  return memory('VmHWM') - before
}

const post = async (encoding: string, body: Buffer): Promise<number> => {
  const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': encoding }
  return (await send(http(), { headers, body })).status
}

const isLinux = process.platform === 'linux'
const onLinux = isLinux ? test : test.skip

onLinux(
  'a gigabyte of zeros in every compression',
  async () => {
    const sixteen = Buffer.alloc(16 * MIB)
    const members = (pack: (plain: Buffer) => Buffer): Buffer => Buffer.concat(Array(64).fill(pack(sixteen)))
    const bombs: readonly (readonly [string, Buffer])[] = [
      ['gzip', members((plain) => zlib.gzipSync(plain))],
      ['zstd', members((plain) => zlib.zstdCompressSync(plain))],
      ['deflate', zlib.deflateSync(Buffer.alloc(256 * MIB), { level: 1 })],
    ]
    for (const [encoding, bomb] of bombs) {
      expect(bomb.length).toBeLessThan(2 * MIB)
      const grown = await growth(async () => expect([encoding, await post(encoding, bomb)]).toEqual([encoding, 413]))
      expect([encoding, grown < GROWTH_MAX, grown]).toEqual([encoding, true, grown])
    }
  },
  60_000,
)

onLinux(
  'many of them at once',
  async () => {
    const bomb = Buffer.concat(Array(64).fill(zlib.gzipSync(Buffer.alloc(16 * MIB))))
    const grown = await growth(async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => post('gzip', bomb)))
      // Refused for their size, or for there being too many on their way in.
      expect(answers.filter((status) => status !== 413 && status !== 503)).toEqual([])
    })
    // Four are unpacked at a time (the thread pool), each up to the limit.
    expect([grown < 4 * GROWTH_MAX, grown]).toEqual([true, grown])
  },
  60_000,
)

onLinux(
  'headers that claim gigabytes',
  async () => {
    const snappy = Buffer.from([0xff, 0xff, 0xff, 0xff, 0x07, 0x00, 0x61])
    const gzipTrailer = Buffer.concat([
      zlib.gzipSync(Buffer.from('x')).subarray(0, -4),
      Buffer.from([0xff, 0xff, 0xff, 0xff]),
    ])
    // An lz4 frame whose header names a content of 4 GiB and blocks of 4 MiB.
    const lz4 = Buffer.from('04224d186c70000000000100000000000000000000', 'hex')
    const grown = await growth(async () => {
      for (const [encoding, lie] of [
        ['snappy', snappy],
        ['gzip', gzipTrailer],
        ['lz4', lz4],
      ] as const)
        expect([400, 413]).toContain(await post(encoding, lie))
      expect(await contentLength(GIB)).toBe(413)
    })
    expect([grown < 32 * MIB, grown]).toEqual([true, grown])
  },
  30_000,
)

/** Announces a body and sends none of it; the status of the answer. */
function contentLength(bytes: number): Promise<number> {
  const { address } = http()
  const [host = '', port = ''] = address.split(':')
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), host)
    socket.on('error', reject)
    socket.on('data', (chunk: Buffer) => {
      resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(chunk.toString())?.[1]))
      socket.destroy()
    })
    socket.write(
      `POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\nContent-Length: ${bytes}\r\n\r\n`,
    )
  })
}

onLinux(
  'gRPC: frames that claim gigabytes, and bombs',
  async () => {
    const lie = Buffer.alloc(16)
    lie.writeUInt32BE(0xfffffff0, 1)
    const bomb = Buffer.concat(Array(64).fill(zlib.gzipSync(Buffer.alloc(16 * MIB))))
    const grown = await growth(async () => {
      const session = await openSession(grpc())
      expect((await call(session, { data: lie })).code).toBe(8)
      const packed = { data: frame(bomb, 1), headers: { 'grpc-encoding': 'gzip' } }
      expect((await call(session, packed)).code).toBe(8)
      session.destroy()
    })
    expect([grown < 64 * MIB, grown]).toEqual([true, grown])
  },
  30_000,
)

test('afterwards it works as before', async () => {
  expect(await post('identity', protoRequest('traces', 'mark'))).toBe(200)
})
