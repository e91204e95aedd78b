import { configOf, load, problemsOf, type World, warningsOf, withBudget, withExporter } from './testing/fakes.ts'

const extra = (value: string, world: World): unknown => {
  const config = configOf(withBudget(`\n    extra: ${value}`), world).processors.get('budget')?.config
  return typeof config === 'object' && config !== null && 'extra' in config ? config.extra : 'no config'
}

/** The value as a field without a type gets it. */
const check = (value: string, want: unknown, env: Record<string, string> = {}, files: Record<string, string> = {}) =>
  test(`${value} ${JSON.stringify(env)}`, () => expect(extra(value, { env, files })).toEqual(want))

describe('a whole value takes the type that its text has in YAML', () => {
  check(`\${env:A}`, 123, { A: '123' })
  check(`\${A}`, 123, { A: '123' })
  check(`"\${A}"`, 123, { A: '123' })
  check(`\${A}`, true, { A: 'true' })
  check(`\${A}`, 'yes', { A: 'yes' })
  check(`\${A}`, null, { A: 'null' })
  check(`\${A}`, null, { A: '' })
  check(`\${A}`, [1, 'b'], { A: '[1, b]' })
  check(`\${A}`, { a: { b: 1 } }, { A: 'a:\n  b: 1' })
  check(`\${A}`, '"0123"', { A: '"0123"' })
  check(`\${A}`, '["a",', { A: '["a",' })
  check(`\${A}`, 'a: b: c', { A: 'a: b: c' })
  check(`\${A}`, 'x # y', { A: 'x # y' })
  check(`\${A}`, true, { A: `true # a comment with \${b.c}` })
})

describe('inside a longer string the text goes in as it is', () => {
  check(`"a\${A}b"`, 'a0123b', { A: '0123' })
  check(`"a \${A}"`, 'a 0xdeadbeef', { A: '0xdeadbeef' })
  check(`"\${A}\${B}"`, '12', { A: '1', B: '2' })
  check(`"\${A}:\${B}"`, 'h:1', { A: 'h', B: '1' })
  check(`"a \${A}"`, 'a "0123"', { A: '"0123"' })
  check(`"a \${A}"`, 'a [x, y]', { A: '[x, y]' })
  check(`"a \${A}"`, 'a ', { A: '' })
  check(`"a \${A}"`, 'a null', { A: 'null' })
  check(`http://\${A}/p`, 'http://h/p', { A: 'h' })
})

describe('defaults count when the variable is not set', () => {
  check(`\${env:A:-5}`, 5)
  check(`\${A:-5}`, 5)
  check(`\${A:-}`, '')
  check(`\${A:-a b}`, 'a b')
  check(`\${A:-[1, 2]}`, [1, 2])
  check(`\${A:-:-}`, ':-')
  check(`\${A:-5}`, 6, { A: '6' })
  check(`\${A:-5}`, null, { A: '' })
  check(`"\${A:-x}y"`, 'xy')
  check(`\${A:-\${B}}`, 7, { B: '7' })
  check(`\${A:-\${B:-8}}`, 8)
  check(`\${A:-http://\${B}:1}`, 'http://h:1', { B: 'h' })
  check(`\${A:-$\${B}}`, `\${B}`)
})

describe('nesting', () => {
  check(`\${env:\${N}}`, 1, { N: 'A', A: '1' })
  check(`\${\${N}}`, 1, { N: 'A', A: '1' })
  check(`\${\${N}_\${M}}`, 1, { N: 'A', M: 'B', A_B: '1' })
  check(`\${A}`, 123, { A: `\${B}`, B: `\${env:C}`, C: '123' })
  check(`\${A}`, 'v w x', { A: `v \${B} x`, B: 'w' })
  check(`\${A}`, { b: { c: 1 }, i: 'i {c: "1"}' }, { A: `{b: "\${B}", i: "i \${B}"}`, B: `{c: "\${C}"}`, C: '1' })
})

describe('a dollar that opens nothing is text, and two are one', () => {
  const env = { A: 'v', N: 'A' }
  check('$A', '$A', env)
  check('"$"', '$', env)
  check('"$$"', '$', env)
  check('"$$A"', '$A', env)
  check('"$$$$A"', '$$A', env)
  check(`"$$\${A}"`, '$v', env)
  check(`"$$$\${A}"`, `$\${A}`, env)
  check(`"$\${A}"`, `\${A}`, env)
  check(`"x$\${A}y"`, `x\${A}y`, env)
  check(`"$\${1}$\${env:2}"`, `\${1}\${env:2}`, env)
  check(`"$\${A} \${A}"`, `\${A} v`, env)
  check(`"$\${env:\${A}}"`, `\${env:v}`, env)
  check(`"$\${env:$\${A}}"`, `\${env:\${A}}`, env)
  check(`"\${A"`, `\${A`, env)
  check(`"\${A\${N}"`, `\${AA`, env)
  check(`"A}\${A}"`, 'A}v', env)
  check(`"\${A}}}"`, 'v}}', env)
  check(`"\${\${\${A}"`, `\${\${v`, env)
  check(`\${X}`, '$y', { X: '$$y' })
  check(`\${X}`, ['$y', `\${y}`], { X: `['$$y', '$\${y}']` })
})

describe('a string field gets the text, whatever it looks like', () => {
  const label = (value: string, want: string, world: World) =>
    test(`${value} ${JSON.stringify(world)}`, () => {
      const config = configOf(withBudget(`\n    labels:\n      a: ${value}`), world).processors.get('budget')?.config
      expect(config).toMatchObject({ labels: { a: want } })
    })

  for (const text of [
    '0123',
    '0xdeadbeef',
    '1e3',
    'true',
    'null',
    '',
    '~',
    '[a, b',
    '[a, b]',
    '{a: b}',
    '1111:2222::',
    '"q"',
    '# x',
    ' s ',
  ]) {
    label(`\${A}`, text, { env: { A: text } })
  }
  label(`\${A}`, '[1, v]', { env: { A: `[1, \${B}]`, B: 'v' } })
  label(`\${A:-0123}`, '0123', {})
  label(`\${A:-}`, '', {})
  label(`\${file:f}`, '0123', { files: { f: '0123\n' } })
  label(`\${file:f}`, 't0ken', { files: { f: 't0ken\r\n' } })
  label(`"Bearer \${file:f}"`, 'Bearer t0ken', { files: { f: 't0ken\n' } })
  label(`\${file:f}`, '-----BEGIN X-----\nab+/=\n-----END X-----', {
    files: { f: '-----BEGIN X-----\nab+/=\n-----END X-----\n' },
  })
})

describe('numbers keep their digits', () => {
  const limit = (value: string, want: string, env: Record<string, string>) =>
    test(`${value} ${JSON.stringify(env)}`, () => {
      const config = configOf(withBudget(`\n    budgets: [{ id: a, limit_usd: "${value}" }]`), { env }).processors.get(
        'budget',
      )?.config
      expect(config).toMatchObject({ budgets: [{ limit_usd: want }] })
    })
  limit(`\${A}`, '0.10', { A: '0.10' })
  limit(`\${A}`, '9007199254740993', { A: '9007199254740993' })
  limit(`\${A}.50`, '12.50', { A: '12' })
  limit(`\${A:-0.30}`, '0.30', {})
})

describe('files', () => {
  const files = {
    'budgets.yaml': `- id: a\n- id: b\n  throttle_at: \${T}\n`,
    bad: 'a: [1',
    bad2: '- id: a\n  thottle_at: 1\n',
  }
  const config = (text: string, world: World): unknown =>
    configOf(withBudget(text), world).processors.get('budget')?.config

  test('hold any value, with substitutions of their own', () => {
    expect(config(`\n    budgets: \${file:budgets.yaml}`, { files, env: { T: '0.5' } })).toMatchObject({
      budgets: [{ id: 'a' }, { id: 'b', throttle_at: 0.5 }],
    })
  })
  test('keep their own lines in problems, behind those of the file that names them', () => {
    expect(problemsOf(withBudget(`\n    budgets: \${file:bad2}\n    slots: x`), { files })).toEqual([
      'config.yaml:4:12 processors.budget.slots: expected an integer, got "x"; write digits only, without quotes [wrong_type]',
      'bad2:2:3 processors.budget.budgets[0].thottle_at: unknown key; did you mean "throttle_at"? [unknown_key]',
    ])
  })
  test('that are not YAML say so where a value of another type was expected', () => {
    expect(problemsOf(withBudget(`\n    budgets: \${file:bad}`), { files })).toEqual([
      'config.yaml:3:14 processors.budget.budgets: expected a list, got a string from the file bad (line 1 of it: not valid YAML: flow sequence in block collection must be sufficiently indented and end with a ]); write [a, b] or "- a" [wrong_type]',
    ])
  })
  test('that are missing are named', () => {
    expect(problemsOf(withBudget(`\n    budgets: \${file:nope}`), { files })).toEqual([
      'config.yaml:3:14 processors.budget.budgets: cannot read the file "nope": there is no such file; relative paths count from the working directory [unreadable_source]',
    ])
  })
})

describe('what is not set', () => {
  const warning = (place: string, path: string) =>
    `config.yaml:${place} ${path}: the environment variable A is not set, so its value is empty; set it, or give a default: \${env:A:-…} [unset_variable]`

  test('is null, which means the default, with a warning at the place', () => {
    const text = withBudget(`\n    slots: \${A}\n    window: "\${A}"`)
    expect(configOf(text).processors.get('budget')?.config).toMatchObject({ slots: 10, window: 3_600_000 })
    expect(warningsOf(text)).toEqual([
      warning('3:12', 'processors.budget.slots'),
      warning('4:13', 'processors.budget.window'),
    ])
  })
  test('is nothing inside a longer string', () => {
    const text = withBudget(`\n    labels: { a: "x\${A}" }`)
    expect(configOf(text).processors.get('budget')?.config).toMatchObject({ labels: { a: 'x' } })
    expect(warningsOf(text)).toEqual([warning('3:18', 'processors.budget.labels.a')])
  })
  test('is an empty string in a list or a map of strings', () => {
    const text = withBudget(`\n    labels: { a: "\${A}" }\n    budgets: [{ id: x, scope: ["\${A}"] }]`)
    expect(configOf(text).processors.get('budget')?.config).toMatchObject({
      labels: { a: '' },
      budgets: [{ scope: [''] }],
    })
  })
  test('is missing where something is required', () => {
    expect(problemsOf(withExporter(`{ endpoint: "\${A}" }`))).toEqual([
      'config.yaml:2:16 exporters.otlp_http.endpoint: required, but not given; add `endpoint: "https://otel.example:4318"` [missing]',
    ])
  })
  test('warns once, also when it stands in a list that becomes text', () => {
    expect(warningsOf(withBudget(`\n    extra: \${B}`), { env: { B: `["\${A}"]` } })).toEqual([
      'config.yaml:3:12 processors.budget.extra[0]: the environment variable B refers to a variable that is not set, so its value is empty [unset_variable]',
    ])
  })
})

describe('substitutions that cannot be read are problems at their value, once', () => {
  const wrong = (value: string, what: string, env: Record<string, string> = {}) =>
    test(value, () => {
      expect(problemsOf(withBudget(`\n    slots: ${value}`), { env })).toEqual([
        `config.yaml:3:12 processors.budget.slots: ${what}`,
      ])
    })
  const NAME = `a substitution that is not the name of an environment variable (letters, digits and _ only); write $\${ where a literal \${ is meant [bad_substitution]`
  wrong(`\${1}`, NAME)
  wrong(`\${}`, NAME)
  wrong(`\${env:}`, NAME)
  wrong(`\${env:a-b}`, NAME)
  wrong(`"\${env: A}"`, NAME)
  wrong(`"\${a b}"`, NAME)
  wrong(`"x\${1}\${2}"`, NAME)
  wrong(
    `\${vault:secret}`,
    `a substitution with a scheme that is none of env, file, yaml; write $\${ where a literal \${ is meant [bad_substitution]`,
  )
  const TOO_DEEP = 'too much to substitute: nested over 200 deep; does something refer to itself? [substitution_limit]'
  wrong(`\${A}`, TOO_DEEP, { A: `\${A}` })
  wrong(`\${A}`, TOO_DEEP, { A: `x\${B}`, B: `y\${A}` })
})

test('an explosion of substitutions is stopped, and reported once', () => {
  const env = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`A${i}`, `\${A${i + 1}}\${A${i + 1}}`]))
  expect(problemsOf(withBudget(`\n    extra: [ "\${A0}", "\${A0}" ]`), { env })).toEqual([
    expect.stringMatching(
      /^config\.yaml:3:14 processors\.budget\.extra\[0\]: too much to substitute: over 10000 substitutions/,
    ),
  ])
  const long = { ...env, A8: 'x'.repeat(100_000) }
  expect(problemsOf(withBudget(`\n    extra: \${A0}`), { env: long })).toEqual([
    expect.stringMatching(/too much to substitute: a text of over 1048576 characters/),
  ])
  const loop = { A: `[{ a: "\${A}" }, { b: "\${A}" }]` }
  expect(problemsOf(withBudget(`\n    extra: \${A}`), { env: loop })).toEqual([
    expect.stringMatching(/^.{0,250}: too much to substitute: nested over 200 deep/),
  ])
  const configs = Array.from({ length: 3 }, (_, i) => `yaml:${i}: [&a [${'x,'.repeat(300)}], ${'*a,'.repeat(300)}]`)
  expect(problemsOf('', { configs })).toContainEqual(
    expect.stringMatching(/too much to substitute: over 200000 values/),
  )
})

test('keys are not substituted, with a warning', () => {
  const text = withBudget(`\n    labels: { "\${A}": b }`)
  expect(configOf(text, { env: { A: 'x' } }).processors.get('budget')?.config).toMatchObject({
    labels: { [`\${A}`]: 'b' },
  })
  expect(warningsOf(text)).toEqual([
    `config.yaml:3:15 processors.budget.labels.\${A}: keys are not substituted, only values are [unexpanded_key]`,
  ])
})

test('a variable with two dollars is warned about, since they become one', () => {
  const text = withExporter(`{ endpoint: "https://x", api_key: "\${KEY}" }`)
  expect(warningsOf(text, { env: { KEY: 'pa$$word' } })).toEqual([
    'config.yaml:2:48 exporters.otlp_http.api_key: the environment variable KEY contains "$$", which reads as one "$", as in the OpenTelemetry Collector; double each "$" [escaped_dollar]',
  ])
})

test('pipelines may come out of the environment', () => {
  const text = `receivers: { otlp: { protocols: { grpc: } } }\nexporters: { debug: }\nservice: { pipelines: "\${P}" }`
  const loaded = load(text, { env: { P: '{ traces: { receivers: [otlp], exporters: [debug] } }' } })
  expect(loaded.ok).toBe(true)
  expect(problemsOf(text, { env: { P: '{ traces: { receivers: [s3cr3t], exporters: [debug] } }' } })).toEqual([
    'config.yaml:3:23 service.pipelines.traces.receivers[0]: references the receiver a string from the environment variable P, which is not configured; add it under "receivers" [not_configured]',
  ])
})
