import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { budget, call } from '../../extensions/ledger/testing/open-ledger.ts'
import fc from '../../test/support/property.ts'
import { send, started, stopAll, TOKEN, temporary } from './testing/started.ts'

afterEach(stopAll)

const NO_TOKEN = { authorization: '' }
const cap = budget({ id: 'run-cap', limitNano: 1_000_000_000n })

describe('asking', () => {
  test('a verdict has what callers need to act', async () => {
    const { ask, ledger } = await started({ budgets: [cap] })
    ledger.settle(call({ pico: 250_000_000_000 }))
    expect((await ask('GET', '/v1/verdict?run=r1&agent=a', undefined, NO_TOKEN)).json).toEqual({
      ...{
        verdict: 'allow',
        reason: 'within budget',
        code: 'allow',
        budget: 'run-cap',
        spent_usd: '0.25',
        limit_usd: '1',
      },
      ...{ remaining_usd: '0.75', retry_after_ms: null, epoch: ledger.epoch },
    })
    expect((await ask('GET', '/v1/verdict')).json).toMatchObject({ verdict: 'allow', budget: null, spent_usd: null })
  })

  test('reserve, settle: what is in flight is held, and the call that uses the budget up kills the run', async () => {
    const { ask, ledger } = await started({ budgets: [cap] })
    const subject = { run: 'r1' }
    const held = await ask('POST', '/v1/reserve', { subject, estimate_usd: '0.6', ttl: '60s' })
    expect(held.json).toMatchObject({ verdict: 'allow', reservation: expect.stringMatching(/^res-/) })
    expect((await ask('GET', '/v1/budgets')).json).toMatchObject({
      budgets: [{ reserved_usd: '0.6', remaining_usd: '0.4' }],
      total: 1,
    })
    await ask('POST', '/v1/reserve', { subject, estimate_usd: 0.6 })
    const third = await ask('POST', '/v1/reserve', { subject, estimate_usd: '0.1' })
    expect(third.json).toMatchObject({ verdict: 'throttle', code: 'run_cap', retry_after_ms: 1000, reservation: null })
    const bill = {
      key: 'openai|1',
      subject,
      cost_usd: '1.000000000001',
      tokens: 7,
      reservation: held.json['reservation'],
    }
    const settled = await ask('POST', '/v1/settle', bill)
    expect(settled.json).toMatchObject({
      crossings: [{ budget: 'run-cap', level: 'exceeded', spent_usd: '1' }],
      verdict: 'kill',
    })
    expect(ledger.kills()).toMatchObject([{ scope: subject, code: 'run_cap', actor: 'budget:run-cap' }])
    expect((await ask('POST', '/v1/settle', bill)).json).toMatchObject({ crossings: [] })
    expect(ledger.budgets()).toMatchObject([{ spentNano: 1_000_000_000n, spentTokens: 7 }])
  })

  test('kill and resume by hand, with who did it', async () => {
    const { ask, host } = await started()
    const made = await ask('POST', '/v1/kill', {
      scope: { agent: 'a', customer: 'c' },
      reason: 'enough',
      ttl: '2h',
      actor: 'ada',
    })
    expect(made.status).toBe(201)
    expect(made.json).toMatchObject({
      created: true,
      kill: {
        scope: { agent: 'a', customer: 'c' },
        reason: 'enough',
        actor: 'ada',
        code: 'killed',
        until: new Date(host.clock.now() + 7_200_000).toISOString(),
      },
    })
    const again = await ask('POST', '/v1/kill', { scope: { customer: 'c', agent: 'a' }, ttl: '1h' })
    expect([again.status, again.json['created']]).toEqual([200, false])
    const kills = (await ask('GET', '/v1/kills')).json['kills'] as { id: string }[]
    expect(kills).toHaveLength(1)
    const lifted = await ask('DELETE', `/v1/kill/${kills[0]?.id}?actor=bob`)
    expect(lifted.json).toMatchObject({ resumed: { id: kills[0]?.id }, now: { verdict: 'allow' } })
    expect((await ask('DELETE', `/v1/kill/${kills[0]?.id}`)).status).toBe(404)
    const entries = (await ask('GET', '/v1/audit?limit=2')).json['entries']
    expect(entries).toMatchObject([
      { actor: 'ada', action: 'kill' },
      { actor: 'bob', action: 'resume' },
    ])
    expect((await ask('POST', '/v1/kill', { scope: { all: true } })).status).toBe(201)
    expect((await ask('GET', '/v1/verdict')).json).toMatchObject({
      verdict: 'kill',
      reason: expect.stringContaining('killed by hand'),
    })
  })

  test('resuming says when a budget goes on to stop the same calls; raising the limit lets them go', async () => {
    const { ask, ledger } = await started({ budgets: [cap] })
    ledger.settle(call({ pico: 2_000_000_000_000 }))
    const { json } = await ask('POST', '/v1/kill', { scope: { run: 'r1' } })
    const { id } = json['kill'] as { id: string }
    expect((await ask('DELETE', `/v1/kill/${id}`)).json).toMatchObject({ now: { verdict: 'kill', budget: 'run-cap' } })
    const raised = await ask('PUT', '/v1/budgets/run-cap/override', { limit_usd: '3', ttl: '1d' })
    expect(raised.json).toMatchObject({ budgets: [{ id: 'run-cap', limit_usd: '3' }] })
    expect((await ask('GET', '/v1/verdict?run=r1')).json).toMatchObject({ verdict: 'allow', limit_usd: '3' })
    expect((await ask('PUT', '/v1/budgets/nobody/override', { limit_usd: '3' })).status).toBe(404)
  })

  test('lists are bounded', async () => {
    const { ask, ledger } = await started({ budgets: [cap] })
    for (let i = 0; i < 300; i++) {
      ledger.kill({ scope: { run: `k${i}` }, reason: '', code: 'killed', actor: 'a', untilMs: undefined })
      ledger.settle(call({ subject: { run: `r${i}` } }))
    }
    for (const name of ['kills', 'budgets']) {
      const { json } = await ask('GET', `/v1/${name}`)
      expect([name, (json[name] as unknown[]).length, json['total']]).toEqual([name, 200, 300])
      expect(((await ask('GET', `/v1/${name}?limit=7`)).json[name] as unknown[]).length).toBe(7)
    }
  })
})

describe('the door', () => {
  const writes = [
    ['POST', '/v1/kill', { scope: { all: true } }],
    ['DELETE', '/v1/kill/kill-1'],
    ['PUT', '/v1/budgets/run-cap/override', { limit_usd: '9' }],
    ['POST', '/v1/reserve', { subject: {}, estimate_usd: '1' }],
    ['POST', '/v1/settle', { key: 'k', subject: {}, cost_usd: '1' }],
  ] as const

  test('what changes something needs the token', async () => {
    const { ask, ledger } = await started({ budgets: [cap] })
    for (const [method, path, body] of writes) {
      for (const authorization of [
        '',
        'Bearer',
        'Bearer ',
        'Bearer wrong',
        `Basic ${TOKEN}`,
        TOKEN,
        `Bearer ${TOKEN}x`,
        `Bearer ${TOKEN.slice(1)}`,
      ]) {
        const { status, json, headers } = await ask(method, path, body, { authorization })
        expect([path, authorization, status]).toEqual([path, authorization, 401])
        expect(json).toMatchObject({
          error: { code: expect.stringMatching(/^token_/), next: expect.stringContaining('Bearer') },
        })
        expect(headers['www-authenticate']).toContain('Bearer')
      }
    }
    expect([ledger.kills(), ledger.audit(10)]).toEqual([[], []])
    expect(
      (await ask('POST', '/v1/kill', { scope: { run: 'x' } }, { authorization: `bearer   ${TOKEN}` })).status,
    ).toBe(201)
  })

  test('a web page gets nothing, not even with the token, nor under a name of its own', async () => {
    const { ask, ledger } = await started({ config: { allowed_hosts: ['Tokenfuse.agents.svc'] } })
    const check = async (headers: Record<string, string>, want: number) => {
      const { status } = await ask('POST', '/v1/kill', { scope: { run: 'r1' } }, headers)
      expect([headers, status]).toEqual([headers, want])
      expect([headers, (await ask('GET', '/v1/kills', undefined, headers)).status]).toEqual([
        headers,
        want === 403 ? 403 : 200,
      ])
      for (const { id } of ledger.kills()) ledger.resume(id, 'test')
    }
    await check({ origin: 'http://evil.example' }, 403)
    await check({ origin: 'null' }, 403)
    await check({ origin: 'http://127.0.0.1:4319' }, 403)
    await check({ 'sec-fetch-site': 'cross-site' }, 403)
    await check({ 'sec-fetch-site': 'same-site' }, 403)
    await check({ host: 'evil.example' }, 403)
    await check({ host: 'evil.example:4319' }, 403)
    await check({ host: '127.0.0.1.evil.example' }, 403)
    await check({ host: 'localhost.evil.example' }, 403)
    await check({ host: 'localhost' }, 201)
    await check({ host: 'LocalHost:4319' }, 201)
    await check({ host: '10.1.2.3:4319' }, 201)
    await check({ host: '[::1]:4319' }, 201)
    await check({ host: 'tokenfuse.agents.svc:4319' }, 201)
    await check({ 'sec-fetch-site': 'none' }, 201)
  })

  test('a form cannot be a request', async () => {
    const { ask } = await started()
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', '']) {
      expect((await ask('POST', '/v1/kill', '{"scope":{"all":true}}', { 'content-type': type })).status).toBe(415)
    }
    expect((await ask('POST', '/v1/kill', { scope: { run: 'r' } }, { 'content-encoding': 'gzip' })).status).toBe(415)
    expect(
      (await ask('POST', '/v1/kill', { scope: { run: 'r' } }, { 'content-type': 'Application/JSON; charset=utf-8' }))
        .status,
    ).toBe(201)
  })

  test('without a configured token there is a fresh random one, for its owner only', async () => {
    const first = await started({ config: { token: undefined } })
    const path = join(first.dataDir, 'control-token')
    const token = readFileSync(path, 'utf8').trim()
    expect(token).toMatch(/^[\w-]{43}$/)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect((await first.ask('POST', '/v1/kill', { scope: { run: 'r' } })).json).toMatchObject({
      error: { code: 'token_wrong', next: expect.stringContaining(path) },
    })
    expect(
      (await first.ask('POST', '/v1/kill', { scope: { run: 'r' } }, { authorization: `Bearer ${token}` })).status,
    ).toBe(201)
    expect(existsSync(join((await started()).dataDir, 'control-token'))).toBe(false)
  })

  test('the unix socket serves the same; a stale one is replaced, one in use or another file is not', async () => {
    const socketPath = join(temporary(), 'control.sock')
    const first = await started({ config: { unix_socket: socketPath } })
    expect(
      (await send({ socketPath }, 'POST', '/v1/kill', { scope: { run: 'r1' } }, { host: 'anything' })).status,
    ).toBe(201)
    expect((await send({ socketPath }, 'POST', '/v1/kill', { scope: { run: 'r1' } }, NO_TOKEN)).status).toBe(401)
    expect((await send({ socketPath }, 'GET', '/v1/kills', undefined, { origin: 'http://x' })).status).toBe(403)
    expect(statSync(socketPath).mode & 0o007).toBe(0)
    await expect(started({ config: { unix_socket: socketPath } })).rejects.toThrow(/cannot listen on .*control.sock/)
    await first.killSwitch.shutdown()
    const plain = join(temporary(), 'file')
    writeFileSync(plain, 'mine')
    await expect(started({ config: { unix_socket: plain } })).rejects.toThrow(/cannot listen/)
    expect(readFileSync(plain, 'utf8')).toBe('mine')
  })

  test('a socket left behind by a killed process is replaced', async () => {
    const socketPath = join(temporary(), 'control.sock')
    const { spawn } = await import('node:child_process')
    const child = spawn(process.execPath, [
      '-e',
      `require('net').createServer().listen(${JSON.stringify(socketPath)}, () => process.kill(process.pid, 'SIGKILL'))`,
    ])
    await new Promise((resolve) => child.once('exit', resolve))
    expect(existsSync(socketPath)).toBe(true)
    await started({ config: { unix_socket: socketPath } })
    expect((await send({ socketPath }, 'GET', '/v1/kills')).status).toBe(200)
  })
})

describe('bad requests', () => {
  test('each is answered with what is wrong and what to do, and changes nothing', async () => {
    const { ask, ledger, host } = await started({ budgets: [cap] })
    const before = ledger.epoch
    const check = async (method: string, path: string, body: unknown, status: number, hint: string) => {
      const answer = await ask(method, path, body)
      expect([method, path, body, answer.status]).toEqual([method, path, body, status])
      const { error } = answer.json as { error: { code: string; message: string; next: string } }
      expect(`${error.message} ${error.next}`).toContain(hint)
      expect([error.code, error.message, error.next].every((text) => text.length > 3)).toBe(true)
    }
    await check('GET', '/', undefined, 404, '/v1/verdict')
    await check('GET', '/v1/verdict/', undefined, 404, 'the paths are')
    await check('GET', '//evil/v1/kills', undefined, 404, 'the paths are')
    await check('PATCH', '/v1/kill', {}, 405, 'takes POST')
    await check('HEAD', '/v1/nothing', undefined, 404, '').catch(() => undefined)
    await check('GET', '/v1/kill/x', undefined, 405, 'DELETE')
    await check('DELETE', '/v1/kill/', undefined, 404, 'the paths are')
    await check('DELETE', '/v1/kill/%E0%A4%A', undefined, 400, 'percent-encode')
    await check('DELETE', '/v1/kill/..%2f..%2fetc', undefined, 404, 'no kill')
    await check('DELETE', '/v1/kill/x?actor=%00', undefined, 400, 'actor')
    await check('GET', '/v1/verdict?run=a&run=b', undefined, 400, 'stands twice')
    await check('GET', '/v1/verdict?RUN=a', undefined, 400, 'not a tag name')
    await check('GET', '/v1/verdict?__proto__=a', undefined, 400, 'not a tag name')
    await check('GET', '/v1/verdict?run=', undefined, 400, 'query.run')
    await check('GET', `/v1/verdict?run=${'x'.repeat(513)}`, undefined, 400, '512')
    await check(
      'GET',
      `/v1/verdict?${Array.from({ length: 33 }, (_, i) => `k${i}=v`).join('&')}`,
      undefined,
      400,
      'more than 32',
    )
    await check('GET', '/v1/audit?limit=0', undefined, 400, 'limit')
    await check('GET', '/v1/kills?limit=1e3', undefined, 400, 'limit')
    await check('POST', '/v1/kill', '', 400, 'not JSON')
    await check('POST', '/v1/kill', '{', 400, 'not JSON')
    await check('POST', '/v1/kill', 'null', 400, 'not a JSON object')
    await check('POST', '/v1/kill', [], 400, 'not a JSON object')
    await check('POST', '/v1/kill', {}, 400, 'scope')
    await check('POST', '/v1/kill', { scope: {} }, 400, 'scope')
    await check('POST', '/v1/kill', { scope: { all: false } }, 400, 'scope')
    await check('POST', '/v1/kill', { scope: { all: true, run: 'r' } }, 400, 'scope')
    await check('POST', '/v1/kill', { scope: { run: 7 } }, 400, 'scope.run')
    await check('POST', '/v1/kill', { scope: { run: '\ud800' } }, 400, 'scope.run')
    await check('POST', '/v1/kill', { scope: { run: 'r' }, tll: '1h' }, 400, 'unknown field "tll"')
    await check('POST', '/v1/kill', { scope: { run: 'r' }, ttl: '1' }, 400, '"ttl"')
    await check('POST', '/v1/kill', { scope: { run: 'r' }, ttl: 5 }, 400, '"ttl"')
    await check('POST', '/v1/kill', { scope: { run: 'r' }, ttl: '0' }, 400, '"ttl"')
    await check(
      'POST',
      '/v1/kill',
      { scope: { run: 'r' }, ttl: '1h', expires: '2030-01-01T00:00:00Z' },
      400,
      'one of them',
    )
    await check('POST', '/v1/kill', { scope: { run: 'r' }, expires: '2001-01-01T00:00:00Z' }, 400, 'in the past')
    await check('POST', '/v1/kill', { scope: { run: 'r' }, expires: 'tomorrow' }, 400, 'expires')
    await check('POST', '/v1/kill', { scope: { run: 'r' }, reason: 'x'.repeat(1001) }, 400, 'reason')
    await check('POST', '/v1/kill', { scope: { run: 'r' }, actor: 'budget:run-cap' }, 400, 'actor')
    await check('POST', '/v1/kill', `{"scope":{"run":"${'x'.repeat(70_000)}"}}`, 413, 'over 65536')
    await check('POST', '/v1/reserve', { subject: { run: 'r' }, estimate_usd: '-1' }, 400, 'estimate_usd')
    await check('POST', '/v1/reserve', { subject: { run: 'r' }, estimate_usd: '1e3' }, 400, 'estimate_usd')
    await check('POST', '/v1/reserve', { subject: [], estimate_usd: '1' }, 400, 'subject')
    await check('POST', '/v1/settle', { subject: {}, cost_usd: '1' }, 400, 'key')
    await check('POST', '/v1/settle', { key: 'k', subject: {}, cost_usd: '1', tokens: 1.5 }, 400, 'tokens')
    await check('POST', '/v1/settle', { key: 'k', subject: {}, cost_usd: '1', time: '2026' }, 400, 'time')
    await check('PUT', '/v1/budgets/run-cap/override', { limit_usd: 'ten' }, 400, 'limit_usd')
    expect([ledger.epoch, ledger.kills(), host.lines.filter(({ level }) => level === 'error')]).toEqual([
      before,
      [],
      [],
    ])
  })

  test('whatever is sent, the answer is no 5xx and the API goes on', async () => {
    const { ask } = await started({ budgets: [cap] })
    const path = fc.constantFrom(
      '/v1/kill',
      '/v1/reserve',
      '/v1/settle',
      '/v1/budgets/run-cap/override',
      '/v1/verdict',
      '/v1/kill/x',
    )
    const method = fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS')
    const names = fc.constantFrom(
      'scope',
      'subject',
      'key',
      'cost_usd',
      'estimate_usd',
      'ttl',
      'limit_usd',
      'tokens',
      'run',
      '__proto__',
    )
    const body = fc.oneof(
      fc.json(),
      fc.string(),
      fc.dictionary(names, fc.oneof(fc.anything(), fc.constant({ run: 'r' }), fc.constant('1'))).map(safeJson),
    )
    await fc.assert(
      fc.asyncProperty(method, path, body, async (m, p, b) => {
        const { status } = await ask(m, p, m === 'GET' ? undefined : b)
        expect(status >= 200 && status < 500).toBe(true)
      }),
      { numRuns: 300 },
    )
    expect((await ask('GET', '/v1/budgets')).status).toBe(200)
  })

  test('bytes that are no HTTP, half requests and endless headers harm nobody', async () => {
    const { port, ask } = await started()
    const raw = (bytes: string): Promise<string> =>
      new Promise((resolve) => {
        let text = ''
        const socket = connect(port, '127.0.0.1', () => socket.end(bytes))
        socket.on('data', (chunk) => {
          text += chunk.toString()
        })
        socket.on('error', () => undefined)
        socket.on('close', () => resolve(text))
      })
    expect(await raw('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n')).toContain('HTTP/1.1 400')
    expect(await raw(`GET /v1/kills HTTP/1.1\r\nhost: localhost\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`)).toContain('431')
    expect(await raw('GET /v1/kills HTTP/1.1\r\n\r\n')).toContain('HTTP/1.1 400')
    expect(await raw('GET /v1/kills HTTP/1.1\r\nhost:\r\n\r\n')).toContain('HTTP/1.1 403')
    expect(await raw('GET /v1/kills HTTP/1.0\r\n\r\n')).toContain('HTTP/1.1 403')
    await raw(
      `POST /v1/kill HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${TOKEN}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"scope"`,
    )
    expect((await ask('GET', '/v1/kills')).json).toMatchObject({ kills: [] })
  })

  test('a taken port does not matter to the socket of another program', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const address = other.address()
    const port = typeof address === 'object' ? address?.port : 0
    await expect(started({ config: { endpoint: `127.0.0.1:${port}` } })).rejects.toThrow(/EADDRINUSE/)
    other.close()
  })
})

function safeJson(value: unknown): string {
  try {
    return JSON.stringify(value, (_key, field: unknown) => (typeof field === 'bigint' ? `${field}` : field)) ?? ''
  } catch {
    return '{'
  }
}
