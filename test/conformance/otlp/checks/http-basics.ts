import assert from 'node:assert/strict'
import { Agent } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { type HttpAnswer, send } from '../client/http.ts'
import { countResponses, exchange } from '../client/raw.ts'
import { decodeStatus } from '../client/status.ts'
import {
  type Check,
  type Context,
  httpOf,
  JSON_TYPE,
  PROTO,
  SIGNALS,
  type Signal,
  shown,
  withLaunched,
} from '../context.ts'
import { jsonRequest, marker, protoRequest, requestObject, toOtlpJson } from '../samples.ts'

const path = (signal: string): string => `/v1/${signal}`

export const httpBasics: readonly Check[] = [
  {
    number: 1,
    title: 'protobuf is answered 200 in protobuf, with partial_success unset',
    async run(context) {
      for (const signal of SIGNALS) {
        const answer = await send(httpOf(context), {
          path: path(signal),
          headers: PROTO,
          body: protoRequest(signal, marker()),
        })
        assert.equal(answer.status, 200, shown(answer))
        assert.equal(answer.headers['content-type'], 'application/x-protobuf')
        assert.equal(answer.body.length, 0, `expected an empty response message, got ${shown(answer)}`)
      }
    },
  },
  {
    number: 2,
    title: 'JSON is answered 200 in JSON, with nothing rejected',
    async run(context) {
      for (const signal of SIGNALS) {
        const answer = await send(httpOf(context), {
          path: path(signal),
          headers: JSON_TYPE,
          body: jsonRequest(signal, marker()),
        })
        assert.equal(answer.status, 200, shown(answer))
        assert.equal(answer.headers['content-type'], 'application/json')
        assert.equal(
          'partialSuccess' in JSON.parse(answer.body.toString()),
          false,
          `partialSuccess must be unset: ${shown(answer)}`,
        )
      }
    },
  },
  {
    number: 3,
    title: 'media types may have parameters and upper case',
    async run(context) {
      for (const signal of SIGNALS) {
        for (const type of ['application/json; charset=utf-8', 'Application/JSON', 'APPLICATION/JSON;charset=UTF-8']) {
          const request = { headers: { 'content-type': type }, body: jsonRequest(signal, marker()) }
          const answer = await send(httpOf(context), { path: path(signal), ...request })
          assert.equal(answer.status, 200, `${type}: ${shown(answer)}`)
          assert.match(String(answer.headers['content-type']), /^application\/json/)
        }
        const request = {
          headers: { 'content-type': 'Application/X-Protobuf; a=b' },
          body: protoRequest(signal, marker()),
        }
        const proto = await send(httpOf(context), { path: path(signal), ...request })
        assert.equal(proto.status, 200, shown(proto))
      }
    },
  },
  {
    number: 4,
    title: 'an empty body is an empty request: 200, and nothing is forwarded',
    async run(context) {
      for (const signal of SIGNALS) {
        await forwardsNothing(context, signal, async () => {
          const answer = await send(httpOf(context), { path: path(signal), headers: PROTO, body: '' })
          assert.equal(answer.status, 200, shown(answer))
        })
      }
    },
  },
  {
    number: 5,
    title: '{} and envelopes without items are 200, and nothing is forwarded',
    async run(context) {
      const bodies = {
        traces: ['{}', '{"resourceSpans":[]}', '{"resourceSpans":[{"scopeSpans":[]}]}'],
        logs: ['{}', '{"resourceLogs":[{}]}'],
        metrics: ['{}', '{"resourceMetrics":[{"scopeMetrics":[{}]}]}'],
      }
      for (const signal of SIGNALS) {
        await forwardsNothing(context, signal, async () => {
          for (const body of bodies[signal]) {
            const answer = await send(httpOf(context), { path: path(signal), headers: JSON_TYPE, body })
            assert.equal(answer.status, 200, `${body}: ${shown(answer)}`)
          }
        })
      }
    },
  },
  {
    number: 6,
    title: 'other methods are 405 with Allow: POST and a Status body',
    async run(context) {
      for (const signal of SIGNALS) {
        for (const method of ['GET', 'PUT', 'PATCH', 'DELETE']) {
          const answer = await send(httpOf(context), { method, path: path(signal) })
          assert.equal(answer.status, 405, `${method}: ${shown(answer)}`)
          assert.match(String(answer.headers['allow']), /POST/, 'Allow')
          assertStatus(answer)
        }
      }
    },
  },
  {
    number: 7,
    title: 'no or an unknown Content-Type is 415 with a Status body',
    async run(context) {
      for (const signal of SIGNALS) {
        for (const headers of [{}, { 'content-type': 'text/plain' }, { 'content-type': 'application/xml' }]) {
          const answer = await send(httpOf(context), {
            path: path(signal),
            headers,
            body: protoRequest(signal, marker()),
          })
          assert.equal(answer.status, 415, `${JSON.stringify(headers)}: ${shown(answer)}`)
          assertStatus(answer)
        }
      }
    },
  },
  {
    number: 8,
    title: 'an unknown path is 404 with a Status body',
    async run(context) {
      for (const unknown of ['/v1/nothing', '/', '/v1', '/v1/traces/more']) {
        const answer = await send(httpOf(context), {
          path: unknown,
          headers: PROTO,
          body: protoRequest('traces', marker()),
        })
        assert.equal(answer.status, 404, `${unknown}: ${shown(answer)}`)
        assertStatus(answer)
      }
    },
  },
  {
    number: 9,
    title: 'garbage protobuf is 400 with a protobuf Status that has a message',
    async run(context) {
      for (const signal of SIGNALS) {
        for (const body of [
          Buffer.from('garbage that is no message'),
          Buffer.from([0x0a, 0x7f]),
          Buffer.alloc(64, 0xff),
        ]) {
          const answer = await send(httpOf(context), { path: path(signal), headers: PROTO, body })
          assert.equal(answer.status, 400, shown(answer))
          assert.equal(answer.headers['content-type'], 'application/x-protobuf')
          assertStatus(answer)
        }
        await stillAlive(context)
      }
    },
  },
  {
    number: 10,
    title: 'garbage JSON is 400 with a JSON Status {code: 3, message}',
    async run(context) {
      for (const signal of SIGNALS) {
        for (const body of ['1234', '{', 'nonsense', '"text"']) {
          const answer = await send(httpOf(context), { path: path(signal), headers: JSON_TYPE, body })
          assert.equal(answer.status, 400, `${body}: ${shown(answer)}`)
          assert.equal(answer.headers['content-type'], 'application/json')
          assert.equal(JSON.parse(answer.body.toString()).code, 3)
          assertStatus(answer)
        }
      }
    },
  },
  {
    number: 11,
    title: 'protobuf cut off at every byte is 200 or 400, and nothing hangs',
    async run(context) {
      const agent = new Agent({ keepAlive: true, maxSockets: 8 })
      for (const signal of SIGNALS) {
        const whole = protoRequest(signal, marker())
        const answers = await Promise.all(
          Array.from({ length: whole.length }, (_, n) =>
            send(httpOf(context), { path: path(signal), headers: PROTO, body: whole.subarray(0, n), agent }),
          ),
        )
        for (const [n, answer] of answers.entries())
          assert.ok([200, 400].includes(answer.status), `cut at ${n}: ${shown(answer)}`)
      }
      agent.destroy()
      await stillAlive(context)
    },
  },
  {
    number: 12,
    title: 'traces_url_path works without its first slash',
    async run(context) {
      await withLaunched(context, { http: { traces_url_path: 'custom/traces' } }, async (target) => {
        const request = { headers: PROTO, body: protoRequest('traces', marker()) }
        const answer = await send(httpOf(target), { ...request, path: '/custom/traces' })
        assert.equal(answer.status, 200, shown(answer))
      })
    },
  },
  {
    number: 13,
    title: 'Accept-Encoding: gzip gets a valid response, compressed or not',
    async run(context) {
      const request = { headers: { ...JSON_TYPE, 'accept-encoding': 'gzip' }, body: jsonRequest('traces', marker()) }
      const answer = await send(httpOf(context), request)
      assert.equal(answer.status, 200, shown(answer))
      const body = answer.headers['content-encoding'] === 'gzip' ? gunzipSync(answer.body) : answer.body
      assert.doesNotThrow(() => JSON.parse(body.toString()))
    },
  },
  {
    number: 14,
    title: '1000 requests on one connection, pipelined ones, and half-closed sockets are all answered',
    async run(context) {
      const http = httpOf(context)
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      const body = protoRequest('traces', marker())
      for (let i = 0; i < 1000; i++)
        assert.equal((await send(http, { headers: PROTO, body, agent })).status, 200, `request ${i}`)
      agent.destroy()
      const raw = Buffer.concat([
        Buffer.from(
          `POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\nContent-Length: ${body.length}\r\n\r\n`,
        ),
        body,
      ])
      const text = await exchange(http, Buffer.concat(Array(20).fill(raw)), { until: (t) => countResponses(t) === 20 })
      assert.equal(countResponses(text), 20)
      assert.match(await exchange(http, raw, { halfClose: true }), /^HTTP\/1\.1 200 /)
    },
  },
  {
    number: 15,
    title: 'CORS: an allowed origin gets its headers, another does not',
    async run(context) {
      await withLaunched(
        context,
        { http: { cors: { allowed_origins: ['https://app.example'], allowed_headers: ['content-type', 'x-team'] } } },
        async (target) => {
          const ask = (origin: string) =>
            send(httpOf(target), {
              method: 'OPTIONS',
              headers: {
                origin,
                'access-control-request-method': 'POST',
                'access-control-request-headers': 'content-type,x-team',
              },
            })
          const allowed = await ask('https://app.example')
          assert.ok(allowed.status === 200 || allowed.status === 204, shown(allowed))
          assert.equal(allowed.headers['access-control-allow-origin'], 'https://app.example')
          assert.equal((await ask('https://other.example')).headers['access-control-allow-origin'], undefined)
          const real = await send(httpOf(target), {
            headers: { ...JSON_TYPE, origin: 'https://app.example' },
            body: JSON.stringify(toOtlpJson(requestObject('traces', marker()))),
          })
          assert.deepEqual([real.status, real.headers['access-control-allow-origin']], [200, 'https://app.example'])
        },
      )
    },
  },
]

/** Between two requests that arrive, nothing else arrives. */
async function forwardsNothing(context: Context, signal: Signal, sendEmpty: () => Promise<void>): Promise<void> {
  const { forwarded } = context
  const sendOne = async (): Promise<void> => {
    const mark = marker()
    await send(httpOf(context), { path: path(signal), headers: PROTO, body: protoRequest(signal, mark) })
    if (forwarded !== undefined) assert.ok(await forwarded.find(signal, mark), 'a request with an item did not arrive')
  }
  await sendOne()
  const before = forwarded?.requests(signal) ?? 0
  await sendEmpty()
  await sendOne()
  if (forwarded !== undefined) assert.equal(forwarded.requests(signal), before + 1, 'something empty was forwarded')
}

/** The body is a google.rpc.Status with a message, in the encoding that the response names. */
export function assertStatus(answer: HttpAnswer): void {
  const type = answer.headers['content-type']
  if (type === 'application/x-protobuf') assert.notEqual(decodeStatus(answer.body).message, '', 'Status.message')
  else {
    assert.equal(type, 'application/json', `expected a Status in protobuf or JSON, got ${shown(answer)}`)
    assert.notEqual(JSON.parse(answer.body.toString()).message ?? '', '', 'Status.message')
  }
}

export async function stillAlive(target: Parameters<typeof httpOf>[0]): Promise<void> {
  const answer = await send(httpOf(target), { headers: PROTO, body: protoRequest('traces', marker()) })
  assert.equal(answer.status, 200, `afterwards: ${shown(answer)}`)
}
