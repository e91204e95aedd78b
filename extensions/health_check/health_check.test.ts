import { connect } from 'node:net'
import { HEALTH, type Health } from '../../pipeline/services.ts'
import { testHost } from '../../test/support/host.ts'
import { HealthCheck } from './health_check.ts'

async function started(state?: Health['state']) {
  const host = testHost('health_check')
  if (state !== undefined) {
    host.provide(HEALTH, { ready: () => state() === 'ready', state, detail: () => ({ components: 3 }) })
  }
  const check = new HealthCheck({ endpoint: '127.0.0.1:0', path: '/' }, host)
  await check.start()
  const url = `http://${check.address}`
  return { check, host, url, ask: async (path = '/', init?: RequestInit) => (await fetch(url + path, init)).status }
}

test('200 when the engine is ready, 503 while it starts and stops', async () => {
  let state: ReturnType<Health['state']> = 'starting'
  const { check, url, ask, host } = await started(() => state)
  expect(await ask()).toBe(503)
  state = 'ready'
  host.clock.advance(2500)
  const response = await fetch(url)
  expect([response.status, await response.json()]).toEqual([
    200,
    { status: 'Server available', state: 'ready', upSince: expect.any(String), uptime: '2.5s', components: 3 },
  ])
  state = 'stopping'
  expect(await ask()).toBe(503)
  await check.shutdown()
  await check.shutdown()
  await expect(fetch(url)).rejects.toThrow()
})

test('without an engine that tells, it is ready once started', async () => {
  const { check, ask } = await started()
  expect(await ask()).toBe(200)
  expect(await ask('/?verbose')).toBe(200)
  expect(await ask('/', { method: 'HEAD' })).toBe(200)
  expect(await ask('/else')).toBe(404)
  expect(await ask('/', { method: 'POST', body: 'x' })).toBe(405)
  await check.shutdown()
})

test('a connection that says nothing or nonsense disturbs nobody and does not hold up the end', async () => {
  const { check, url, ask } = await started()
  const silent = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => undefined)
  const rude = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => undefined)
  rude.write('\x16\x03\x01nonsense\r\n\r\n')
  expect(await ask()).toBe(200)
  await check.shutdown()
  silent.destroy()
  rude.destroy()
})

test('a taken port and a bad endpoint stop the start with a reason', async () => {
  const { check } = await started()
  const other = (endpoint: string) => new HealthCheck({ endpoint, path: '/' }, testHost('health_check')).start()
  await expect(other(check.address ?? '')).rejects.toThrow(/health_check cannot listen on 127.0.0.1:\d+: .*EADDRINUSE/)
  await expect(other('nowhere')).rejects.toThrow(/is not host:port/)
  await expect(other('127.0.0.1:99999')).rejects.toThrow(/is not host:port/)
  await check.shutdown()
})
