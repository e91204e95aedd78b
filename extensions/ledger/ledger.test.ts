import { parseUsd, usdString } from '../../genai/money.ts'
import type { BudgetDefinition, Decision, Ledger, LedgerEvent, Subject } from '../../pipeline/services.ts'
import fc from '../../test/support/property.ts'
import { budget, CENT, call, openLedger } from './testing/open-ledger.ts'

const nano = (usd: string): bigint => BigInt(parseUsd(usd) ?? 0) / 1000n
const pico = (usd: string): bigint => BigInt(parseUsd(usd) ?? 0)
const HOUR = 3_600_000
const DAY = 24 * HOUR

async function ledgerWith(...budgets: readonly Partial<BudgetDefinition>[]) {
  const opened = await openLedger()
  opened.ledger.define(budgets.map(budget))
  return opened
}

const verdictOf = (ledger: Ledger, subject: Subject = { run: 'r1' }): readonly [string, string] => {
  const { verdict, code } = ledger.check(subject)
  return [verdict, code]
}

describe('settling', () => {
  test('a run cap is exact to the pico: the last pico below it lets a call go, the next one stops the run', async () => {
    const { ledger } = await ledgerWith({ limitNano: nano('5') })
    expect(ledger.settle(call({ pico: pico('4.999999999999') }))).toEqual([])
    expect(ledger.check({ run: 'r1' })).toMatchObject({
      verdict: 'allow',
      remainingNano: 0n,
      spentNano: 4_999_999_999n,
    })
    const crossings = ledger.settle(call({ pico: 1 }))
    expect(crossings).toMatchObject([{ level: 'exceeded', scope: { run: 'r1' }, spentNano: nano('5') }])
    expect(ledger.check({ run: 'r1' })).toMatchObject({ verdict: 'kill', code: 'run_cap', budget: 'cap' })
    expect(verdictOf(ledger, { run: 'r2' })).toEqual(['allow', 'allow'])
    expect(verdictOf(ledger, { agent: 'a' })).toEqual(['allow', 'allow'])
  })

  test('tokens cap a run as well, and whichever limit is reached first stops it', async () => {
    const { ledger } = await ledgerWith({ limitNano: nano('5'), limitTokens: 1000 })
    ledger.settle(call({ tokens: 999 }))
    expect(verdictOf(ledger)).toEqual(['allow', 'allow'])
    expect(ledger.settle(call({ tokens: 1 }))).toMatchObject([{ level: 'exceeded', spentTokens: 1000 }])
    expect(verdictOf(ledger)).toEqual(['kill', 'run_cap'])
  })

  test('a key counts once, and each mark is told once', async () => {
    const { ledger, host } = await ledgerWith({ limitNano: nano('1'), throttleAt: 0.5 })
    const levels: string[] = []
    for (const usd of ['0.4', '0.1', '0.1', '0.4', '0.5']) {
      const entry = call({ pico: pico(usd) })
      for (let again = 0; again < 3; again++) levels.push(...ledger.settle(entry).map((crossing) => crossing.level))
    }
    expect(levels).toEqual(['throttle', 'exceeded'])
    expect(ledger.budgets()).toMatchObject([{ spentNano: nano('1.5'), spentTokens: 50 }])
    expect(host.metric('tokenfuse_ledger_settlements_total', 'duplicate')).toBe(10)
    expect(host.metric('tokenfuse_ledger_settlements_total', 'counted')).toBe(5)
  })

  test('the order of settlements changes no total, and amounts beyond 2^53 stay exact', async () => {
    const amount = fc.bigInt({ min: -(10n ** 9n), max: 10n ** 20n })
    await fc.assert(
      fc.asyncProperty(
        fc.array(amount, { minLength: 1, maxLength: 30 }),
        fc.infiniteStream(fc.nat()),
        async (amounts, random) => {
          const entries = amounts.map((value, i) => call({ key: `k${i}`, pico: value }))
          const shuffled = [...entries].sort(() => ((random.next().value ?? 0) % 2) - 0.5)
          const sum = amounts.reduce((a, b) => a + b, 0n)
          for (const order of [entries, shuffled]) {
            const { ledger } = await ledgerWith({ limitNano: sum / 1000n + 10n ** 30n })
            for (const entry of [...order, ...order]) ledger.settle(entry)
            expect(ledger.budgets()).toMatchObject([{ spentNano: sum / 1000n }])
          }
        },
      ),
      { numRuns: 40 },
    )
    const { ledger } = await ledgerWith({ limitNano: 2n ** 70n })
    ledger.settle(call({ pico: 2 ** 53 - 1 }))
    ledger.settle(call({ pico: 2n }))
    ledger.settle(call({ pico: 2n ** 64n }))
    expect(ledger.budgets()[0]?.spentNano).toBe((2n ** 64n + 2n ** 53n + 1n) / 1000n)
  })

  test('what is no exact amount is refused and counted, and poisons nothing', async () => {
    const { ledger, host } = await ledgerWith({})
    for (const bad of [Number.NaN, 0.5, 2 ** 53, Number.POSITIVE_INFINITY]) ledger.settle(call({ pico: bad }))
    ledger.settle(call({ tokens: Number.NaN, timeMs: Number.NaN }))
    expect(host.metric('tokenfuse_ledger_settlements_total', 'invalid')).toBe(4)
    expect(ledger.budgets()).toMatchObject([{ spentNano: nano('0.01'), spentTokens: 0 }])
  })

  test('a correction takes back what it corrects', async () => {
    const { ledger } = await ledgerWith({ limitNano: nano('1') })
    ledger.settle(call({ pico: pico('1.2') }))
    expect(verdictOf(ledger)).toEqual(['kill', 'run_cap'])
    ledger.settle(call({ pico: -pico('0.5') }))
    expect(verdictOf(ledger)).toEqual(['allow', 'allow'])
  })
})

describe('time', () => {
  const december = Date.parse('2026-12-01T00:00:05Z')
  const spentBy = (ledger: Ledger) => ledger.budgets().map(({ id, spentNano }) => [id, usdString(spentNano * 1000n)])

  test('a call counts into the period in which it happened; only the running one stops anybody', async () => {
    const { ledger, host } = await openLedger({ nowMs: december })
    const limitNano = nano('1')
    ledger.define([budget({ id: 'month', scope: [], period: 'month', limitNano })])
    const lastMonth = call({ pico: pico('9'), timeMs: december - 10_000, subject: {} })
    expect(ledger.settle(lastMonth)).toEqual([])
    expect(verdictOf(ledger, {})).toEqual(['allow', 'allow'])
    expect(spentBy(ledger)).toEqual([['month', '0']])
    expect(ledger.settle(call({ pico: pico('1'), timeMs: december, subject: {} }))).toMatchObject([
      {
        level: 'exceeded',
        periodStartMs: Date.parse('2026-12-01T00:00:00Z'),
        periodEndMs: Date.parse('2027-01-01T00:00:00Z'),
      },
    ])
    expect(verdictOf(ledger, {})).toEqual(['kill', 'monthly_cap'])
    host.clock.advance(31 * DAY)
    expect(verdictOf(ledger, {})).toEqual(['allow', 'allow'])
  })

  test('times too far off to be true count into the period of arrival, and are counted', async () => {
    const { ledger, host } = await openLedger({ nowMs: december })
    ledger.define([budget({ id: 'day', scope: [], period: 'day' })])
    const spent = (timeMs: number): readonly [number, number] => {
      ledger.settle(call({ timeMs, subject: {} }))
      const misdated = host.metric('tokenfuse_ledger_settlements_total', 'misdated')
      return [Number(ledger.budgets()[0]?.spentNano) / 1e7, misdated]
    }
    expect(spent(december)).toEqual([1, 0])
    expect(spent(december - 35 * DAY + 1)).toEqual([1, 0])
    expect(spent(december - 35 * DAY)).toEqual([2, 1])
    expect(spent(1)).toEqual([3, 2])
    expect(spent(december + 5 * 60_000)).toEqual([4, 2])
    expect(spent(december + 5 * 60_000 + 1)).toEqual([5, 3])
    // No time at all is no false time.
    expect(spent(0)).toEqual([6, 3])
  })

  test('a day of 25 hours is one day', async () => {
    const { ledger, host } = await openLedger({ nowMs: Date.parse('2026-10-24T22:00:00Z') })
    ledger.define([budget({ id: 'day', scope: [], period: 'day', timezone: 'Europe/Berlin', limitNano: nano('0.25') })])
    for (let hour = 0; hour < 25; hour++) {
      expect(verdictOf(ledger, {})).toEqual(['allow', 'allow'])
      ledger.settle(call({ timeMs: host.clock.now(), subject: {} }))
      if (hour < 24) host.clock.advance(HOUR)
    }
    host.clock.advance(HOUR - 1)
    expect(verdictOf(ledger, {})).toEqual(['kill', 'daily_alarm'])
    host.clock.advance(1)
    expect(verdictOf(ledger, {})).toEqual(['allow', 'allow'])
  })
})

describe('deciding', () => {
  const decide = async (spentUsd: string, part: Partial<BudgetDefinition>): Promise<Decision> => {
    const { ledger } = await ledgerWith({ limitNano: nano('1'), ...part })
    ledger.settle(call({ pico: pico(spentUsd) }))
    return ledger.check({ run: 'r1' })
  }

  test('what follows from a limit is what the budget says', async () => {
    const check = async (usd: string, part: Partial<BudgetDefinition>, want: string) =>
      expect([usd, part, (await decide(usd, part)).verdict]).toEqual([usd, part, want])
    await check('0.99', {}, 'allow')
    await check('1', {}, 'kill')
    await check('1', { mode: 'observe' }, 'warn')
    await check('1', { onExceed: 'alert' }, 'warn')
    await check('1', { onExceed: 'throttle' }, 'throttle')
    await check('0.9', { throttleAt: 0.9 }, 'throttle')
    await check('0.899999999999', { throttleAt: 0.9 }, 'allow')
    await check('0.9', { throttleAt: 0.9, mode: 'observe' }, 'warn')
    await check('0', { limitNano: 0n }, 'kill')
    await check('100', { limitNano: undefined, limitTokens: 11 }, 'allow')
  })

  test('the strictest budget decides; what is left is the least of all that stop', async () => {
    const { ledger } = await ledgerWith(
      { id: 'watch', mode: 'observe', limitNano: nano('0.01') },
      { id: 'run', limitNano: nano('5') },
      { id: 'agent', scope: ['agent'], limitNano: nano('3') },
      { id: 'both', scope: ['agent', 'run'], limitNano: nano('4') },
    )
    const subject = { run: 'r1', agent: 'a', step: 's' }
    expect(ledger.check(subject)).toMatchObject({ verdict: 'allow', budget: 'agent', remainingNano: nano('3') })
    ledger.settle(call({ subject: { run: 'r2', agent: 'a' }, pico: pico('0.5') }))
    ledger.settle(call({ subject, pico: pico('2') }))
    const warned = ledger.check(subject)
    expect(warned).toMatchObject({ verdict: 'warn', budget: 'agent', remainingNano: nano('0.5') })
    expect(warned.reason).toContain('watch')
    ledger.settle(call({ subject: { run: 'r3', agent: 'a' }, pico: pico('0.5') }))
    expect(ledger.check(subject)).toMatchObject({ verdict: 'kill', budget: 'agent', code: 'budget' })
    expect(ledger.check({ run: 'r1' })).toMatchObject({ verdict: 'warn', budget: 'run', remainingNano: nano('3') })
  })

  test('scope values that could be confused are not', async () => {
    const { ledger } = await ledgerWith({ scope: ['agent', 'run'], limitNano: nano('1') })
    ledger.settle(call({ subject: { agent: 'a1:', run: 'b' }, pico: pico('1') }))
    expect(verdictOf(ledger, { agent: 'a', run: '1:b' })).toEqual(['allow', 'allow'])
    expect(verdictOf(ledger, { agent: 'a1:', run: 'b' })).toEqual(['kill', 'budget'])
    expect(verdictOf(ledger, { agent: '__proto__', run: 'constructor' })).toEqual(['allow', 'allow'])
  })

  test('a throttled budget lets one call through per interval of 1 to 60 s', async () => {
    const { ledger, host } = await openLedger({ nowMs: Date.parse('2026-11-30T23:00:00Z') })
    ledger.define([budget({ scope: [], period: 'month', limitNano: nano('1'), throttleAt: 0.9 })])
    for (let i = 0; i < 95; i++) ledger.settle(call({ subject: {}, timeMs: host.clock.now() }))
    // 5 of 100 calls are left for one hour: 12 minutes each, more than the longest wait.
    expect(ledger.check({})).toMatchObject({ verdict: 'throttle', code: 'monthly_cap', retryAfterMs: 60_000 })
    host.clock.advance(60_000)
    expect(ledger.check({}).verdict).toBe('warn')
    expect(ledger.reserve({}, nano('0.01'), 60_000).id).toBeDefined()
    expect(ledger.check({}).verdict).toBe('throttle')
    // One minute before the end of the month.
    host.clock.advance(58 * 60_000)
    ledger.settle(call({ subject: {}, timeMs: host.clock.now() }))
    expect(ledger.check({}).retryAfterMs).toBeGreaterThanOrEqual(1_000)
    expect(ledger.check({}).retryAfterMs).toBeLessThan(16_000)
  })
})

describe('reserving', () => {
  test('100 calls in flight at the boundary never pass the cap', async () => {
    const { ledger } = await ledgerWith({ limitNano: nano('2') })
    const held: string[] = []
    let refused = 0
    for (let i = 0; i < 100; i++) {
      const { id, decision } = ledger.reserve({ run: 'r1' }, nano('0.05'), 60_000)
      if (id === undefined) {
        refused++
        expect(decision).toMatchObject({ verdict: 'throttle', code: 'run_cap' })
      } else held.push(id)
    }
    expect([held.length, refused]).toEqual([40, 60])
    for (const id of held) {
      ledger.release(id)
      ledger.settle(call({ pico: pico('0.05') }))
    }
    expect(ledger.budgets()).toMatchObject([{ spentNano: nano('2'), reservedNano: 0n }])
    expect(verdictOf(ledger)).toEqual(['kill', 'run_cap'])
  })

  test('whatever the estimates and the order, calls that keep to what they hold never pass the cap', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ estimate: fc.nat(3_000_000_000), settle: fc.boolean() }), { maxLength: 60 }),
        async (steps) => {
          const { ledger } = await ledgerWith(
            { limitNano: nano('5') },
            { id: 'agent', scope: ['agent'], limitNano: nano('4') },
          )
          const subject = { run: 'r1', agent: 'a' }
          const open: { id: string; heldPico: bigint }[] = []
          const finish = (): void => {
            const first = open.shift()
            if (first === undefined) return
            ledger.release(first.id)
            ledger.settle(call({ subject, pico: first.heldPico }))
          }
          for (const { estimate, settle } of steps) {
            const before = ledger.budgets().find(({ id }) => id === 'agent')?.reservedNano ?? 0n
            const { id } = ledger.reserve(subject, BigInt(estimate), 60_000)
            const after = ledger.budgets().find(({ id: b }) => b === 'agent')?.reservedNano ?? 0n
            if (id !== undefined) open.push({ id, heldPico: (after - before) * 1000n })
            if (settle) finish()
          }
          while (open.length > 0) finish()
          for (const { spentNano, limitNano } of ledger.budgets()) expect(spentNano <= (limitNano ?? 0n)).toBe(true)
        },
      ),
      { numRuns: 60 },
    ))

  test('the last one to fit holds what is left; what is not used goes back at its time', async () => {
    const { ledger, host } = await ledgerWith({ limitNano: nano('1') })
    const reserved = () => ledger.budgets()[0]?.reservedNano
    expect(ledger.reserve({ run: 'r1' }, nano('0.7'), 30_000).id).toBeDefined()
    const last = ledger.reserve({ run: 'r1' }, nano('0.7'), 60_000)
    expect(last.decision).toMatchObject({ verdict: 'allow', remainingNano: nano('0.3') })
    expect(reserved()).toBe(nano('1'))
    host.clock.advance(30_000)
    expect(reserved()).toBe(nano('0.3'))
    ledger.release(last.id ?? '')
    ledger.release(last.id ?? '')
    ledger.release('res-unknown')
    expect(reserved()).toBe(0n)
    expect(host.clock.pending).toBeLessThanOrEqual(1)
  })
})

describe('kills', () => {
  const order = { reason: 'enough', code: 'killed', actor: 'ada', untilMs: undefined }

  test('a kill outranks budgets and stops exactly those whose keys all match', async () => {
    const { ledger } = await ledgerWith({})
    const kill = ledger.kill({ ...order, scope: { agent: 'a', customer: 'c' } })
    expect(verdictOf(ledger, { agent: 'a', customer: 'c', run: 'r' })).toEqual(['kill', 'killed'])
    expect(verdictOf(ledger, { agent: 'a', customer: 'd' })).toEqual(['allow', 'allow'])
    expect(verdictOf(ledger, { agent: 'a' })).toEqual(['allow', 'allow'])
    expect(ledger.resume(kill.id, 'ada')).toBe(true)
    expect(ledger.resume(kill.id, 'ada')).toBe(false)
    expect(verdictOf(ledger, { agent: 'a', customer: 'c' })).toEqual(['allow', 'allow'])
    ledger.kill({ ...order, scope: { all: 'true' } })
    expect(verdictOf(ledger, {})).toEqual(['kill', 'killed'])
    expect(ledger.audit(10).map(({ action, actor }) => [action, actor])).toEqual([
      ['kill', 'ada'],
      ['resume', 'ada'],
      ['kill', 'ada'],
    ])
  })

  test('a kill with an end ends by itself, and says so', async () => {
    const { ledger, host } = await ledgerWith({})
    const events: string[] = []
    ledger.watch(0, (event) => events.push(event.type))
    ledger.kill({ ...order, scope: { run: 'r1' }, untilMs: host.clock.now() + 40 * DAY })
    ledger.kill({ ...order, scope: { run: 'r2' }, untilMs: host.clock.now() + 1_000 })
    host.clock.advance(999)
    expect(verdictOf(ledger, { run: 'r2' })).toEqual(['kill', 'killed'])
    host.clock.advance(1)
    expect(verdictOf(ledger, { run: 'r2' })).toEqual(['allow', 'allow'])
    expect(events).toEqual(['kill', 'kill', 'resume'])
    host.clock.advance(40 * DAY)
    expect(ledger.kills()).toEqual([])
    expect(events).toHaveLength(4)
  })

  test('their number is bounded, loudly: those that would end anyway go first', async () => {
    const { ledger, host } = await openLedger({ config: { max_kills: 10 } })
    ledger.kill({ ...order, scope: { agent: 'by hand' } })
    for (let i = 0; i < 50; i++) ledger.kill({ ...order, scope: { run: `r${i}` }, untilMs: host.clock.now() + DAY })
    expect(ledger.kills()).toHaveLength(10)
    expect(verdictOf(ledger, { agent: 'by hand' })).toEqual(['kill', 'killed'])
    expect(host.lines.filter(({ level }) => level === 'error')).toHaveLength(41)
  })
})

describe('changing budgets', () => {
  test('a raised limit lets the run go on, lifts the kill over it, and fires again when it is reached', async () => {
    const { ledger, host } = await ledgerWith({ limitNano: nano('1') })
    ledger.settle(call({ pico: pico('1') }))
    ledger.settle(call({ pico: pico('9'), subject: { run: 'r2' } }))
    for (const run of ['r1', 'r2']) {
      ledger.kill({ scope: { run }, reason: 'cap', code: 'run_cap', actor: 'budget:cap', untilMs: undefined })
    }
    ledger.kill({
      scope: { run: 'r1', agent: 'x' },
      reason: 'by hand',
      code: 'killed',
      actor: 'ada',
      untilMs: undefined,
    })
    const epoch = ledger.epoch
    expect(ledger.override('cap', nano('2'), host.clock.now() + HOUR, 'ada')).toBe(true)
    expect(ledger.epoch).toBeGreaterThan(epoch)
    expect(verdictOf(ledger)).toEqual(['allow', 'allow'])
    expect(ledger.kills().map(({ scope }) => scope)).toEqual([{ run: 'r2' }, { run: 'r1', agent: 'x' }])
    const crossings = ledger.settle(call({ pico: pico('1') }))
    expect(crossings).toMatchObject([{ level: 'exceeded', budget: { limitNano: nano('2') } }])
    ledger.override('cap', nano('3'), host.clock.now() + HOUR, 'ada')
    expect(verdictOf(ledger)).toEqual(['allow', 'allow'])
    host.clock.advance(HOUR)
    expect(verdictOf(ledger)).toEqual(['kill', 'run_cap'])
    expect(ledger.override('nobody', nano('2'), undefined, 'ada')).toBe(false)
    expect(ledger.override('cap', -1n, undefined, 'ada')).toBe(false)
  })

  test('declaring a budget again keeps what was spent; another scope or period begins anew', async () => {
    const { ledger } = await ledgerWith({})
    ledger.settle(call({ pico: pico('3') }))
    ledger.define([budget({ limitNano: nano('2') })])
    expect(verdictOf(ledger)).toEqual(['kill', 'run_cap'])
    expect(ledger.settle(call({ pico: 1 }))).toMatchObject([{ level: 'exceeded' }])
    ledger.define([budget({ limitNano: nano('4') })])
    expect(ledger.check({ run: 'r1' })).toMatchObject({ verdict: 'allow', spentNano: nano('3') })
    ledger.define([budget({ period: 'day' })])
    expect(ledger.check({ run: 'r1' })).toMatchObject({ verdict: 'allow', spentNano: 0n })
  })
})

describe('events', () => {
  test('who comes back gets what was missed, once and in order; one bad listener disturbs nobody', async () => {
    const { ledger } = await ledgerWith({})
    const seen: LedgerEvent[] = []
    ledger.watch(0, () => {
      throw new Error('listener')
    })
    const stop = ledger.watch(0, (event) => seen.push(event))
    const kill = (run: string) =>
      ledger.kill({ scope: { run }, reason: '', code: 'killed', actor: 'a', untilMs: undefined })
    kill('r1')
    kill('r2')
    stop()
    kill('r3')
    expect(seen.map(({ type }) => type)).toEqual(['kill', 'kill'])
    const later: LedgerEvent[] = []
    ledger.watch(seen[0]?.seq ?? 0, (event) => later.push(event))
    expect(later.map((event) => (event.type === 'kill' ? event.kill.scope['run'] : ''))).toEqual(['r2', 'r3'])
    expect(later[1]?.seq).toBeGreaterThan(later[0]?.seq ?? 0)
  })

  test('the last 10,000 are held', async () => {
    const { ledger } = await ledgerWith({})
    for (let i = 0; i < 10_050; i++) ledger.override('cap', BigInt(i), undefined, 'a')
    const limits: string[] = []
    ledger.watch(0, (event) => limits.push(event.type === 'override' ? event.limitUsd : ''))
    expect([limits.length, limits[0], limits.at(-1)]).toEqual([10_000, '0.00000005', '0.000010049'])
  })
})

describe('bounds', () => {
  test('idle runs are forgotten, oldest first; those over their limit are not', async () => {
    const { ledger, host } = await openLedger({ config: { max_counters: 1000 } })
    ledger.define([budget({ limitNano: nano('1') })])
    const settle = (run: string, usd: string) => ledger.settle(call({ subject: { run }, pico: pico(usd) }))
    settle('over', '1')
    for (let i = 0; i < 5000; i++) {
      settle(`r${i}`, '0.5')
      settle('busy', '0.0001')
      expect(host.metric('tokenfuse_ledger_counters')).toBeLessThanOrEqual(1001)
    }
    expect(verdictOf(ledger, { run: 'over' })).toEqual(['kill', 'run_cap'])
    expect(ledger.check({ run: 'busy' }).spentNano).toBe(nano('0.5'))
    expect(ledger.check({ run: 'r0' }).spentNano).toBe(0n)
    expect(ledger.check({ run: 'r4999' }).spentNano).toBe(nano('0.5'))
    const evicted = host.metric('tokenfuse_ledger_evicted_counters_total', 'idle')
    expect(evicted).toBe(5002 - host.metric('tokenfuse_ledger_counters'))
  })

  test('counters over their limit go only when they fill twice the bound, or after their time', async () => {
    const { ledger, host } = await openLedger({ config: { max_counters: 1000 } })
    ledger.define([budget({ limitNano: nano('1') })])
    const settle = (run: string) => ledger.settle(call({ subject: { run }, pico: pico('1') }))
    for (let i = 0; i < 1900; i++) settle(`r${i}`)
    expect(verdictOf(ledger, { run: 'r0' })).toEqual(['kill', 'run_cap'])
    for (let i = 1900; i < 2500; i++) settle(`r${i}`)
    expect(host.metric('tokenfuse_ledger_counters')).toBeLessThanOrEqual(2021)
    expect(host.metric('tokenfuse_ledger_evicted_counters_total', 'forced')).toBeGreaterThan(0)
    host.clock.advance(8 * DAY)
    for (let i = 0; i < 3000; i++) settle(`later${i}`)
    expect(host.metric('tokenfuse_ledger_evicted_counters_total', 'idle')).toBeGreaterThan(1000)
  })

  test('counters of ended periods go before anything else', async () => {
    const { ledger, host } = await openLedger({ config: { max_counters: 1000 } })
    ledger.define([budget({ id: 'day', scope: ['customer'], period: 'day' }), budget({ id: 'run' })])
    for (let i = 0; i < 500; i++) ledger.settle(call({ subject: { customer: `c${i}`, run: `r${i}` } }))
    host.clock.advance(DAY)
    for (let i = 500; i < 900; i++) ledger.settle(call({ subject: { run: `r${i}` } }))
    expect(ledger.check({ run: 'r0' }).spentNano).toBe(nano('0.01'))
    expect(host.metric('tokenfuse_ledger_evicted_counters_total', 'idle')).toBeGreaterThan(390)
  })
})

test('metrics show the budgets nearest to their limits', async () => {
  const { ledger, host } = await ledgerWith({ limitNano: nano('10') })
  for (let i = 1; i <= 300; i++) ledger.settle(call({ subject: { run: `r${i}` }, pico: i * CENT }))
  ledger.reserve({ run: 'r300' }, nano('0.5'), 60_000)
  expect(host.metric('tokenfuse_budget_spent_usd', 'cap', 'run=r300', 'lifetime')).toBe(3)
  expect(host.metric('tokenfuse_budget_limit_usd', 'cap', 'run=r300', 'lifetime')).toBe(10)
  expect(host.metric('tokenfuse_budget_reserved_usd', 'cap', 'run=r300', 'lifetime')).toBe(0.5)
  expect(host.metric('tokenfuse_budget_spent_usd', 'cap', 'run=r100', 'lifetime')).toBe(0)
  expect(host.metric('tokenfuse_budget_spent_usd', 'cap', 'run=r101', 'lifetime')).toBe(1.01)
  ledger.kill({ scope: { run: 'x' }, reason: '', code: 'anything at all', actor: 'a', untilMs: undefined })
  expect(host.metric('tokenfuse_kills_total', '__other__')).toBe(1)
})
