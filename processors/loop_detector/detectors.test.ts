import { settingsOf } from '../../test/support/settings.ts'
import { DETECTORS } from './detectors.ts'
import { factory } from './index.ts'
import { sidecar, spansOf, type Turn, times, told, toldBy } from './testing/agent.ts'

/** Every detector at its thresholds: one call less says less. */

const OTHERS_OFF = (only: string): object =>
  Object.fromEntries(DETECTORS.filter((name) => name !== only).map((name) => [name, { enabled: false }]))

/** What one detector says when it is alone. */
const alone = (detector: string, turns: readonly Turn[], settings: object = {}): readonly string[] =>
  toldBy(detector, turns, { ...OTHERS_OFF(detector), [detector]: settings })

const ok = (tool: string, args: string, result: string, more: Partial<Turn> = {}): Turn => ({
  ...{ tool, args, result },
  ...more,
})
const fails = (tool: string, args: string, result: string): Turn => ({ tool, args, result, failed: true })
const novel = (i: number): Turn => ok('think', `thought ${i}`, `so ${i}`)

test('exact_cycle: 3 warn, 4 are critical; a cycle is critical in its third round', () => {
  expect(
    alone(
      'exact_cycle',
      times(2, () => ok('read', 'a', 'x')),
    ),
  ).toEqual([])
  expect(
    alone(
      'exact_cycle',
      times(3, () => ok('read', 'a', 'x')),
    ),
  ).toEqual(['warn@3'])
  expect(
    alone(
      'exact_cycle',
      times(9, () => ok('read', 'a', 'x')),
    ),
  ).toEqual(['warn@3', 'critical@4'])
  const round = ['a', 'b', 'c', 'd'].map((args) => ok('read', args, `text of ${args}`))
  expect(alone('exact_cycle', [...round, ...round, ...round.slice(0, 1)])).toEqual([])
  expect(alone('exact_cycle', [...round, ...round, ...round.slice(0, 2)])).toEqual(['critical@10'])
})

test('exact_cycle: periods up to max_period', () => {
  const rounds = (period: number, n: number) =>
    times(n, () => times(period, (i) => ok(`tool_${i}`, 'same', `result ${i}`)))
  expect(alone('exact_cycle', rounds(12, 3))).toEqual(['critical@30'])
  expect(alone('exact_cycle', rounds(13, 3))).toEqual([])
  expect(alone('exact_cycle', rounds(3, 4), { max_period: 2 })).toEqual([])
})

test('exact_cycle: without results their sizes count, and without those more is needed', () => {
  const blind = (n: number, size = 0) =>
    times(n, (i) => ({ tool: 'read', args: 'a', size: 100 + i * size, output: 30 + i }))
  expect(alone('exact_cycle', blind(4))).not.toContain('critical@4')
  expect(alone('exact_cycle', blind(8))).toContain('critical@5')
  expect(alone('exact_cycle', blind(20, 1))).toEqual([])
  const { send } = sidecar(OTHERS_OFF('exact_cycle'))
  const toolsAlone = spansOf(blind(6)).filter((_, i) => i % 2 === 1)
  expect(toolsAlone.flatMap((span, i) => send([span]).verdicts.map((v) => `${v.level}@${i + 1}`))).toEqual([
    'warn@3',
    'critical@6',
  ])
})

test('exact_cycle: another result each time is no repetition', () => {
  expect(
    alone(
      'exact_cycle',
      times(30, (i) => ok('read', 'a', `version ${i}`)),
    ),
  ).toEqual([])
})

test('repeated_error: 4 in 8 warn, 5 are critical, whatever the arguments', () => {
  const error = (i: number) => fails('ssh', `host ${i}`, `port ${2000 + i}: Permission denied`)
  expect(alone('repeated_error', times(3, error))).toEqual([])
  expect(alone('repeated_error', times(4, error))).toEqual(['warn@4'])
  expect(alone('repeated_error', times(5, error))).toEqual(['warn@4', 'critical@5'])
  // One in two: never five within eight.
  expect(
    alone(
      'repeated_error',
      times(12, (i) => (i % 2 === 0 ? error(i) : novel(i))),
    ),
  ).toEqual(['warn@7'])
  expect(
    alone(
      'repeated_error',
      times(12, (i) => (i % 3 === 0 ? error(i) : novel(i))),
    ),
  ).toEqual([])
})

test('repeated_error: another class of error, or another tool, is another error', () => {
  const classes = ['not found', 'denied', 'timed out']
  expect(
    alone(
      'repeated_error',
      times(9, (i) => fails('ssh', `${i}`, classes[i % 3] ?? '')),
    ),
  ).toEqual([])
  expect(
    alone(
      'repeated_error',
      times(9, (i) => fails(`tool_${'abc'[i % 3]}`, `${i}`, 'not found')),
    ),
  ).toEqual([])
})

test('duplicate_call: close together and far apart', () => {
  const same = ok('lookup', 'a', 'the very same record, as before')
  expect(alone('duplicate_call', [same, novel(1), same, same])).toEqual([])
  expect(alone('duplicate_call', [same, novel(1), same, same, same])).toContain('critical@5')
  const spread = (n: number) => times(n, (i) => [same, ...times(4, (k) => novel(i * 10 + k))])
  expect(alone('duplicate_call', spread(3))).toEqual([])
  expect(alone('duplicate_call', spread(5))).toEqual(['warn@16'])
  expect(alone('duplicate_call', spread(6))).toEqual(['warn@16', 'critical@26'])
})

test('duplicate_call: running the same test again after an edit is work', () => {
  const work = times(12, (i) => [
    ok('edit', `change ${i}`, `edited ${i}`),
    ok('run_tests', '', 'the same 3 tests failed'),
  ])
  expect(alone('duplicate_call', work)).toEqual([])
  const idle = times(12, (i) => [ok('read', `file ${i}`, `text ${i}`), ok('run_tests', '', 'the same 3 tests failed')])
  expect(alone('duplicate_call', idle)).toContain('critical@12')
})

test('duplicate_call: short acknowledgements of a shell are no evidence, the same command is', () => {
  const quiet = (args: string) => ok('bash', args, '', { size: 1 })
  expect(alone('duplicate_call', ['a', 'b', 'a', 'c', 'b', 'a'].map(quiet))).toEqual([])
  expect(alone('duplicate_call', ['a', 'a', 'x', 'a', 'a', 'x', 'a', 'a'].map(quiet))).toContain('critical@8')
})

test('circling: a few calls in whatever order, each three times', () => {
  const text = 'a b a b b a c a b c c'.split(' ').map((args) => ok('open', args, `text of ${args}`))
  expect(alone('circling', text.slice(0, 5))).toEqual([])
  expect(alone('circling', text.slice(0, 6))).toEqual(['critical@6'])
  const five = 'a b c d e e d c b a c a e b d'.split(' ').map((args) => ok('open', args, `text of ${args}`))
  expect(alone('circling', five.slice(0, 14))).toEqual([])
  expect(alone('circling', five)).toEqual(['critical@15'])
  expect(alone('circling', five, { max_distinct: 4 })).toEqual([])
})

test('same_result: a search that finds the same six times in eight; a batch that is acknowledged never', () => {
  const found = (i: number) => ok('grep', `pattern ${i}`, 'no matches')
  expect(alone('same_result', times(5, found))).toEqual([])
  expect(alone('same_result', times(6, found))).toEqual(['critical@6'])
  expect(
    alone(
      'same_result',
      times(30, (i) => ok('move_file', `file ${i}`, 'true', { size: 1 })),
    ),
  ).toEqual([])
  // Of a tool whose name says nothing: short results warn, long ones are critical.
  expect(
    alone(
      'same_result',
      times(12, (i) => ok('attach', `file ${i}`, 'true', { size: 1 })),
    ),
  ).toEqual(['warn@8'])
  expect(
    alone(
      'same_result',
      times(12, (i) => ok('attach', `file ${i}`, 'a page', { size: 50 })),
    ),
  ).toContain('critical@6')
})

test('same_args: eight in a row warn; the same change four times is critical', () => {
  expect(
    alone(
      'same_args',
      times(7, (i) => ok('scroll', '', `page ${i}`)),
    ),
  ).toEqual([])
  expect(
    alone(
      'same_args',
      times(30, (i) => ok('scroll', '', `page ${i}`)),
    ),
  ).toEqual(['warn@8'])
  expect(
    alone(
      'same_args',
      times(3, (i) => ok('edit', 'add a line', `${i} lines`)),
    ),
  ).toEqual(['warn@3'])
  expect(
    alone(
      'same_args',
      times(4, (i) => ok('edit', 'add a line', `${i} lines`)),
    ),
  ).toEqual(['warn@3', 'critical@4'])
})

test('failing_tool: eight of ten, each time differently; a shell twelve of fourteen', () => {
  const broken = 'abcdefghijklmnop'
  const error = (tool: string) => (i: number) => fails(tool, `try ${i}`, `problem ${broken[i]?.repeat(3)}`)
  expect(alone('failing_tool', times(5, error('edit')))).toEqual([])
  expect(alone('failing_tool', times(7, error('edit')))).toEqual(['warn@6'])
  expect(alone('failing_tool', times(8, error('edit')))).toEqual(['warn@6', 'critical@8'])
  expect(alone('failing_tool', times(11, error('bash')))).toEqual(['warn@10'])
  expect(alone('failing_tool', times(12, error('bash')))).toEqual(['warn@10', 'critical@12'])
})

test('barren_search: sixteen searches of twenty that come back next to empty', () => {
  const search = (i: number) => ok('find_file', `name ${i}`, `nothing for ${i}`, { size: 10 + (i % 3) })
  expect(alone('barren_search', times(12, search))).toEqual([])
  // The size of a result is known with the next model call.
  expect(alone('barren_search', times(13, search))).toEqual(['warn@13'])
  expect(alone('barren_search', times(17, search))).toEqual(['warn@13', 'critical@17'])
  expect(
    alone(
      'barren_search',
      times(40, (i) => ({ ...search(i), size: 400 + i })),
    ),
  ).toEqual([])
})

test('size_cycle: errors and large results of exactly the same size, without any text', () => {
  const failed = (output?: number): Turn => ({ tool: 'deploy', failed: true, size: 33, ...(output ? { output } : {}) })
  // Answers of the same size, too: the fourth is enough. Its size is known in the fifth turn.
  expect(
    alone(
      'size_cycle',
      times(4, () => failed(20)),
    ),
  ).toEqual(['warn@4'])
  expect(
    alone(
      'size_cycle',
      times(5, () => failed(20)),
    ),
  ).toEqual(['warn@4', 'critical@5'])
  expect(
    alone(
      'size_cycle',
      times(5, (i) => failed(20 + i)),
    ),
  ).toEqual(['warn@4'])
  expect(
    alone(
      'size_cycle',
      times(6, (i) => failed(20 + i)),
    ),
  ).toEqual(['warn@4', 'critical@6'])
  const cycle = times(4, () => [
    { tool: 'open', size: 812, output: 30 },
    { tool: 'search', size: 95, output: 44 },
  ])
  expect(alone('size_cycle', cycle)).toContain('critical@7')
})

test('size_cycle: small results need answers of the same size, and acknowledgements never count', () => {
  expect(
    alone(
      'size_cycle',
      times(20, (i) => ({ tool: 'fetch', size: 2, output: 20 + i })),
    ),
  ).toEqual([])
  expect(
    alone(
      'size_cycle',
      times(8, () => ({ tool: 'fetch', size: 2, output: 20 })),
    ),
  ).toContain('critical@7')
  expect(
    alone(
      'size_cycle',
      times(20, () => ({ tool: 'move_file', size: 2, output: 20 })),
    ),
  ).toEqual([])
})

test('size_cycle: says nothing where arguments and results are recorded', () => {
  const same = times(10, (i) => ok('deploy', `try ${i}`, `result ${i}`, { size: 100, output: 20 }))
  expect(alone('size_cycle', same)).toEqual([])
})

test('conversation_repeat: the same call in run after run of one conversation', () => {
  const { send } = sidecar({ ...OTHERS_OFF('conversation_repeat') })
  const levels = times(9, () => ok('lookup', 'a', 'the same')).flatMap((turn, i) => {
    const run = { 'tokenfuse.run.id': `run-${i}`, 'gen_ai.conversation.id': 'talk' }
    return send(spansOf([turn], run)).verdicts.map((v) => `${v.level}@${i + 1}`)
  })
  expect(levels).toEqual(['warn@8'])
})

test('every detector can be switched off', () => {
  const all = Object.fromEntries(DETECTORS.map((name) => [name, { enabled: false }]))
  const loop = times(20, () => fails('edit', 'a', 'no'))
  expect(told(loop, all)).toEqual([])
  expect(told(loop)).not.toEqual([])
  const settings = settingsOf(factory)
  for (const name of DETECTORS) expect(settings[name].enabled).toBe(true)
})
