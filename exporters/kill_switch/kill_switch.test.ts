import { memoryDisk } from '../../extensions/ledger/testing/memory-disk.ts'
import { budget, call } from '../../extensions/ledger/testing/open-ledger.ts'
import type { Verdict } from '../../genai/verdict.ts'
import { testHost } from '../../test/support/host.ts'
import { factory } from './index.ts'
import { started, stopAll } from './testing/started.ts'

afterEach(stopAll)

const DAY = 86_400_000
const verdict = (part: Partial<Verdict> = {}): Verdict => ({
  timeMs: 1_763_900_000_000,
  kind: 'loop',
  level: 'critical',
  action: 'kill',
  detector: 'exact_cycle',
  reason: 'the same call again and again',
  scope: { run: 'r1' },
  run: 'r1',
  agent: 'a',
  spanId: 'beef',
  spanTimeMs: 1_763_900_000_000,
  evidence: { period: 1, repeats: 9n },
  liftedBy: 'a user turn',
  ...part,
})

test('a verdict that asks for it kills, at once; the same one again does nothing', async () => {
  const { killSwitch, ledger, host } = await started()
  killSwitch.enforce(verdict())
  expect(ledger.check({ run: 'r1' })).toMatchObject({ verdict: 'kill', code: 'loop', budget: undefined })
  expect(ledger.kills()).toMatchObject([
    {
      scope: { run: 'r1' },
      actor: 'loop:exact_cycle',
      reason: 'the same call again and again',
      untilMs: host.clock.now() + 7 * DAY,
    },
  ])
  host.clock.advance(1000)
  killSwitch.enforce(verdict())
  expect(ledger.kills()).toHaveLength(1)
  expect(host.metric('tokenfuse_kill_switch_verdicts_total', 'kill', 'killed')).toBe(1)
  expect(host.metric('tokenfuse_kill_switch_verdicts_total', 'kill', 'standing')).toBe(1)
})

test('whom a verdict stops is what its scope says, and never everybody by mistake', async () => {
  const check = async (part: Partial<Verdict>, want: object | undefined) => {
    const { killSwitch, ledger, host } = await started()
    killSwitch.enforce(verdict(part))
    expect([part, ledger.kills()[0]?.scope]).toEqual([part, want])
    if (want === undefined) expect(host.lines.filter(({ level }) => level === 'warn')).toHaveLength(1)
  }
  const month = { kind: 'budget', detector: 'monthly_cap' } as const
  await check({ scope: { agent: 'a', customer: 'c' } }, { agent: 'a', customer: 'c' })
  await check({ ...month, scope: { budget: 'month', business_unit: 'b' } }, { business_unit: 'b' })
  await check({ ...month, scope: { budget: 'all' } }, { all: 'true' })
  await check({ scope: {} }, { run: 'r1' })
  await check({ scope: { agent: '' } }, { run: 'r1' })
  await check({ scope: { agent: '' }, run: undefined }, undefined)
  await check({ scope: {}, run: '' }, undefined)
  await check({ ...month, scope: { budget: 'x', agent: '' }, run: undefined }, undefined)
  await check({ ...month, scope: {}, run: undefined }, undefined)
})

test('what stops nobody is told to whoever watches', async () => {
  const { killSwitch, ledger } = await started()
  const told: string[] = []
  ledger.watch(0, (event) => told.push(event.type))
  killSwitch.enforce(verdict({ action: 'throttle' }))
  killSwitch.enforce(verdict({ action: 'signal', level: 'warn' }))
  expect([told, ledger.kills()]).toEqual([['verdict', 'verdict'], []])
})

test('a kill over a budget ends with its period, and a raised limit lifts it', async () => {
  const { killSwitch, ledger, host } = await started({ budgets: [budget({ id: 'cap' })] })
  const over = { kind: 'budget', detector: 'run_cap', scope: { budget: 'cap', run: 'r1' } } as const
  ledger.settle(call({ pico: 6_000_000_000_000 }))
  killSwitch.enforce(verdict({ ...over, untilMs: host.clock.now() - 1 }))
  expect(ledger.kills()).toEqual([])
  killSwitch.enforce(verdict({ ...over, untilMs: host.clock.now() + DAY }))
  expect(ledger.kills()).toMatchObject([{ code: 'run_cap', actor: 'budget:cap', untilMs: host.clock.now() + DAY }])
  expect(ledger.check({ run: 'r1' })).toMatchObject({
    code: 'run_cap',
    budget: 'cap',
    limitNano: 5_000_000_000n,
    retryAfterMs: undefined,
  })
  ledger.override('cap', 10_000_000_000n, undefined, 'ada')
  expect(ledger.check({ run: 'r1' }).verdict).toBe('allow')
})

test('a short kill by hand does not keep a loop from being stopped for longer', async () => {
  const { killSwitch, ledger, host, ask } = await started()
  await ask('POST', '/v1/kill', { scope: { run: 'r1' }, ttl: '5m' })
  killSwitch.enforce(verdict())
  host.clock.advance(10 * 60_000)
  expect(ledger.check({ run: 'r1' })).toMatchObject({ verdict: 'kill', code: 'loop' })
})

test('kills outlive a restart', async () => {
  const disk = memoryDisk()
  const first = await started({ disk })
  first.killSwitch.enforce(verdict())
  const second = await started({ disk })
  expect((await second.ask('GET', '/v1/verdict?run=r1')).json).toMatchObject({ verdict: 'kill', code: 'loop' })
})

test('telemetry passes by; before start and after shutdown nothing is thrown', async () => {
  const { killSwitch, ledger } = await started()
  expect(
    await killSwitch.export({
      signal: 'traces',
      bytes: Buffer.alloc(0),
      items: 0,
      calls: [],
      verdicts: [],
      compressed: async () => Buffer.alloc(0),
    }),
  ).toEqual({ kind: 'ok' })
  await killSwitch.shutdown()
  await killSwitch.shutdown()
  killSwitch.enforce(verdict())
  expect(ledger.kills()).toEqual([])
})

test('without a ledger nothing starts, with a taken port neither', async () => {
  const config = {
    endpoint: '127.0.0.1:0',
    unix_socket: undefined,
    token: 'x'.repeat(16),
    allowed_hosts: [],
    run_kill_ttl: DAY,
    flag_dir: undefined,
    webhooks: [],
  }
  await expect(factory.create(config, testHost('kill_switch')).start()).rejects.toThrow(
    /kill_switch needs a ledger: add "ledger:"/,
  )
  const { port } = await started()
  await expect(started({ config: { endpoint: `127.0.0.1:${port}` } })).rejects.toThrow(
    /cannot listen on 127.0.0.1:\d+: .*EADDRINUSE/,
  )
})
