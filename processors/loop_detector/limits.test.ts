import { EPOCH_MS, type SpanSpec } from '../../test/support/spans.ts'
import { Runs } from './runs.ts'
import { sidecar, spansOf, type Turn, times } from './testing/agent.ts'

/** Bad input: bounded, counted, and never a throw. */

const loop = (n: number): Turn[] => times(n, () => ({ tool: 'lookup', args: '7', result: 'not there', size: 90 }))
const levelsOf = (spans: readonly SpanSpec[], config: object = {}): string[] => {
  const { send } = sidecar(config)
  return spans.flatMap((span) => send([span]).verdicts.map((v) => v.level))
}

test('spans without ids are watched, but cannot be told from their repetitions', () => {
  const noIds = spansOf(loop(6)).map(({ id, ...span }) => ({ ...span, id: '', trace: '' }))
  expect(levelsOf(noIds)).toEqual(['warn', 'critical'])
})

test('times that run backwards, stand still, or are missing', () => {
  const at = (start: (i: number) => number) =>
    spansOf(loop(8)).map((span, i) => ({ ...span, start: start(i), end: start(i) + 10 }))
  expect(levelsOf(at((i) => -1000 * i))).toContain('critical')
  // At the same instant they were all asked for together; only one answer's worth of calls can be told.
  expect(levelsOf(at(() => 5))).toEqual([])
  expect(levelsOf(at(() => 5).filter((_, i) => i % 2 === 1))).toContain('critical')
  expect(levelsOf(at(() => -EPOCH_MS).map((span) => ({ ...span, end: -EPOCH_MS })))).toContain('critical')
  // A clock that is decades ahead for one span changes nothing for the others.
  const wild = at((i) => i * 1000)
  wild[3] = { ...(wild[3] as SpanSpec), start: 4e12, end: 4e12 + 5 }
  expect(levelsOf(wild)).toContain('critical')
})

test('absurd names, arguments and counts', () => {
  const long = 'x'.repeat(300_000)
  const spans = spansOf([
    ...times(3, (i) => ({ tool: long + i, args: long, result: long })),
    ...times(3, () => ({ tool: '', args: '', result: '' })),
    ...times(3, (i) => ({ tool: 'a', size: -5e9 * i, output: 2 ** 40 })),
  ])
  expect(() => levelsOf(spans)).not.toThrow()
})

test('the run that was idle longest is forgotten at max_runs, and counted', () => {
  const { send, host } = sidecar({ max_runs: 3 })
  const one = (run: string) => send(spansOf(loop(1), { 'tokenfuse.run.id': run }).slice(1)).verdicts
  for (const run of ['a', 'b', 'c', 'a', 'd']) one(run)
  expect(host.metric('tokenfuse_loop_detector_runs')).toBe(3)
  expect(host.metric('tokenfuse_loop_detector_runs_evicted_total')).toBe(1)
  // It was b: a is remembered and now came three times, b begins anew.
  one('b')
  expect(one('a').map((v) => v.level)).toEqual(['warn'])
  expect(one('b')).toEqual([])
})

test('a run that was idle for idle_ttl starts afresh', () => {
  const late = spansOf(loop(6)).map((span, i) => (i < 6 ? span : { ...span, start: 1e7 + i * 900, end: 1e7 + i * 900 }))
  expect(levelsOf(late, { idle_ttl: '1h' })).toEqual(['warn', 'warn'])
})

test('a million runs take the memory of max_runs', () => {
  let evicted = 0
  const runs = new Runs(1000, 1_800_000, 1000, () => evicted++)
  const before = process.memoryUsage().arrayBuffers
  for (let i = 0; i < 1_000_000; i++) {
    if (i % 100 === 0) runs.beginRound()
    runs.of(i * 2_654_435_761, i)
  }
  expect(runs.size).toBe(1000)
  expect(evicted).toBe(999_000)
  // 2 KiB a run, and the tables of the slots.
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * 1024 * 1024)
  expect(runs.peek(999_999 * 2_654_435_761)).toBeDefined()
  expect(runs.peek(0)).toBeUndefined()
})

test('many tools, agents, conversations and error types are forgotten, not collected', () => {
  const { send, host } = sidecar({ max_runs: 50 })
  for (let i = 0; i < 40; i++) {
    const spans = times(25, (k) => ({ tool: `tool_${i}_${k}`, args: `${k}`, result: `${k}` })).flatMap((turn, k) =>
      spansOf([turn], { 'gen_ai.agent.name': `agent ${i} ${k}`, 'tokenfuse.run.id': `run ${i} ${k}` }),
    )
    expect(send(spans).verdicts).toEqual([])
  }
  expect(host.metric('tokenfuse_loop_detector_runs')).toBe(50)
  expect(host.metric('tokenfuse_loop_detector_runs_evicted_total')).toBe(950)
})
