import { Call } from '../../genai/call.ts'
import type { HeldCall } from '../component.ts'
import type { Holding } from './store.ts'
import { Bench } from './testing/harness.ts'
import { MemoryDisk } from './testing/memory-disk.ts'
import { request } from './testing/requests.ts'

const FILE = '/q/traces/held'
const holding = (held: readonly HeldCall[], done: readonly string[] = [], processor = 'p'): readonly Holding[] => [
  { processor, changes: { held, done } },
]

function heldCall(id: string, tokens = 1): HeldCall {
  const call = new Call('span', -1, { bytes: Buffer.alloc(32, 7), trace: 0, span: 16, parent: 24 })
  call.provider = 'openai'
  call.responseId = `resp-${id}`
  call.usage = { input: tokens }
  call.reportedPico = 12n
  return { id, call, dueMs: 1000, note: 'why' }
}

/** A run over a disk: what it is told is held, and what the next one finds. */
function open(disk: MemoryDisk, options = {}) {
  const bench = new Bench(options, disk)
  bench.attach('x')
  return {
    bench,
    append: (held?: readonly Holding[]) =>
      bench.log.append({ signal: 'traces', bytes: request(['a']), items: 1, calls: [], verdicts: [], held }),
    kept: (processor = 'p') => bench.log.heldBy(processor).map(({ id }) => id),
    size: () => bench.metric('tokenfuse_queue_held_calls', 'traces'),
    kill: () => disk.kill(),
  }
}
const textOf = (disk: MemoryDisk): string => disk.files.get(FILE)?.bytes.toString() ?? ''
const setText = (disk: MemoryDisk, text: string): void =>
  void disk.files.set(FILE, { bytes: Buffer.from(text), synced: 0, named: true })

test('what is held comes back as it was, by processor, and what is done does not', () => {
  const disk = new MemoryDisk()
  const first = open(disk)
  first.append(holding([heldCall('1', 10), heldCall('2')]))
  first.append(holding([heldCall('3')], ['2'], 'q'))
  first.append(holding([heldCall('4')], ['2']))
  first.bench.log.keep(holding([], ['4']))
  expect(first.size()).toBe(2)
  first.kill()
  const second = open(disk)
  expect([second.kept(), second.kept('q'), second.kept('unknown')]).toEqual([['1'], ['3'], []])
  const [held] = second.bench.log.heldBy('p')
  expect(held).toMatchObject({ dueMs: 1000, note: 'why' })
  const { key, usage, traceId, spanId, reportedPico } = held?.call ?? heldCall('').call
  expect([key, usage, traceId, spanId, reportedPico]).toEqual([
    ...['openai|resp-1', { input: 10 }, '07'.repeat(16), '07'.repeat(8), 12n],
  ])
})

test('no file and no operation of the disk as long as nothing is held', () => {
  const disk = new MemoryDisk()
  const run = open(disk)
  run.append()
  const before = disk.operations
  run.append()
  expect(disk.operations).toBe(before + 1)
  expect(disk.files.has(FILE)).toBe(false)
})

test('a line that a crash cut off costs itself, one that is damaged costs itself and is said', () => {
  const disk = new MemoryDisk()
  const first = open(disk)
  for (const id of ['1', '2', '3']) first.append(holding([heldCall(id)]))
  first.kill()
  const text = textOf(disk)
  const check = (changed: string, kept: readonly string[], errors: number): void => {
    const other = new MemoryDisk()
    for (const [path, content] of disk.files) other.files.set(path, { ...content, bytes: Buffer.from(content.bytes) })
    setText(other, changed)
    const run = open(other)
    expect(run.kept()).toEqual(kept)
    expect(run.bench.lines.filter(({ level }) => level === 'error')).toHaveLength(errors)
    run.kill()
    // Put right by having been read.
    expect(open(other).bench.lines.filter(({ level }) => level === 'error')).toHaveLength(0)
  }
  check(text, ['1', '2', '3'], 0)
  check(text.slice(0, -5), ['1', '2'], 0)
  check(text.replace('"id":"2"', '"id":"8"'), ['1', '3'], 1)
  check(`${'\0'.repeat(90)}`, [], 0)
  check('', [], 0)
})

test('a call of a version that is not known is said, and stays for the version that knows it', () => {
  const disk = new MemoryDisk()
  const first = open(disk)
  const from = heldCall('1')
  first.append(holding([from]))
  first.kill()
  const newer = new MemoryDisk()
  const { crc32 } = process.getBuiltinModule('node:zlib')
  const json = textOf(disk).trim().slice(9).replace('"version":1', '"version":99')
  setText(newer, `${crc32(json).toString(16).padStart(8, '0')} ${json}\n`)
  const run = open(newer)
  expect(run.kept()).toEqual([])
  expect(run.bench.lines.at(-1)?.message).toContain('cannot be read')
  expect(textOf(newer)).toContain('"version":99')
})

test('the file does not grow with what is over', () => {
  const disk = new MemoryDisk()
  const run = open(disk, { maxBytes: 10_000_000 })
  run.append(holding([heldCall('stays')]))
  for (let i = 0; i < 5000; i++) run.append(holding([heldCall(String(i))], i > 0 ? [String(i - 1)] : []))
  expect(textOf(disk).length).toBeLessThan(70_000)
  run.kill()
  expect(open(disk, { maxBytes: 10_000_000 }).kept()).toEqual(['stays', '4999'])
})

test('a disk that fails refuses the batch, and what it held is written with the next one', async () => {
  const disk = new MemoryDisk()
  const run = open(disk)
  disk.fault = (_, operation, path) => (path === FILE && operation === 'append' ? 'partly' : undefined)
  await expect(run.append(holding([heldCall('1')]))).rejects.toThrow('could not be written')
  disk.fault = () => undefined
  run.append()
  run.kill()
  expect(open(disk).kept()).toEqual(['1'])
})

test('what was to be done with a batch that was not taken is done with the next one', async () => {
  const disk = new MemoryDisk()
  const run = open(disk)
  run.append(holding([heldCall('1'), heldCall('2')]))
  disk.fault = (_, operation, path) => (operation === 'append' && path.endsWith('.wal') ? 'fail' : undefined)
  await expect(run.append(holding([heldCall('3')], ['1']))).rejects.toThrow('could not be written')
  disk.fault = () => undefined
  run.append(undefined)
  run.kill()
  expect(open(disk).kept()).toEqual(['2', '3'])
})

test('what was to be done with a batch that was not taken is not done without one', () => {
  const disk = new MemoryDisk()
  const run = open(disk, { maxBytes: 900 })
  run.append(holding([heldCall('1')]))
  let answer: unknown
  for (let i = 0; i < 20 && answer !== 'full'; i++) answer = run.append()
  expect(run.append(holding([heldCall('2')], ['1']))).toBe('full')
  run.bench.log.keep(holding([heldCall('3')]))
  run.kill()
  expect(open(disk).kept()).toEqual(['1', '2', '3'])
})

test('what holds only with its batch is not believed without it', () => {
  const disk = new MemoryDisk()
  const run = open(disk)
  const total = (tokens: number): HeldCall => ({ ...heldCall('t', tokens), onlyStored: true })
  const kept = (from: MemoryDisk) =>
    open(from)
      .bench.log.heldBy('p')
      .map(({ call }) => call.usage.input)
  run.append(holding([total(1)]))
  // The record of the second one is never written.
  disk.fault = (_, operation, path) => (operation === 'append' && path.endsWith('.wal') ? 'fail' : undefined)
  Promise.resolve(run.append(holding([total(2)]))).catch(() => undefined)
  disk.fault = () => undefined
  run.kill()
  expect(kept(disk)).toEqual([1])
  disk.kill()
  // It stands in the file all the same, and the next run has put that right.
  const again = open(disk)
  again.append(holding([total(3)]))
  again.kill()
  expect(kept(disk)).toEqual([3])
})

test('a log in memory keeps nothing', () => {
  const disk = new MemoryDisk()
  const run = open(disk, { ack: 'memory' })
  run.append(holding([heldCall('1')]))
  expect([run.kept(), disk.files.size]).toEqual([[], 0])
})
