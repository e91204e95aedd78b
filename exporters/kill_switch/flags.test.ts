import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { memoryDisk } from '../../extensions/ledger/testing/memory-disk.ts'
import { safeName } from './flags.ts'
import { started, stopAll, temporary } from './testing/started.ts'

afterEach(stopAll)

const order = (scope: Record<string, string>) => ({
  scope,
  reason: 'r',
  code: 'killed',
  actor: 'a',
  untilMs: undefined as number | undefined,
})
const all = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .sort()

test('a file per kill, gone with it, readable for everybody', async () => {
  const flag_dir = join(temporary(), 'deep', 'kill')
  const { ledger, host } = await started({ config: { flag_dir } })
  const run = ledger.kill(order({ run: 'r1' }))
  const again = ledger.kill(order({ run: 'r1' }))
  ledger.kill({ ...order({ agent: 'a b/c' }), untilMs: host.clock.now() + 1000 })
  ledger.kill(order({ all: 'true' }))
  ledger.kill(order({ agent: 'x', run: 'y' }))
  expect(all(flag_dir)).toEqual(['ALL', 'agent/a%20b%2Fc', 'run/r1'])
  expect(JSON.parse(readFileSync(join(flag_dir, 'run', 'r1'), 'utf8'))).toMatchObject({
    tokenfuse: 'kill',
    scope: { run: 'r1' },
  })
  expect(statSync(join(flag_dir, 'run', 'r1')).mode & 0o444).toBe(0o444)
  host.clock.advance(1000)
  ledger.resume(run.id, 'a')
  expect(all(flag_dir)).toEqual(['ALL', 'run/r1'])
  ledger.resume(again.id, 'a')
  expect(all(flag_dir)).toEqual(['ALL'])
})

test('restored at start: what was lifted meanwhile goes, what is not ours stays', async () => {
  const flag_dir = temporary()
  const disk = memoryDisk()
  const first = await started({ config: { flag_dir }, disk })
  const lifted = first.ledger.kill(order({ run: 'lifted' }))
  first.ledger.kill(order({ run: 'kept' }))
  await first.killSwitch.shutdown()
  first.ledger.resume(lifted.id, 'a')
  writeFileSync(join(flag_dir, 'run', 'note.txt'), 'mine')
  writeFileSync(join(flag_dir, 'README'), 'mine')
  expect(all(flag_dir)).toEqual(['README', 'run/kept', 'run/lifted', 'run/note.txt'])
  await started({ config: { flag_dir }, disk })
  expect(all(flag_dir)).toEqual(['README', 'run/kept', 'run/note.txt'])
})

test('no value leaves the directory, whatever it is', async () => {
  const parent = temporary()
  const flag_dir = join(parent, 'kill')
  const { ledger } = await started({ config: { flag_dir } })
  const values = [
    '..',
    '.',
    '../../x',
    '/etc/passwd',
    'a\0b',
    'x'.repeat(5000),
    '\ud800',
    '%2e%2e',
    '',
    '.tokenfuse-x',
    'ALL',
    '💥'.repeat(90),
  ]
  const names = new Set(values.filter((value) => value !== '').map(safeName))
  expect(names.size).toBe(values.length - 1)
  for (const value of values) {
    ledger.kill(order({ run: value }))
    ledger.kill(order({ [value]: 'x' }))
  }
  expect(readdirSync(parent)).toEqual(['kill'])
  for (const path of all(flag_dir)) {
    expect(path.split('/').length).toBeLessThanOrEqual(2)
    for (const name of path.split('/')) expect(name).toMatch(/^[A-Za-z0-9%_~!*'()-][A-Za-z0-9%_~!*'().-]{0,199}$/)
  }
  for (const { id } of ledger.kills()) ledger.resume(id, 'a')
  expect(all(flag_dir)).toEqual([])
})

test('links that somebody else put there lead nowhere', async () => {
  const flag_dir = temporary()
  const elsewhere = temporary()
  writeFileSync(join(elsewhere, 'victim'), 'safe')
  const { ledger, host } = await started({ config: { flag_dir } })
  mkdirSync(join(flag_dir, 'run'))
  symlinkSync(join(elsewhere, 'victim'), join(flag_dir, 'run', 'r1'))
  symlinkSync(elsewhere, join(flag_dir, 'agent'))
  ledger.kill(order({ run: 'r1' }))
  ledger.kill(order({ agent: 'a' }))
  expect(readFileSync(join(elsewhere, 'victim'), 'utf8')).toBe('safe')
  expect(readdirSync(elsewhere)).toEqual(['victim'])
  expect(lstatSync(join(flag_dir, 'run', 'r1')).isFile()).toBe(true)
  expect(host.metric('tokenfuse_flag_errors_total')).toBe(1)
  expect(host.lines.filter(({ level }) => level === 'error')).toHaveLength(1)
})

test('a directory that cannot be written does not keep a kill from holding', async () => {
  const flag_dir = temporary()
  writeFileSync(join(flag_dir, 'run'), 'a file where a directory should be')
  const { ledger, host } = await started({ config: { flag_dir } })
  ledger.kill(order({ run: 'r1' }))
  expect(ledger.check({ run: 'r1' }).verdict).toBe('kill')
  expect(host.metric('tokenfuse_flag_errors_total')).toBe(1)
  expect(existsSync(join(flag_dir, 'run'))).toBe(true)
})
