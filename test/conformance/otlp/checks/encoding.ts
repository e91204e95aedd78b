import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import * as zlib from 'node:zlib'
import { send } from '../client/http.ts'
import {
  type Check,
  type Context,
  type Forwarded,
  httpOf,
  JSON_TYPE,
  PROTO,
  SIGNALS,
  shown,
  skip,
  type Target,
  withLaunched,
} from '../context.ts'
import { jsonRequest, marker, paddedRequest, protoRequest } from '../samples.ts'
import { lz4Frame, snappyBlock, snappyFramed } from '../stored.ts'
import { assertStatus, stillAlive } from './http-basics.ts'

const MIB = 1024 * 1024

/** The bytes arrived at the far end, when there is one to look at. */
async function arrived(
  forwarded: Forwarded | undefined,
  signal: (typeof SIGNALS)[number],
  mark: string,
): Promise<void> {
  if (forwarded !== undefined) assert.ok(await forwarded.find(signal, mark), `${signal} ${mark} did not arrive`)
}

export const encoding: readonly Check[] = [
  {
    number: 16,
    title: 'gzip, and identity',
    async run(context) {
      for (const signal of SIGNALS) {
        for (const json of [false, true]) {
          for (const coding of ['gzip', 'identity']) {
            const mark = marker()
            const plain = json ? Buffer.from(jsonRequest(signal, mark)) : protoRequest(signal, mark)
            const headers = { ...(json ? JSON_TYPE : PROTO), 'content-encoding': coding }
            const answer = await send(httpOf(context), {
              path: `/v1/${signal}`,
              headers,
              body: coding === 'gzip' ? zlib.gzipSync(plain) : plain,
            })
            assert.equal(answer.status, 200, `${coding}: ${shown(answer)}`)
            await arrived(context.forwarded, signal, mark)
          }
        }
      }
    },
  },
  {
    number: 17,
    title: 'zstd, deflate, snappy (block and framed) and lz4',
    async run(context) {
      const codings: readonly (readonly [string, (plain: Buffer) => Buffer])[] = [
        ['zstd', zlib.zstdCompressSync],
        ['deflate', zlib.deflateSync],
        ['zlib', zlib.deflateSync],
        ['snappy', snappyBlock],
        ['x-snappy-framed', snappyFramed],
        ['lz4', lz4Frame],
      ]
      for (const [coding, pack] of codings) {
        for (const signal of SIGNALS) {
          for (const json of [false, true]) {
            const mark = marker()
            const plain = json ? Buffer.from(jsonRequest(signal, mark)) : protoRequest(signal, mark)
            const headers = { ...(json ? JSON_TYPE : PROTO), 'content-encoding': coding }
            const answer = await send(httpOf(context), { path: `/v1/${signal}`, headers, body: pack(plain) })
            assert.equal(answer.status, 200, `${coding}: ${shown(answer)}`)
            await arrived(context.forwarded, signal, mark)
          }
        }
      }
    },
  },
  {
    number: 18,
    title: 'Content-Encoding: gzip with plain bytes is 400 with a Status',
    async run(context) {
      await badEncoding(context, 'gzip')
    },
  },
  {
    number: 19,
    title: 'an unsupported Content-Encoding is 400 with a Status in the encoding of the request',
    async run(context) {
      await badEncoding(context, 'made-up')
    },
  },
  {
    number: 20,
    title: 'a body of exactly the limit is 200; one byte more is 413 with a Status',
    async run(context) {
      const check = async (target: Target, limit: number) => {
        for (const signal of SIGNALS) {
          for (const [size, status] of [
            [limit, 200],
            [limit + 1, 413],
          ] as const) {
            const body = paddedRequest(signal, marker(), size)
            const answer = await send(httpOf(target), { path: `/v1/${signal}`, headers: PROTO, body })
            assert.equal(answer.status, status, `${size} bytes: ${shown(answer)}`)
            if (status === 413) assertStatus(answer)
          }
        }
        const packed = {
          headers: { ...PROTO, 'content-encoding': 'gzip' },
          body: zlib.gzipSync(Buffer.alloc(limit + 1)),
        }
        const answer = await send(httpOf(target), packed)
        assert.equal(answer.status, 413, `over the limit only when unpacked: ${shown(answer)}`)
      }
      if (context.launch === undefined) return check(context, context.httpLimit)
      await withLaunched(context, { http: { max_request_body_size: MIB } }, async (target) => check(target, MIB))
    },
  },
  {
    number: 21,
    title: 'a gzip bomb (1 MB to 1 GB) is 413, and memory stays bounded',
    async run(context) {
      const member = zlib.gzipSync(Buffer.alloc(16 * MIB))
      const bomb = Buffer.concat(Array(64).fill(member))
      const grown = await growthOf(context, async () => {
        const answer = await send(httpOf(context), { headers: { ...PROTO, 'content-encoding': 'gzip' }, body: bomb })
        assert.equal(answer.status, 413, shown(answer))
        assertStatus(answer)
      })
      assert.ok(grown < 256 * MIB, `memory grew by ${Math.round(grown / MIB)} MiB`)
      await stillAlive(context)
    },
  },
  {
    number: 22,
    title: 'a snappy header that claims 2 GB is refused before memory is spent',
    async run(context) {
      const lie = Buffer.from([0xff, 0xff, 0xff, 0xff, 0x07, 0x00, 0x61])
      const grown = await growthOf(context, async () => {
        const began = performance.now()
        const answer = await send(httpOf(context), { headers: { ...PROTO, 'content-encoding': 'snappy' }, body: lie })
        assert.ok([400, 413].includes(answer.status), shown(answer))
        assert.ok(performance.now() - began < 1000, 'took longer than a second')
      })
      assert.ok(grown < 128 * MIB, `memory grew by ${Math.round(grown / MIB)} MiB`)
      await stillAlive(context)
    },
  },
]

/** 400 with a Status in the encoding of the request. */
async function badEncoding(context: Context, coding: string): Promise<void> {
  for (const signal of SIGNALS) {
    for (const headers of [PROTO, JSON_TYPE]) {
      const request = { headers: { ...headers, 'content-encoding': coding }, body: protoRequest(signal, marker()) }
      const answer = await send(httpOf(context), { path: `/v1/${signal}`, ...request })
      assert.equal(answer.status, 400, shown(answer))
      assert.equal(answer.headers['content-type'], headers['content-type'])
      assertStatus(answer)
    }
  }
}

/** By how many bytes the target's resident memory was larger at its peak than before; 0 where its process is not known. */
async function growthOf({ pid }: Context, work: () => Promise<void>): Promise<number> {
  if (pid === undefined) {
    await work()
    return 0
  }
  const before = memoryOf(pid, 'VmRSS')
  try {
    // From here on the peak counts anew; only its owner may ask for that.
    writeFileSync(`/proc/${pid}/clear_refs`, '5')
  } catch {
    // An older, higher peak hides ours: the check is then weaker, not wrong.
  }
  await work()
  return memoryOf(pid, 'VmHWM') - before
}

function memoryOf(pid: number, line: 'VmRSS' | 'VmHWM'): number {
  try {
    const kib = new RegExp(`${line}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return Number(kib) * 1024
  } catch {
    return skip(`process ${pid} is gone, or this system has no /proc`)
  }
}
