import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import type { Call } from '../../genai/call.ts'
import { parseUsd } from '../../genai/money.ts'
import type { Verdict } from '../../genai/verdict.ts'
import { testHost } from '../../test/support/host.ts'
import fc from '../../test/support/property.ts'
import type { Config } from './config.ts'
import { factory } from './index.ts'
import { call, delivery, priced } from './testing/calls.ts'
import { compressors } from './testing/compressors.ts'
import { inProcess } from './testing/in-process.ts'
import { threads } from './threads.ts'
import { WarehouseExporter } from './warehouse.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** 2025-11-23T12:13:20Z, where manual clocks begin. */
const NOON = 1_763_900_000_000

const CONFIG: Config = {
  ...{ directory: undefined, retention_days: 7, max_size_mib: 1024, synchronous: 'normal', busy_timeout: 10_000 },
  parquet: { enabled: true, directory: undefined, seal_delay: 300_000, compression: 'zstd', retention_days: 395 },
}

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'tokenfuse-warehouse-'))
  cleanups.push(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** An exporter that is started, on a folder of its own. */
async function setup(over: Partial<Config> = {}, dataDir = folder(), workers = inProcess) {
  const made = unstarted(over, dataDir, workers)
  await made.exporter.start()
  return made
}

function unstarted(over: Partial<Config> = {}, dataDir = folder(), workers = inProcess) {
  const host = testHost('warehouse', dataDir)
  const exporter = new WarehouseExporter({ ...CONFIG, ...over }, host, workers)
  cleanups.push(() => exporter.shutdown())
  const directory = over.directory ?? join(dataDir, 'warehouse')
  const file = join(directory, 'warehouse.sqlite')
  const send = (calls: readonly Call[], verdicts: readonly Verdict[] = []) => exporter.export(delivery(calls, verdicts))
  const ask = (sql: string): readonly Record<string, unknown>[] => {
    const db = new DatabaseSync(file, { readOnly: true })
    try {
      const statement = db.prepare(sql)
      statement.setReadBigInts(true)
      return statement.all()
    } finally {
      db.close()
    }
  }
  /** Moves time on to the next pass of the janitor and waits for its end. */
  const pass = async (ms = HOUR) => {
    host.clock.advance(ms)
    await exporter.settled()
  }
  const parquet = join(directory, 'parquet')
  const files = () =>
    existsSync(parquet)
      ? readdirSync(parquet, { recursive: true, encoding: 'utf8' })
          .filter((f) => /parquet/.test(f))
          .sort()
      : []
  return { host, exporter, file, directory, parquet, send, ask, pass, files }
}

/** Every row of a Parquet file; amounts as exact pico-USD, which hyparquet itself would turn into doubles. */
async function readFileRows(path: string): Promise<readonly Record<string, unknown>[]> {
  const file = await asyncBufferFromFile(path)
  const metadata = await parquetMetadataAsync(file)
  for (const element of metadata.schema) if (element.converted_type === 'DECIMAL') delete element.converted_type
  const rows = await parquetReadObjects({ file, metadata, compressors, utf8: false })
  return rows.map((row) => ({
    ...row,
    cost_usd: amountOf(row['cost_usd']),
    reported_cost_usd: amountOf(row['reported_cost_usd']),
  }))
}
const amountOf = (bytes: unknown): bigint | null =>
  bytes instanceof Uint8Array ? BigInt.asIntN(128, BigInt(`0x${Buffer.from(bytes).toString('hex')}`)) : null

const SPEND = `SELECT sum(cost_pico / 1000000) AS high, sum(cost_pico % 1000000) AS low FROM llm_call WHERE bill_status = 'billed' AND typeof(cost_pico) = 'integer'`
const spendOf = (ask: (sql: string) => readonly Record<string, unknown>[]): bigint => {
  const [row] = ask(SPEND)
  const big = ask("SELECT cost_usd FROM llm_call WHERE bill_status = 'billed' AND typeof(cost_pico) = 'text'")
  const rest = big.reduce((total, { cost_usd }) => total + BigInt(parseUsd(String(cost_usd)) ?? 0), 0n)
  return (
    BigInt((row?.['high'] as bigint | null) ?? 0n) * 1_000_000n + BigInt((row?.['low'] as bigint | null) ?? 0n) + rest
  )
}

const verdict = (over: Partial<Verdict> = {}): Verdict => ({
  ...{
    timeMs: NOON,
    kind: 'loop',
    level: 'warn',
    action: 'signal',
    detector: 'exact_cycle',
    reason: 'It loops.',
    scope: { run: 'r' },
    run: 'r',
  },
  ...{ agent: undefined, spanId: 'ab', spanTimeMs: 1, evidence: { n: 3 }, liftedBy: 'a user turn', ...over },
})

describe('rows', () => {
  test('a call is a row with everything that is known, and NULL for what is not', async () => {
    const { send, ask } = await setup()
    const full = call({
      trace: 'a'.repeat(32),
      span: 'b'.repeat(16),
      startMs: NOON - 1500.5,
      endMs: NOON,
      responseId: 'resp_1',
      model: 'gpt-5',
    })
    full.usage = {
      input: 10,
      cacheRead: 0,
      cacheWrite5m: 7,
      output: 3,
      reasoning: 2,
      other: { web_searches: 1, seconds: 1.5, output_audio: 4 },
    }
    full.cost = { ...priced(102_000_000), reason: 'assumed 5 m' }
    full.reportedPico = 99n
    full.flags = ['clamped', 'cache_ttl_assumed']
    full.isByok = true
    full.tags = {
      run: 'r',
      agent: 'a',
      workflow: 'w',
      step: 's',
      customer: 'c',
      businessUnit: 'b',
      extra: { team: 'x"y' },
    }
    expect(await send([full])).toEqual({ kind: 'ok' })
    expect(ask('SELECT * FROM llm_call')[0]).toEqual({
      ...{
        version: 1n,
        call_key: 'openai|resp_1',
        hour: 12n,
        time_ms: BigInt(NOON),
        trace_id: 'a'.repeat(32),
        span_id: 'b'.repeat(16),
        parent_span_id: null,
      },
      ...{
        signal: 'span',
        duration_ms: 1500.5,
        run: 'r',
        agent: 'a',
        workflow: 'w',
        step: 's',
        customer: 'c',
        business_unit: 'b',
        provider: 'openai',
      },
      ...{
        request_model: 'gpt-5',
        response_model: null,
        response_id: 'resp_1',
        operation: 'chat',
        role: 'inference',
        service_tier: null,
        speed: null,
      },
      ...{ inference_geo: null, region: null, conversation: null, service_name: null },
      ...{
        input_uncached_tokens: 10n,
        cache_read_tokens: 0n,
        cache_write_tokens: null,
        cache_write_5m_tokens: 7n,
        cache_write_1h_tokens: null,
      },
      ...{
        output_tokens: 3n,
        reasoning_tokens: 2n,
        input_audio_tokens: null,
        input_image_tokens: null,
        input_video_tokens: null,
        input_tool_tokens: null,
      },
      ...{
        cache_read_audio_tokens: null,
        cache_read_image_tokens: null,
        output_audio_tokens: 4n,
        output_image_tokens: null,
        web_searches: 1n,
      },
      ...{
        storage_searches: null,
        attachment_searches: null,
        code_sessions: null,
        session_hours: null,
        images: null,
        seconds: 1.5,
        characters: null,
        requests: null,
        pages: null,
        cache_storage_token_hours: null,
      },
      ...{
        cost_pico: 102_000_000n,
        cost_usd: '0.000102',
        cost_status: 'priced',
        cost_reason: 'assumed 5 m',
        cost_layer: 'book',
      },
      ...{
        price_card: 'openai/gpt-5@2025-08-07',
        price_book: '2025-11-23',
        reported_cost_usd: '0.000000000099',
        bill_status: 'billed',
      },
      ...{
        correction_of: null,
        flags: '["clamped","cache_ttl_assumed"]',
        dialect: null,
        error_type: null,
        resend_count: 0n,
        is_byok: 1n,
        tags: '{"team":"x\\"y"}',
      },
    })
    await send([call({ endMs: NOON, trace: 'c'.repeat(32), span: 'd'.repeat(16) })])
    expect(
      ask("SELECT cost_pico, cost_usd, cost_status, is_byok FROM llm_call WHERE call_key NOT LIKE 'openai%'"),
    ).toEqual([{ cost_pico: null, cost_usd: null, cost_status: 'unpriced', is_byok: 0n }])
  })

  test('money is exact whatever its size, also beyond what an integer of SQLite holds', async () => {
    const amount = fc.oneof(fc.maxSafeInteger(), fc.nat({ max: 1e9 }), fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }))
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(amount, { maxLength: 40 }), { maxLength: 8 }), async (deliveries) => {
        const { send, ask, exporter } = await setup()
        await send([call({ pico: 0, endMs: NOON })])
        for (const picos of deliveries) await send(picos.map((pico) => call({ pico, endMs: NOON - 30 * HOUR })))
        expect(spendOf(ask)).toBe(deliveries.flat().reduce((sum: bigint, pico) => sum + BigInt(pico), 0n))
        await exporter.shutdown()
      }),
      { numRuns: 5, seed: 3 },
    )
  })

  test('what senders make up is kept or bounded, and never stops a delivery', async () => {
    const { send, ask } = await setup()
    const odd = call({
      endMs: NOON,
      usage: { input: 1e300, output: 2.4, reasoning: Number.NaN, other: { seconds: Number.POSITIVE_INFINITY } },
    })
    odd.requestModel = "x'); DROP TABLE llm_call_20251123; --\u0000\ud800"
    expect(await send([odd])).toEqual({ kind: 'ok' })
    expect(ask('SELECT input_uncached_tokens, output_tokens, reasoning_tokens FROM llm_call')).toEqual([
      { input_uncached_tokens: BigInt(Number.MAX_SAFE_INTEGER), output_tokens: 2n, reasoning_tokens: null },
    ])
  })

  test('a call is filed by the hour in which it ended; unbelievable times count as now', async () => {
    const { send, ask } = await setup()
    const check = async (startMs: number, endMs: number, want: string, hour: number) => {
      const trace = `${startMs}${endMs}`.replace(/\D/g, '').padEnd(32, '0').slice(0, 32)
      await send([call({ startMs, endMs, trace, span: '1'.repeat(16) })])
      const [row] = ask(`SELECT time_ms, hour FROM llm_call WHERE trace_id = '${trace}'`)
      expect([new Date(Number(row?.['time_ms'])).toISOString(), Number(row?.['hour'])]).toEqual([want, hour])
    }
    await check(NOON - HOUR, NOON, '2025-11-23T12:13:20.000Z', 12)
    await check(NOON - 13 * HOUR, NOON - 12.5 * HOUR, '2025-11-22T23:43:20.000Z', 23)
    await check(NOON - HOUR, 0, '2025-11-23T11:13:20.000Z', 11)
    await check(0, 0, '2025-11-23T12:13:20.000Z', 12)
    await check(0, NOON + 10 * DAY, '2025-11-23T12:13:20.000Z', 12)
    await check(0, 1000, '2025-11-23T12:13:20.000Z', 12)
    await check(0, NOON - 300 * DAY, '2025-01-27T12:13:20.000Z', 12)
    expect(ask("SELECT count(*) AS n FROM sqlite_master WHERE name GLOB 'llm_call_*' AND type = 'table'")[0]).toEqual({
      n: 3n,
    })
  })

  test('verdicts are kept, each once', async () => {
    const { send, ask } = await setup()
    await send([], [verdict(), verdict({ level: 'critical', action: 'kill', untilMs: 5 })])
    await send([], [verdict()])
    expect(ask('SELECT detector, level, action, scope, evidence, until_ms FROM verdict ORDER BY level DESC')).toEqual([
      {
        detector: 'exact_cycle',
        level: 'warn',
        action: 'signal',
        scope: '{"run":"r"}',
        evidence: '{"n":3}',
        until_ms: null,
      },
      {
        detector: 'exact_cycle',
        level: 'critical',
        action: 'kill',
        scope: '{"run":"r"}',
        evidence: '{"n":3}',
        until_ms: 5n,
      },
    ])
  })
})

describe('one call is one row', () => {
  const a = { trace: 'a'.repeat(32), span: 'a'.repeat(16), endMs: NOON }
  const b = { trace: 'b'.repeat(32), span: 'b'.repeat(16), endMs: NOON + 1 }
  const usage = { input: 5, output: 1 }
  const check = async (steps: Call[], wantPico: bigint, wantRows: (string | number)[][]) => {
    const { send, ask } = await setup()
    for (const step of steps) expect(await send([step])).toEqual({ kind: 'ok' })
    expect(spendOf(ask)).toBe(wantPico)
    expect(
      ask('SELECT bill_status, cost_pico FROM llm_call ORDER BY version').map((r) => [
        String(r['bill_status']),
        Number(r['cost_pico']),
      ]),
    ).toEqual(wantRows)
  }

  test('sent again', () => check([call({ ...a, pico: 5 }), call({ ...a, pico: 5 })], 5n, [['billed', 5]]))
  test('sent again and recognised as a duplicate', () =>
    check([call({ ...a, pico: 5 }), call({ ...a, pico: 5, bill: 'duplicate' })], 5n, [['billed', 5]]))
  test('the duplicate came first', () =>
    check([call({ ...a, pico: 5, bill: 'duplicate' }), call({ ...a, pico: 5 })], 5n, [['billed', 5]]))
  test('priced again', () => check([call({ ...a, pico: 5 }), call({ ...a, pico: 7 })], 7n, [['billed', 7]]))
  test('better evidence took its place', () =>
    check([call({ ...a, pico: 5 }), call({ ...a, pico: 5, bill: 'superseded' })], 0n, [['superseded', 5]]))
  test('superseded stays superseded', () =>
    check([call({ ...a, pico: 5, bill: 'superseded' }), call({ ...a, pico: 5 })], 0n, [['superseded', 5]]))
  test('a correction stands beside what it corrects, once', () => {
    const key = `${a.trace}/${a.span}`
    const fix = { ...b, pico: -5, correctionOf: key }
    return check([call({ ...a, pico: 5 }), call(fix), call(fix)], 0n, [
      ['billed', 5],
      ['billed', -5],
    ])
  })
  test('a correction may carry the ids of what it corrects', () =>
    check([call({ ...a, pico: 5 }), call({ ...a, pico: -2, correctionOf: `${a.trace}/${a.span}` })], 3n, [
      ['billed', 5],
      ['billed', -2],
    ]))
  test('two spans of one answer, of which one is billed', () =>
    check(
      [
        call({ ...a, responseId: 'r', pico: 5, usage }),
        call({ ...b, responseId: 'r', pico: 5, usage, bill: 'duplicate' }),
      ],
      5n,
      [
        ['billed', 5],
        ['duplicate', 5],
      ],
    ))
  test('two spans of one answer, and after a restart both say billed', () =>
    check([call({ ...a, responseId: 'r', pico: 5, usage }), call({ ...b, responseId: 'r', pico: 5, usage })], 5n, [
      ['billed', 5],
    ]))
  test('two reports of one call on the two sides of midnight', () => {
    const midnight = Date.UTC(2025, 10, 23)
    return check(
      [
        call({ ...a, endMs: midnight - 400, responseId: 'r', pico: 5, usage }),
        call({ ...b, endMs: midnight + 300, responseId: 'r', pico: 5, usage }),
      ],
      5n,
      [['billed', 5]],
    )
  })
  test('a server that gives every answer the same id', () => {
    const other = { ...b, responseId: 'chatcmpl-0', pico: 7, usage: { input: 9, output: 1 } }
    return check([call({ ...a, responseId: 'chatcmpl-0', pico: 5, usage }), call(other), call(other)], 12n, [
      ['billed', 5],
      ['billed', 7],
    ])
  })
  test('calls that nothing identifies', () => {
    const none = { trace: '', span: '', pico: 5 }
    const first = call({ ...none, endMs: NOON })
    return check([first, first, call({ ...none, endMs: NOON + 1 })], 10n, [
      ['billed', 5],
      ['billed', 5],
    ])
  })

  test('the same rows again get no new version, so they are not sealed again', async () => {
    const { send, ask } = await setup()
    const calls = [call({ ...a, pico: 5, usage }), call({ ...b, pico: 2n ** 70n, tags: { agent: 'x' } })]
    await send(calls)
    const before = ask('SELECT call_key, version FROM llm_call ORDER BY 1')
    await send(calls)
    expect(ask('SELECT call_key, version FROM llm_call ORDER BY 1')).toEqual(before)
  })

  test('a call without a time is found again on the day on which it first came', async () => {
    const { host, send, ask } = await setup()
    await send([call({ ...a, endMs: 0, pico: 5 })])
    host.clock.advance(DAY)
    await send([call({ ...b, pico: 1 }), call({ ...a, endMs: 0, pico: 5 })])
    expect(spendOf(ask)).toBe(6n)
  })
})

describe('life', () => {
  test('nothing is opened before the first call arrives', async () => {
    const { exporter, send, file, host } = await setup({}, folder(), threads)
    expect(await send([])).toEqual({ kind: 'ok' })
    host.clock.advance(3 * HOUR)
    await exporter.settled()
    expect(existsSync(file)).toBe(false)
    await send([call({ endMs: NOON })])
    expect(existsSync(file)).toBe(true)
  }, 30_000)

  test('another process reads while this one writes', async () => {
    const { send, ask } = await setup({}, folder(), threads)
    await send([call({ pico: 1, endMs: NOON })])
    const results = await Promise.all(Array.from({ length: 20 }, () => send([call({ pico: 1, endMs: NOON })])))
    expect(results.every(({ kind }) => kind === 'ok')).toBe(true)
    expect(spendOf(ask)).toBe(21n)
  }, 30_000)

  test('shutdown finishes what was begun, is safe before start and twice, and then asks to try again', async () => {
    const { exporter, send, ask } = await setup({}, folder(), threads)
    await unstarted().exporter.shutdown()
    const pending = send([call({ pico: 3, endMs: NOON })])
    await exporter.shutdown()
    await exporter.shutdown()
    expect(await pending).toEqual({ kind: 'ok' })
    expect(spendOf(ask)).toBe(3n)
    expect(await send([call()])).toEqual({ kind: 'retry', reason: 'the warehouse is shut down' })
  }, 30_000)

  test('a directory that cannot be had stops the start', async () => {
    const dir = folder()
    writeFileSync(join(dir, 'file'), '')
    await expect(unstarted({ directory: join(dir, 'file', 'x') }).exporter.start()).rejects.toThrow(/cannot write to/)
  })

  test('a database that another process has locked means later, not lost', async () => {
    const { send, ask, file } = await setup({ busy_timeout: 20 })
    await send([call({ pico: 1, endMs: NOON })])
    const other = new DatabaseSync(file)
    other.exec('BEGIN IMMEDIATE')
    const waiting = call({ pico: 2, endMs: NOON })
    expect(await send([waiting])).toMatchObject({ kind: 'retry', reason: expect.stringMatching(/locked/) })
    other.exec('ROLLBACK')
    other.close()
    expect(await send([waiting])).toEqual({ kind: 'ok' })
    expect(spendOf(ask)).toBe(3n)
  })

  test('a file that is no database is set aside, loudly, and a new one begun', async () => {
    const { host, file, send, ask } = await setup()
    writeFileSync(file, 'this is not a database, and longer than its header'.repeat(100))
    expect(await send([call({ pico: 4, endMs: NOON })])).toEqual({ kind: 'ok' })
    expect(spendOf(ask)).toBe(4n)
    expect(readFileSync(`${file}.damaged-1`, 'utf8')).toMatch(/^this is not/)
    expect(host.lines).toEqual([
      expect.objectContaining({ level: 'error', message: expect.stringMatching(/set aside/) }),
    ])
  })

  test('a table of an earlier release gets the columns that came later', async () => {
    const first = await setup()
    await first.send([call({ pico: 1, endMs: NOON, tags: { agent: 'old' } })])
    await first.exporter.shutdown()
    const db = new DatabaseSync(first.file)
    db.exec(
      'DROP VIEW llm_call; ALTER TABLE llm_call_20251123 DROP COLUMN tags; ALTER TABLE llm_call_20251123 DROP COLUMN agent',
    )
    db.close()
    const second = await setup({}, join(first.directory, '..'))
    await second.send([call({ pico: 2, endMs: NOON, tags: { agent: 'new' } })])
    expect(spendOf(second.ask)).toBe(3n)
    expect(second.ask('SELECT agent FROM llm_call ORDER BY version')).toEqual([{ agent: null }, { agent: 'new' }])
  })

  test('kill -9 while writing keeps every committed delivery, and none by half', async () => {
    const directory = folder()
    for (let round = 0; round < 3; round++) {
      const child = spawn(
        process.execPath,
        ['--no-warnings', join(import.meta.dirname, 'testing', 'write-until-killed.ts'), directory, '50'],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      )
      let said = ''
      const dead = new Promise((resolve) => child.once('exit', resolve))
      child.stdout.on('data', (chunk: Buffer) => {
        said += chunk.toString()
        if (said.split('\n').length > 20 + round * 7) child.kill('SIGKILL')
      })
      await dead
      // What is in the pipe was committed before it was written there.
      const committed = Number(said.trimEnd().split('\n').at(-1))
      const db = new DatabaseSync(join(directory, 'warehouse.sqlite'))
      expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
      const runs = db.prepare('SELECT run, count(*) AS n FROM llm_call GROUP BY run').all()
      expect(runs.length).toBeGreaterThanOrEqual(committed)
      expect(runs.filter(({ n }) => n !== 50)).toEqual([])
      db.exec('DROP VIEW llm_call')
      for (const { name } of db
        .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB 'llm_call_*'")
        .all())
        db.exec(`DROP TABLE ${String(name)}`)
      db.close()
    }
  }, 60_000)
})

describe('sealing', () => {
  test('a finished hour becomes one file, once, with exact amounts', async () => {
    const { exporter, send, pass, files, parquet, host } = await setup({}, folder(), threads)
    const big = 2n ** 90n
    await send([
      call({
        pico: 102_000_000,
        startMs: NOON - 10,
        endMs: NOON,
        tags: { agent: 'ä' },
        usage: { input: 3, other: { seconds: 0.5 } },
      }),
      call({ pico: big, endMs: NOON + 1 }),
      call({ pico: -7, endMs: NOON + 2, correctionOf: 'x' }),
      call({ endMs: NOON + 3 }),
    ])
    host.clock.advance(50 * 60_000)
    await exporter.settled()
    expect(files()).toEqual([])
    await pass()
    const [name = ''] = files()
    expect(files()).toEqual(['dt=2025-11-23/hour=12/80000000-0000.parquet'])
    const rows = await readFileRows(join(parquet, name))
    expect(rows.map((r) => r['cost_usd'])).toEqual([102_000_000n, big, -7n, null])
    expect(rows[0]).toMatchObject({
      ...{
        time: new Date(NOON),
        duration_ms: 10,
        agent: 'ä',
        input_uncached_tokens: 3n,
        output_tokens: null,
        seconds: 0.5,
        is_byok: false,
        version: 1n,
      },
    })
    await pass()
    await pass()
    expect(files()).toHaveLength(1)
    expect(host.metric('tokenfuse_warehouse_sealed_rows_total', 'warehouse')).toBe(4)
    expect(host.metric('tokenfuse_warehouse_sealed_files_total', 'warehouse')).toBe(1)
  }, 30_000)

  test('late and changed rows go to a further file; the highest version of a call is the one that holds', async () => {
    const { send, pass, files, parquet } = await setup()
    const first = call({ pico: 5, endMs: NOON })
    await send([first, call({ pico: 1, endMs: NOON })])
    await pass()
    await send([call({ pico: 10, endMs: NOON + 1 }), call({ pico: 100, endMs: NOON + 2 * HOUR })])
    first.cost = priced(6)
    await send([first])
    await pass()
    await pass(2 * HOUR)
    expect(files().map((f) => f.slice(14))).toEqual([
      'hour=12/80000000-0000.parquet',
      'hour=12/80000000-0001.parquet',
      'hour=14/80000000-0000.parquet',
    ])
    const rows = (await Promise.all(files().map((f) => readFileRows(join(parquet, f))))).flat()
    const latest = new Map<unknown, Record<string, unknown>>()
    for (const row of rows)
      if (Number(row['version']) > Number(latest.get(row['call_key'])?.['version'] ?? 0))
        latest.set(row['call_key'], row)
    expect(rows).toHaveLength(5)
    expect([...latest.values()].reduce((sum, r) => sum + BigInt(r['cost_usd'] as bigint), 0n)).toBe(117n)
  })

  test('a pass that died before it could note its file is repeated into the same file', async () => {
    const { send, pass, files, parquet, file } = await setup()
    await send([call({ pico: 5, endMs: NOON }), call({ pico: 6, endMs: NOON })])
    await pass()
    const before = files()
    const db = new DatabaseSync(file)
    db.exec('DELETE FROM sealed_part; DELETE FROM sealed_day')
    db.close()
    writeFileSync(join(parquet, `${before[0]}.123.tmp`), 'half')
    await pass()
    expect(files()).toEqual(before)
    expect(await readFileRows(join(parquet, before[0] ?? ''))).toHaveLength(2)
  })

  test.each(['zstd', 'gzip', 'snappy'] as const)('what %s wrote can be read again', async (compression) => {
    const { send, pass, files, parquet } = await setup({ parquet: { ...CONFIG.parquet, compression } })
    await send(Array.from({ length: 300 }, (_, i) => call({ pico: i, endMs: NOON, tags: { agent: `a${i % 7}` } })))
    await pass()
    const rows = await readFileRows(join(parquet, files()[0] ?? ''))
    expect(rows.reduce((sum, r) => sum + BigInt(r['cost_usd'] as bigint), 0n)).toBe((299n * 300n) / 2n)
  })

  test('many rows make several row groups, so that memory holds one at a time', async () => {
    const { send, pass, files, parquet } = await setup()
    await send(Array.from({ length: 4101 }, (_, i) => call({ pico: i, endMs: NOON })))
    await pass()
    const file = await asyncBufferFromFile(join(parquet, files()[0] ?? ''))
    expect((await parquetMetadataAsync(file)).row_groups.map((g) => Number(g.num_rows))).toEqual([2000, 2000, 101])
  }, 30_000)

  test('sealing that fails loses nothing, is counted, and is made up for', async () => {
    const dir = folder()
    writeFileSync(join(dir, 'lake'), 'a file where a folder should be')
    const over = { retention_days: 0, parquet: { ...CONFIG.parquet, directory: join(dir, 'lake') } }
    const { host, send, pass, ask } = await setup(over)
    await send([call({ pico: 5, endMs: NOON })])
    await pass(50 * HOUR)
    expect(host.metric('tokenfuse_warehouse_janitor_failures_total', 'warehouse')).toBeGreaterThan(0)
    expect(spendOf(ask)).toBe(5n)
    rmSync(join(dir, 'lake'))
    await pass()
    expect(readdirSync(join(dir, 'lake'))).toEqual(['dt=2025-11-23'])
    expect(ask('SELECT count(*) AS n FROM llm_call')).toEqual([{ n: 0n }])
  })
})

describe('limits', () => {
  test('days beyond retention are dropped once they are sealed, and late calls of theirs still reach a file', async () => {
    const { host, send, pass, ask, files } = await setup({ retention_days: 1 })
    await send([
      call({ pico: 1, endMs: NOON - 3 * DAY }),
      call({ pico: 2, endMs: NOON - DAY }),
      call({ pico: 4, endMs: NOON }),
    ])
    await pass()
    expect(
      ask("SELECT name FROM sqlite_master WHERE name GLOB 'llm_call_*' AND type = 'table' ORDER BY 1").map(
        (r) => r['name'],
      ),
    ).toEqual(['llm_call_20251122', 'llm_call_20251123'])
    expect(spendOf(ask)).toBe(6n)
    expect(host.metric('tokenfuse_warehouse_dropped_tables_total', 'warehouse')).toBe(1)
    await send([call({ pico: 8, endMs: NOON - 3 * DAY })])
    await pass()
    expect(files()).toEqual([
      'dt=2025-11-20/hour=12/80000000-0000.parquet',
      'dt=2025-11-20/hour=12/80000000-0001.parquet',
      'dt=2025-11-22/hour=12/80000000-0000.parquet',
      'dt=2025-11-23/hour=12/80000000-0000.parquet',
    ])
    expect(spendOf(ask)).toBe(6n)
  })

  test('without Parquet old days are dropped at once', async () => {
    const { send, pass, ask, files } = await setup({
      retention_days: 0,
      parquet: { ...CONFIG.parquet, enabled: false },
    })
    await send(
      [call({ pico: 1, endMs: NOON - DAY }), call({ pico: 2, endMs: NOON })],
      [verdict({ timeMs: NOON - 2 * DAY }), verdict()],
    )
    await pass()
    expect(spendOf(ask)).toBe(2n)
    expect(ask('SELECT count(*) AS n FROM verdict')).toEqual([{ n: 1n }])
    expect(files()).toEqual([])
  })

  test('old files are deleted after their own retention', async () => {
    const { send, pass, files } = await setup({ parquet: { ...CONFIG.parquet, retention_days: 10 } })
    await send([call({ endMs: NOON - 9 * DAY }), call({ endMs: NOON })])
    await pass()
    expect(files().map((f) => f.slice(0, 13))).toEqual(['dt=2025-11-14', 'dt=2025-11-23'])
    await pass(2 * DAY)
    await pass()
    expect(files().map((f) => f.slice(0, 13))).toEqual(['dt=2025-11-23'])
  })

  test('at its size the oldest calls go, files first, and what is kept and sealed is everything', async () => {
    const { exporter, host, send, ask, files, parquet } = await setup({ max_size_mib: 1 })
    let sent = 0n
    let retries = 0
    for (let i = 0; i < 30; i++) {
      const calls = Array.from({ length: 250 }, (_, n) =>
        call({ pico: i * 250 + n, endMs: NOON - (i < 10 ? DAY : 0), tags: { agent: 'x'.repeat(100) } }),
      )
      while ((await send(calls)).kind === 'retry') {
        retries++
        await exporter.settled()
      }
      sent += calls.reduce((sum, c) => sum + BigInt(c.cost?.pico ?? 0), 0n)
    }
    await exporter.settled()
    expect(host.metric('tokenfuse_warehouse_trimmed_rows_total', 'warehouse')).toBeGreaterThan(0)
    expect(host.metric('tokenfuse_warehouse_size_bytes', 'warehouse')).toBeLessThanOrEqual(1.3 * 1024 * 1024)
    const sealed = (await Promise.all(files().map((f) => readFileRows(join(parquet, f))))).flat()
    const amounts = new Map(sealed.map((r) => [r['call_key'], BigInt(r['cost_usd'] as bigint)]))
    for (const row of ask('SELECT call_key, cost_pico FROM llm_call'))
      amounts.set(row['call_key'], row['cost_pico'] as bigint)
    expect([...amounts.values()].reduce((a, b) => a + b, 0n)).toBe(sent)
    expect(retries).toBeLessThan(30)
  }, 30_000)

  test('while sealing fails nothing is removed: deliveries wait, and go through once it works', async () => {
    const dir = folder()
    writeFileSync(join(dir, 'lake'), 'a file where a folder should be')
    const over = { max_size_mib: 1, parquet: { ...CONFIG.parquet, directory: join(dir, 'lake') } }
    const { exporter, host, send, ask } = await setup(over)
    let sent = 0
    const more = () =>
      send(Array.from({ length: 500 }, () => call({ pico: 1, endMs: NOON, tags: { agent: 'x'.repeat(100) } })))
    for (let i = 0; i < 20; i++) {
      if ((await more()).kind === 'ok') sent += 500
      await exporter.settled()
    }
    expect(await more()).toEqual({ kind: 'retry', reason: expect.stringMatching(/the warehouse is full/) })
    expect(spendOf(ask)).toBe(BigInt(sent))
    // One pass at the first sign of pressure, and then not one per delivery.
    expect(host.metric('tokenfuse_warehouse_janitor_failures_total', 'warehouse')).toBe(1)
    rmSync(join(dir, 'lake'))
    host.clock.advance(10_000)
    await more()
    await exporter.settled()
    expect(await more()).toEqual({ kind: 'ok' })
    expect(readdirSync(join(dir, 'lake'))).toEqual(['dt=2025-11-23'])
  }, 30_000)
})

test('the factory says what it registers', () => {
  expect(factory.metrics?.map(({ name }) => name)).toContain('tokenfuse_warehouse_size_bytes')
  expect(factory.signals).toEqual(['traces', 'logs'])
})
