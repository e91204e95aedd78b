import { createServer } from 'node:http'
import { join } from 'node:path'
import { started, stopAll, TOKEN, temporary } from '../exporters/kill_switch/testing/started.ts'
import { budget, call } from '../extensions/ledger/testing/open-ledger.ts'
import { priceBoard } from '../pipeline/price-board.ts'
import { PRICE_BOARD, type UnpricedKind } from '../pipeline/services.ts'
import { kill } from './kill.ts'
import { resume } from './resume.ts'
import { status } from './status.ts'

afterEach(stopAll)

const COMMANDS = { kill, resume, status }

/** Runs a command as the shell would; the token is where the sidecar puts it. */
async function run(
  name: keyof typeof COMMANDS,
  args: readonly string[],
  env: Record<string, string> = {},
  files: Record<string, string> = {},
) {
  const out: string[] = []
  const err: string[] = []
  const io = {
    env: { USER: 'ada', ...env },
    readFile: (path: string) => {
      const content = { 'data/control-token': `${TOKEN}\n`, ...files }[path]
      if (content === undefined) throw new Error(`ENOENT: ${path}`)
      return content
    },
    stdout: (text: string) => void out.push(text),
    stderr: (text: string) => void err.push(text),
  }
  const code = await COMMANDS[name]({ args, io })
  return { code, out: out.join(''), err: err.join('') }
}

test('look, stop, look, let go: what an operator does', async () => {
  const { port, ledger } = await started({
    budgets: [budget({ limitTokens: 1000 }), budget({ id: 'month', scope: [], period: 'month', mode: 'observe' })],
  })
  const at = ['--endpoint', `127.0.0.1:${port}`]
  ledger.settle(call({ pico: 1_250_000_000_000, tokens: 300 }))
  expect(await run('status', at)).toEqual({
    code: 0,
    err: '',
    out: `no kills

BUDGET  OF          PERIOD    SPENT  LIMIT  HELD   USED  TOKENS
cap     run=r1      lifetime  $1.25  $5.00  $0.00  30%   300/1000
month   everything  month     $1.25  $5.00  $0.00  25%   300       observe
`,
  })
  const killed = await run('kill', ['run=r1', 'agent=a', '--ttl', '2h', '--reason', 'enough', ...at])
  const [made] = ledger.kills()
  expect(made).toMatchObject({ scope: { run: 'r1', agent: 'a' }, actor: 'cli:ada', reason: 'enough' })
  expect(killed).toEqual({
    code: 0,
    err: '',
    out: `stopped run=r1 agent=a until ${new Date(made?.untilMs ?? 0).toISOString()}\nlift with: tokenfuse resume ${made?.id}\n`,
  })
  expect((await run('kill', ['agent=a', 'run=r1', '--ttl', '1h', ...at])).out).toMatch(
    /^already stopped: run=r1 agent=a until/,
  )
  const shown = (await run('status', ['run=r1', 'agent=a', ...at])).out
  expect(shown).toMatch(
    /^kill: stopped: enough \(kill-\w+\)\n\nID +WHOM +SINCE +UNTIL +BY +REASON\nkill-\w+ +run=r1 agent=a +.* ago +in .* +cli:ada +enough\n/,
  )
  expect(await run('resume', ['run=r1', 'agent=a', ...at])).toEqual({
    code: 0,
    err: '',
    out: 'run=r1 agent=a may go on\n',
  })
  expect(ledger.kills()).toEqual([])
})

test('calls without a price are said, with their models, and so is the age of the prices', async () => {
  const { port, host } = await started()
  const at = ['--endpoint', `127.0.0.1:${port}`]
  const board = priceBoard()
  host.provide(PRICE_BOARD, board)
  const report = {
    book: '2026-11-03.x',
    bookAsOfMs: host.clock.now() - 3 * 86_400_000,
    refusedFiles: 0,
    unpricedCalls: 0,
    unpriced: [] as readonly UnpricedKind[],
  }
  const takeDown = board.add(() => report)
  expect((await run('status', at)).out).toContain('\nprices: book 2026-11-03.x, 3 days old; no unpriced calls\n')
  takeDown()
  const kind = { provider: 'openai', model: 'gpt-99\u001b', reason: 'unknown_model', calls: 2 }
  board.add(() => ({ ...report, refusedFiles: 1, unpricedCalls: 2, unpriced: [kind] }))
  expect((await run('status', at)).out).toContain(
    '1 price file refused, older prices in force; 2 unpriced calls, their cost is unknown: openai gpt-99? (unknown_model) 2\n',
  )
  expect(JSON.parse((await run('status', ['--json', ...at])).out)).toMatchObject({
    prices: [
      { book_age_days: 3, unpriced_calls: 2, refused_files: 1, unpriced: [{ model: 'gpt-99\u001b', calls: 2 }] },
    ],
  })
})

test('everything at once, and one by id', async () => {
  const { port, ledger } = await started()
  const env = { TOKENFUSE_CONTROL_ENDPOINT: `http://127.0.0.1:${port}` }
  expect((await run('kill', ['--all'], env)).out).toMatch(/^stopped everything until it is lifted\n/)
  await run('kill', ['run=r1'], env)
  expect(ledger.check({}).verdict).toBe('kill')
  expect((await run('resume', ['--all'], env)).out).toBe('everything may go on\n')
  const [rest] = ledger.kills()
  expect((await run('resume', [rest?.id ?? ''], env)).code).toBe(0)
  expect(ledger.kills()).toEqual([])
})

test('what a budget still stops is said, with what to do', async () => {
  const { port, ledger } = await started({ budgets: [budget()] })
  const at = ['--endpoint', `127.0.0.1:${port}`]
  ledger.settle(call({ pico: 6_000_000_000_000 }))
  await run('kill', ['run=r1', ...at])
  const { code, out } = await run('resume', ['run=r1', ...at])
  expect([code, out]).toEqual([
    0,
    'lifted, but run=r1 is still stopped: budget cap (run=r1) is used up, $6 of $5; raise its limit with PUT /v1/budgets/cap/override\n',
  ])
})

test('--json gives what the API says, to be read by programs', async () => {
  const { port, ledger } = await started({ budgets: [budget()] })
  const at = ['--json', '--endpoint', `127.0.0.1:${port}`]
  const made = JSON.parse((await run('kill', ['run=r1', ...at])).out) as object
  expect(made).toMatchObject({ created: true, kill: { scope: { run: 'r1' } } })
  const seen = JSON.parse((await run('status', ['run=r1', ...at])).out) as object
  expect(seen).toMatchObject({
    kills: [{ id: ledger.kills()[0]?.id }],
    budgets: [{ id: 'cap' }],
    verdict: { verdict: 'kill' },
  })
  expect(JSON.parse((await run('resume', ['run=r1', ...at])).out)).toMatchObject({ now: { verdict: 'allow' } })
})

test('over a unix socket', async () => {
  const unix_socket = join(temporary(), 'control.sock')
  const { ledger } = await started({ config: { unix_socket } })
  expect((await run('kill', ['run=r1', '--endpoint', `unix:${unix_socket}`])).code).toBe(0)
  expect(ledger.kills()).toHaveLength(1)
})

test('the token: option, environment, file, else the one of this directory', async () => {
  const { port } = await started()
  const at = ['run=r1', '--endpoint', `127.0.0.1:${port}`]
  const check = async (
    args: string[],
    env: Record<string, string>,
    files: Record<string, string>,
    want: number,
    hint = '',
  ) => {
    const { code, err } = await run('kill', [...args, ...at], env, files)
    expect([args, env, code]).toEqual([args, env, want])
    expect(err).toContain(hint)
  }
  await check(['--token', TOKEN], { TOKENFUSE_CONTROL_TOKEN: 'wrong' }, {}, 0)
  await check([], { TOKENFUSE_CONTROL_TOKEN: 'wrong' }, {}, 1, 'the bearer token is not the right one')
  await check([], { TOKENFUSE_CONTROL_TOKEN: TOKEN }, { 'data/control-token': 'wrong' }, 0)
  await check(['--token-file', 'x'], { TOKENFUSE_CONTROL_TOKEN: 'wrong' }, { x: TOKEN }, 0)
  await expect(run('kill', ['--token-file', 'absent', ...at])).rejects.toThrow(/--token-file absent cannot be read/)
})

test('wrong usage is told with the usage, and asks nobody', async () => {
  const check = async (name: keyof typeof COMMANDS, args: string[], hint: string) => {
    const { code, out, err } = await run(name, [...args, '--endpoint', '127.0.0.1:1'])
    expect([name, args, code, out]).toEqual([name, args, 2, ''])
    expect(err).toContain(hint)
    expect(err).toContain(`tokenfuse ${name}`)
  }
  await check('kill', [], 'say whom to stop, or --all')
  await check('kill', ['--all', 'run=r'], 'not both')
  await check('kill', ['r1'], '"r1" is not TAG=VALUE, for example run=r1')
  await check('kill', ['run='], 'is not TAG=VALUE')
  await check('kill', ['run=a', 'run=b'], 'given twice')
  await check('kill', ['run=a', '--frobnicate'], '--frobnicate')
  await check('resume', [], 'say which kill to lift')
  await check('resume', ['--all', 'kill-1'], 'not both')
  await check('resume', ['kill-1', 'run=a'], '"kill-1" is not TAG=VALUE')
  await check('status', ['x'], 'is not TAG=VALUE')
  for (const endpoint of ['nowhere', 'https://h:1', 'unix:', 'h:x']) {
    expect((await run('status', ['--endpoint', endpoint])).err).toContain('is not host:port')
  }
  for (const name of ['kill', 'resume', 'status'] as const) {
    const { code, out } = await run(name, ['--help'])
    expect([code, out.split('\n')[0]]).toEqual([0, expect.stringContaining(`tokenfuse ${name}`)])
  }
})

test('no sidecar, another server, an unknown kill: a sentence and exit code 1', async () => {
  expect(await run('status', ['--endpoint', '127.0.0.1:1'])).toMatchObject({
    code: 1,
    err: expect.stringContaining('no sidecar answers at 127.0.0.1:1 (ECONNREFUSED)'),
  })
  const other = createServer((_request, response) => response.end('<html>'))
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const address = other.address()
  const elsewhere = `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  expect(await run('kill', ['run=r', '--endpoint', elsewhere])).toMatchObject({
    code: 1,
    err: expect.stringContaining('is that the control API?'),
  })
  other.closeAllConnections()
  other.close()
  const { port } = await started()
  const at = ['--endpoint', `127.0.0.1:${port}`]
  expect(await run('resume', ['kill-x', ...at])).toMatchObject({
    code: 1,
    err: expect.stringContaining('no kill "kill-x" is in force'),
  })
  expect(await run('resume', ['run=r', ...at])).toMatchObject({
    code: 1,
    err: expect.stringContaining('no kill of exactly run=r'),
  })
  expect(await run('kill', ['run=r', '--ttl', 'soon', ...at])).toMatchObject({
    code: 1,
    err: expect.stringContaining('expected a duration'),
  })
})

test('what came from a span cannot steer the terminal', async () => {
  const { port, ledger } = await started({ budgets: [budget()] })
  ledger.settle(call({ subject: { run: 'a\x1b[2Jb\nc' } }))
  ledger.kill({ scope: { run: '\x1b]0;x\x07' }, reason: '\x9b31m', code: 'killed', actor: 'a', untilMs: undefined })
  const { out } = await run('status', ['--endpoint', `127.0.0.1:${port}`])
  expect([...out].filter((c) => c !== '\n' && /\p{Cc}/u.test(c))).toEqual([])
})
