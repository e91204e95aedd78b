import { configOf, load, problemsOf, type World, warningsOf, withBudget } from './testing/fakes.ts'

const GOOD = withBudget('{ slots: 1 }')
const budgetOf = (text: string, world: World): unknown => configOf(text, world).processors.get('budget')?.config

describe('sources', () => {
  const check = (name: string, world: World, want: unknown) =>
    test(name, () => expect(budgetOf(GOOD, world)).toMatchObject(want as object))

  check('a path', { configs: ['config.yaml'] }, { slots: 1 })
  check('file: with a path', { configs: ['file:config.yaml'] }, { slots: 1 })
  check('an environment variable', { configs: ['env:CONFIG'], env: { CONFIG: GOOD } }, { slots: 1 })
  check('yaml: with text', { configs: ['config.yaml', 'yaml:{ processors: { budget: { slots: 2 } } }'] }, { slots: 2 })
  check('yaml: with a path as key', { configs: ['config.yaml', 'yaml:processors::budget::slots: 3'] }, { slots: 3 })
  check(
    'a path as key in the environment',
    { configs: ['config.yaml', 'env:C'], env: { C: 'processors::budget::slots: 3' } },
    { slots: 3 },
  )
  check(
    'paths that share their beginning',
    { configs: ['config.yaml', 'yaml:processors::budget::slots: 3\nprocessors::budget::enforce: true'] },
    { slots: 3, enforce: true },
  )
  check(
    'a later source wins',
    {
      configs: ['config.yaml', 'b.yaml'],
      files: { 'b.yaml': 'processors: { budget: { slots: 4, labels: { a: b } } }' },
    },
    { slots: 4, labels: { a: 'b' } },
  )
  check(
    '--set wins over all',
    { configs: ['config.yaml', 'yaml:processors::budget::slots: 3'], sets: ['processors.budget.slots=5'] },
    { slots: 5 },
  )
  check('a later --set wins', { sets: ['processors.budget.slots=5', 'processors.budget.slots=6'] }, { slots: 6 })
  check(
    '--set takes YAML',
    { sets: ['processors.budget.budgets=[{ id: a, limit_usd: 0.10 }]'] },
    { budgets: [{ id: 'a', limit_usd: '0.10' }] },
  )
  check('--set keeps what stands beside it', { sets: ['processors.budget.enforce=true'] }, { slots: 1, enforce: true })
  check('--set with nothing is null', { sets: ['processors.budget.slots='] }, { slots: 10 })
  check('--set with :: keeps dots in keys', { sets: ['processors::budget::labels::a.b=c'] }, { labels: { 'a.b': 'c' } })
  check('--set keeps later equal signs', { sets: ['processors.budget.labels.a=b=c'] }, { labels: { a: 'b=c' } })
  check(
    '--set substitutes',
    { sets: [`processors.budget.labels.a=\${A}`], env: { A: '007' } },
    { labels: { a: '007' } },
  )
  check(
    'an empty file says nothing',
    { configs: ['config.yaml', 'b.yaml'], files: { 'b.yaml': '# nothing yet\n' } },
    { slots: 1 },
  )
})

describe('merging', () => {
  const merged = (over: string) => ({ configs: ['config.yaml', 'b.yaml'], files: { 'b.yaml': over } })
  const BASE = withBudget('{ budgets: [{ id: a }, { id: b }], labels: { x: "1", y: "2" }, slots: 5 }')
  const check = (over: string, want: object) =>
    test(over, () => expect(budgetOf(BASE, merged(over))).toMatchObject(want))

  check('processors: { budget: { budgets: [{ id: c }] } }', { budgets: [{ id: 'c' }] })
  check('processors: { budget: { budgets: [] } }', { budgets: [] })
  check('processors: { budget: { labels: { y: "3", z: "4" } } }', { labels: { x: '1', y: '3', z: '4' } })
  check('processors: { budget: { labels: {} } }', { labels: { x: '1', y: '2' } })
  check('processors: { budget: { labels: } }', { labels: {} })
  check('processors: { budget: }', { slots: 10, budgets: [], labels: {} })
  check('processors: {}', { slots: 5 })

  test('a bare section takes the components of an earlier file away', () => {
    expect(problemsOf(BASE, merged('processors:'))).toEqual([
      'config.yaml:5:67 service.pipelines.traces.processors[0]: references the processor "budget", which is not configured; add it under "processors" [not_configured]',
    ])
  })

  test('problems name the file that they are in, in the order of the files', () => {
    const text = withBudget('{ slots: x }')
    expect(problemsOf(text, merged('processors:\n  budget:\n    enforce: x\n    budgets: [{}]\n'))).toEqual([
      'config.yaml:2:20 processors.budget.slots: expected an integer, got "x"; write digits only, without quotes [wrong_type]',
      'b.yaml:3:14 processors.budget.enforce: expected true or false, got "x"; write true or false, without quotes [wrong_type]',
      'b.yaml:4:15 processors.budget.budgets[0].id: required, but not given; add `id: "per_run"` [missing]',
    ])
  })
})

describe('sources that cannot be used', () => {
  const check = (name: string, world: World, ...want: string[]) =>
    test(name, () => expect(problemsOf(GOOD, world)).toEqual(want))

  check(
    'none',
    { configs: [] },
    '--config:1:1: no configuration is given: add --config FILE (or env:NAME, or yaml:TEXT) [no_source]',
  )
  check(
    'too many',
    { configs: Array.from({ length: 101 }, () => 'config.yaml') },
    '--config:1:1: over 100 --config and --set flags [no_source]',
  )
  check(
    'two missing ones',
    { configs: ['a.yaml', 'env:NOPE'] },
    'a.yaml:1:1: cannot read it: there is no such file; relative paths count from the working directory [unreadable_source]',
    'env:NOPE:1:1: the environment variable is not set; put the configuration in it, or name another --config [unreadable_source]',
  )
  check(
    'another scheme',
    { configs: ['https://x/y'] },
    '--config:1:1: the scheme "https" is not supported; use a file name, file:PATH, env:NAME or yaml:TEXT [unsupported_source]',
  )
  check(
    'a list',
    { configs: ['b'], files: { b: '\n- a' } },
    'b:2:1: expected a map with keys such as receivers, exporters and service [wrong_type]',
  )
  check(
    'a word',
    { configs: ['yaml:word'] },
    'yaml:1:1: expected a map with keys such as receivers, exporters and service [wrong_type]',
  )
  check(
    '--set without =',
    { sets: ['processors.budget.slots'] },
    '--set:1:1: expected path.to.key=value, for example service.telemetry.logs.level=debug [bad_set]',
  )
  check(
    '--set with an empty step',
    { sets: ['a=1', 'processors..slots=1'] },
    '--set:2:1: expected path.to.key=value, for example service.telemetry.logs.level=debug [bad_set]',
  )
  check(
    '--set with bad YAML',
    { sets: ['processors.budget.slots=[1'] },
    '--set:1:1: not valid YAML: flow sequence must end with a ] [yaml_syntax]',
  )
  check(
    '--set with a bad value',
    { sets: ['a=1', 'processors.budget.slots=x'] },
    '--set:1:1 a: unknown key; known keys: receivers, processors, exporters, extensions, service [unknown_key]',
    '--set:2:1 processors.budget.slots: expected an integer, got "x"; write digits only, without quotes [wrong_type]',
  )
  check(
    'a huge file',
    { configs: ['b'], files: { b: `a: ${'x'.repeat(4 * 1024 * 1024)}` } },
    'b:1:1: over 4 MiB of text; is this a configuration? [too_large]',
  )
})

describe('YAML', () => {
  const check = (text: string, ...want: string[]) =>
    test(JSON.stringify(text.slice(0, 60)), () => expect(problemsOf(text)).toEqual(want))

  check(
    'a: [1,2',
    'config.yaml:1:8: not valid YAML: flow sequence in block collection must be sufficiently indented and end with a ] [yaml_syntax]',
  )
  check(
    'a: b: c',
    'config.yaml:1:4: not valid YAML: a second "key: value" on one line, or a wrong indent; put values that contain ": " in quotes [yaml_syntax]',
  )
  check('a:\n\tb: 1', 'config.yaml:2:1: not valid YAML: a tab is used for indentation; use spaces [yaml_syntax]')
  check(
    'a: @b',
    'config.yaml:1:4: not valid YAML: an unquoted value cannot begin with this character; put the value in quotes [yaml_syntax]',
  )
  check(
    'a: 1\n---\nb: 2',
    'config.yaml:2:1: not valid YAML: only one YAML document is allowed; give the others as further --config flags [yaml_syntax]',
  )
  check('a: "x', 'config.yaml:1:6: not valid YAML: missing closing "quote [yaml_syntax]')
  check(
    `a: [\${X}]`,
    'config.yaml:1:6: not valid YAML: missing , or : between flow sequence items; inside [ ] and { } a substitution must be in quotes [yaml_syntax]',
  )
  check(
    '- a\nb: 1',
    'config.yaml:2:1: not valid YAML: this does not fit what stands before it; check the indent and the quotes [yaml_syntax]',
  )
  check(
    'a: *x',
    'config.yaml:1:4: this alias cannot be resolved: no anchor (&) of that name stands before it; put the value in quotes if it is not one [yaml_alias]',
  )
  check(
    'a: &x [*x]',
    'config.yaml:1:8: this alias cannot be resolved: it would contain itself; put the value in quotes if it is not one [yaml_alias]',
  )
  check('a: { <<: 5 }', 'config.yaml:1:6: "<<" merges maps; give it an alias of a map, or a list of them [yaml_alias]')
  check(
    '? [a]\n: b',
    'config.yaml:1:3: a key must be a word or a string; is something missing before the ":"? [bad_key]',
  )
  check(': b', 'config.yaml:1:1: a key must be a word or a string; is something missing before the ":"? [bad_key]')
  check(
    `a: ${'['.repeat(150)}${']'.repeat(150)}`,
    'config.yaml:1:104: lists and maps are nested over 100 deep [too_large]',
  )
  check(
    '',
    'config.yaml:1:1: the configuration is empty; it needs receivers, exporters and a service with pipelines [empty_config]',
  )
  check(
    '# only this\n',
    'config.yaml:1:1: the configuration is empty; it needs receivers, exporters and a service with pipelines [empty_config]',
  )
  check(
    '{}',
    'config.yaml:1:1: the configuration is empty; it needs receivers, exporters and a service with pipelines [empty_config]',
  )

  test('one mistake is one problem, two are two', () => {
    expect(problemsOf('a: { b: |\n  x\n }\nc:\n  d: 1\n')).toEqual([
      'config.yaml:1:9: not valid YAML: an unquoted value cannot begin with this character; put the value in quotes [yaml_syntax]',
    ])
    expect(problemsOf('a: @x\nb: 1\nc: `y\n').map((problem) => problem.slice(0, 16))).toEqual([
      'config.yaml:1:4:',
      'config.yaml:3:4:',
    ])
  })

  test('a key given twice is a problem at the second, and the rest is still checked', () => {
    expect(problemsOf(withBudget('{ slots: 1, slots: 2, enforce: x }'))).toEqual([
      'config.yaml:2:23: the key "slots" was given before, at 2:13; remove one of the two [duplicate_key]',
      'config.yaml:2:42 processors.budget.enforce: expected true or false, got "x"; write true or false, without quotes [wrong_type]',
    ])
    expect(problemsOf(withBudget('{ labels: { 1: a, "1": b } }'))).toEqual([
      'config.yaml:2:29: the key "1" was given before, at 2:23; remove one of the two [duplicate_key]',
    ])
  })

  test('aliases and merge keys work, and problems in them point at the anchor', () => {
    const text = `{ budgets: [&a { id: a, throttle_at: 1 }, { <<: *a, id: b }, { id: c, <<: [{ period: day, id: x }, *a] }] }`
    expect(budgetOf(withBudget(text), {})).toMatchObject({
      budgets: [
        { id: 'a', throttle_at: 1 },
        { id: 'b', throttle_at: 1 },
        { id: 'c', throttle_at: 1, period: 'day' },
      ],
    })
    expect(problemsOf(withBudget(`{ budgets: [{ id: a, throttle_at: &t x }, { id: b, throttle_at: *t }] }`))).toEqual([
      'config.yaml:2:48 processors.budget.budgets[0].throttle_at: expected a number, got "x"; write a plain number, without quotes [wrong_type]',
      'config.yaml:2:48 processors.budget.budgets[1].throttle_at: expected a number, got "x"; write a plain number, without quotes [wrong_type]',
    ])
  })

  test('nesting without end is refused, not run into', () => {
    for (const text of ['[', '- ', '? ', '{a: ']) {
      expect(problemsOf(text.repeat(20_000))[0]).toMatch(
        /^config\.yaml:1:\d+: not valid YAML: lists or maps are nested too deep/,
      )
    }
  })

  test('an alias bomb is refused at once', () => {
    const nine = (i: number) =>
      Array(9)
        .fill(i === 0 ? 'x' : `*a${i - 1}`)
        .join(', ')
    const levels = Array.from({ length: 30 }, (_, i) => `a${i}: &a${i} [${nine(i)}]`)
    expect(problemsOf(levels.join('\n'))).toEqual([
      expect.stringMatching(
        /^config\.yaml:6:\d+: over 100000 values, aliases counted as often as they are used \[too_large\]$/,
      ),
    ])
    const inner = (i: number) => (i === 0 ? 'x' : `*a${i - 1}`)
    const deep = Array.from({ length: 30 }, (_, i) => `a${i}: &a${i} ${'['.repeat(50)}${inner(i)}${']'.repeat(50)}`)
    expect(problemsOf(deep.join('\n'))).toEqual([
      expect.stringMatching(/^config\.yaml:2:\d+: lists and maps are nested over 100 deep/),
    ])
  })

  test('an unknown tag is a warning', () => {
    expect(warningsOf(withBudget('{ labels: { a: !secret x } }'))).toEqual([
      'config.yaml:2:26: a YAML tag or directive that is not known is ignored; remove it or put the value in quotes [yaml_tag]',
    ])
  })

  test('Windows line ends and a byte order mark are fine', () => {
    expect(load(`\ufeff${GOOD.replaceAll('\n', '\r\n')}`).ok).toBe(true)
    expect(problemsOf(`\ufeff${withBudget('{ slots: x }').replaceAll('\n', '\r\n')}`)).toEqual([
      'config.yaml:2:20 processors.budget.slots: expected an integer, got "x"; write digits only, without quotes [wrong_type]',
    ])
  })
})
