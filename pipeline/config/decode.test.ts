import { configOf, problemsOf, warningsOf, withBudget, withExporter } from './testing/fakes.ts'

const budget = (text: string): unknown => configOf(withBudget(text)).processors.get('budget')?.config
const exporter = (text: string): unknown => configOf(withExporter(text)).exporters.get('otlp_http')?.config

describe('a good value', () => {
  const DEFAULTS = { budgets: [], enforce: false, window: 3_600_000, slots: 10, labels: {} }
  const check = (text: string, want: unknown) => test(text, () => expect(budget(text)).toEqual(want))

  check('', DEFAULTS)
  check('{}', DEFAULTS)
  check('{ enforce: true }', { ...DEFAULTS, enforce: true })
  check('{ enforce: null, window: , slots: ~, budgets: , labels: }', DEFAULTS)
  check('{ window: 5s }', { ...DEFAULTS, window: 5_000 })
  check('{ window: 1m30s }', { ...DEFAULTS, window: 90_000 })
  check('{ window: 1500ms }', { ...DEFAULTS, window: 1_500 })
  check('{ window: 1.5h }', { ...DEFAULTS, window: 5_400_000 })
  check('{ window: "1d" }', { ...DEFAULTS, window: 86_400_000 })
  check('{ slots: 0x10 }', { ...DEFAULTS, slots: 16 })
  check('{ slots: +7 }', { ...DEFAULTS, slots: 7 })
  check('{ labels: { 1: a, true: b, "x y": "" } }', { ...DEFAULTS, labels: { 1: 'a', true: 'b', 'x y': '' } })
  check('{ extra: [1, { a: null }, x] }', { ...DEFAULTS, extra: [1, { a: null }, 'x'] })
  check('{ extra: }', { ...DEFAULTS, extra: null })

  const BUDGET = { id: 'a', throttle_at: 0.8, period: 'lifetime', scope: ['run'] }
  check('{ budgets: [{ id: a }] }', { ...DEFAULTS, budgets: [BUDGET] })
  check('{ budgets: [{ id: a, scope: [] }] }', { ...DEFAULTS, budgets: [{ ...BUDGET, scope: [] }] })
  check('{ budgets: [{ id: a, period: day, throttle_at: 1 }] }', {
    ...DEFAULTS,
    budgets: [{ ...BUDGET, period: 'day', throttle_at: 1 }],
  })
})

describe('an amount of USD keeps its digits', () => {
  const check = (text: string, want: string) =>
    test(text, () =>
      expect(budget(`{ budgets: [{ id: a, limit_usd: ${text} }] }`)).toMatchObject({ budgets: [{ limit_usd: want }] }),
    )

  check('25', '25')
  check('0', '0')
  check('0.10', '0.10')
  check('"0.10"', '0.10')
  check('0.000000000001', '0.000000000001')
  check('0.1000000000000000', '0.1000000000000000')
  check('9007199254740993', '9007199254740993')
  check('9007199254740993.01', '9007199254740993.01')
})

describe('an optional object', () => {
  const protocols = (text: string): unknown =>
    configOf(
      `receivers: { otlp: { protocols: ${text} } }\nexporters: { debug: }\nservice: { pipelines: { traces: { receivers: [otlp], exporters: [debug] } } }`,
    ).receivers.get('otlp')?.config
  const check = (text: string, want: unknown) => test(text, () => expect(protocols(text)).toEqual({ protocols: want }))

  check('{ grpc: }', { grpc: { endpoint: '127.0.0.1:4317' }, http: undefined })
  check('{ grpc: {} }', { grpc: { endpoint: '127.0.0.1:4317' }, http: undefined })
  check('{ http: { endpoint: "[::]:1" } }', { grpc: undefined, http: { endpoint: '[::]:1' } })
})

describe('a bad value names its place, what was expected, what was found and what to do', () => {
  const check = (text: string, ...want: string[]) =>
    test(text, () => expect(problemsOf(withBudget(text))).toEqual(want))

  // Types are never bent.
  check(
    '{ enforce: t }',
    'config.yaml:2:22 processors.budget.enforce: expected true or false, got "t"; write true or false, without quotes [wrong_type]',
  )
  check(
    '{ enforce: yes }',
    'config.yaml:2:22 processors.budget.enforce: expected true or false, got "yes"; write true or false, without quotes [wrong_type]',
  )
  check(
    '{ enforce: 23 }',
    'config.yaml:2:22 processors.budget.enforce: expected true or false, got the number 23; write true or false, without quotes [wrong_type]',
  )
  check(
    '{ enforce: "true" }',
    'config.yaml:2:22 processors.budget.enforce: expected true or false, got "true"; write true or false, without quotes [wrong_type]',
  )
  check(
    '{ slots: "5" }',
    'config.yaml:2:20 processors.budget.slots: expected an integer, got "5"; write digits only, without quotes [wrong_type]',
  )
  check(
    '{ slots: 5.0 }',
    'config.yaml:2:20 processors.budget.slots: expected an integer, got the number 5.0; write digits only, without quotes [wrong_type]',
  )
  check(
    '{ slots: 1e2 }',
    'config.yaml:2:20 processors.budget.slots: expected an integer, got the number 1e2; write digits only, without quotes [wrong_type]',
  )
  check(
    '{ slots: 0123 }',
    'config.yaml:2:20 processors.budget.slots: expected an integer, got the number 0123; a leading 0 may mean octal; write it without [wrong_type]',
  )
  check(
    '{ slots: true }',
    'config.yaml:2:20 processors.budget.slots: expected an integer, got true; write digits only, without quotes [wrong_type]',
  )
  check(
    '{ slots: [1] }',
    'config.yaml:2:13 processors.budget.slots: expected an integer, got a list; write digits only, without quotes [wrong_type]',
  )
  check(
    '{ slots: 9007199254740993 }',
    'config.yaml:2:20 processors.budget.slots: 9007199254740993 is beyond 2^53 [out_of_range]',
  )
  check('{ slots: 0 }', 'config.yaml:2:20 processors.budget.slots: 0 is too small; the least is 1 [out_of_range]')
  check(
    '{ slots: 1001 }',
    'config.yaml:2:20 processors.budget.slots: 1001 is too large; the most is 1000 [out_of_range]',
  )
  check(
    '{ window: 5 }',
    'config.yaml:2:21 processors.budget.window: expected a duration, got the number 5; add a unit, for example 5s [bad_duration]',
  )
  check(
    '{ window: 5x }',
    'config.yaml:2:21 processors.budget.window: expected a duration, got "5x"; write for example 300ms, 5s, 1m30s, 26h, 35d [bad_duration]',
  )
  check(
    '{ window: -5s }',
    'config.yaml:2:21 processors.budget.window: expected a duration, got "-5s"; write for example 300ms, 5s, 1m30s, 26h, 35d [bad_duration]',
  )
  check(
    '{ window: true }',
    'config.yaml:2:21 processors.budget.window: expected a duration, got true; write for example 300ms, 5s, 1m30s or 26h [wrong_type]',
  )
  check('{ window: 0 }', 'config.yaml:2:21 processors.budget.window: 0 is too small; the least is 1s [out_of_range]')
  check('{ window: 2d }', 'config.yaml:2:21 processors.budget.window: 2d is too large; the most is 1d [out_of_range]')
  check(
    '{ window: 99999999d }',
    'config.yaml:2:21 processors.budget.window: longer than a hundred years; check the unit [out_of_range]',
  )
  check(
    '{ labels: { a: 5 } }',
    'config.yaml:2:26 processors.budget.labels.a: expected a string, got the number 5; put it in quotes: "5" [wrong_type]',
  )
  check(
    '{ labels: { a.b: 0123 } }',
    'config.yaml:2:28 processors.budget.labels["a.b"]: expected a string, got the number 0123; put it in quotes: "0123" [wrong_type]',
  )
  check(
    '{ labels: { a: yes, b: no, c: true } }',
    'config.yaml:2:41 processors.budget.labels.c: expected a string, got true; put it in quotes: "true" [wrong_type]',
  )
  check(
    '{ labels: { a: { b: c } } }',
    'config.yaml:2:23 processors.budget.labels.a: expected a string, got a map; write one text [wrong_type]',
  )
  check(
    '{ labels: { a: } }',
    'config.yaml:2:23 processors.budget.labels.a: required, but not given; add `a: …` [missing]',
  )
  check(
    '{ labels: x }',
    'config.yaml:2:21 processors.budget.labels: expected a map, got "x"; write "key: value" [wrong_type]',
  )
  check(
    '{ budgets: run }',
    'config.yaml:2:22 processors.budget.budgets: expected a list, got "run"; write [a, b] or "- a" [wrong_type]',
  )
  check(
    '{ budgets: { id: a } }',
    'config.yaml:2:13 processors.budget.budgets: expected a list, got a map; write [a, b] or "- a" [wrong_type]',
  )
  check(
    '{ budgets: [5] }',
    'config.yaml:2:23 processors.budget.budgets[0]: expected a map, got the number 5; write its keys below it [wrong_type]',
  )
  check(
    '5',
    'config.yaml:2:11 processors.budget: expected a map, got the number 5; write its keys below it [wrong_type]',
  )
  check(
    '{ budgets: [{ id: a, period: days }] }',
    'config.yaml:2:40 processors.budget.budgets[0].period: expected one of lifetime, hour, day, got "days"; did you mean "day"? [bad_choice]',
  )
  check(
    '{ budgets: [{ id: a, period: week }] }',
    'config.yaml:2:40 processors.budget.budgets[0].period: expected one of lifetime, hour, day, got "week"; write one of them [bad_choice]',
  )
  check(
    '{ budgets: [{ id: a, period: 1 }] }',
    'config.yaml:2:40 processors.budget.budgets[0].period: expected one of lifetime, hour, day, got the number 1; write one of them [bad_choice]',
  )
  check(
    '{ budgets: [{ id: a, throttle_at: .nan }] }',
    'config.yaml:2:45 processors.budget.budgets[0].throttle_at: expected a number, got the number .nan; write a plain number, without quotes [wrong_type]',
  )
  check(
    '{ budgets: [{ id: a, throttle_at: 1.01 }] }',
    'config.yaml:2:45 processors.budget.budgets[0].throttle_at: 1.01 is too large; the most is 1 [out_of_range]',
  )

  // Required keys, at the thing that lacks them; unknown ones, at the key.
  check(
    '{ budgets: [{ limit_usd: 1 }] }',
    'config.yaml:2:23 processors.budget.budgets[0].id: required, but not given; add `id: "per_run"` [missing]',
  )
  check(
    '{ budgets: [{ id: }] }',
    'config.yaml:2:25 processors.budget.budgets[0].id: required, but not given; add `id: "per_run"` [missing]',
  )
  check(
    '{ budgets: [{ id: a, throtle_at: 1 }] }',
    'config.yaml:2:32 processors.budget.budgets[0].throtle_at: unknown key; did you mean "throttle_at"? [unknown_key]',
  )
  check(
    '{ budgets: [{ id: a, thorttle_at: 1 }] }',
    'config.yaml:2:32 processors.budget.budgets[0].thorttle_at: unknown key; did you mean "throttle_at"? [unknown_key]',
  )
  check(
    '{ colour: red }',
    'config.yaml:2:13 processors.budget.colour: unknown key; known keys: budgets, enforce, dry_run, window, slots, extra, labels [unknown_key]',
  )
  check(
    '{ __proto__: 1, constructor: 2 }',
    'config.yaml:2:13 processors.budget.__proto__: unknown key; known keys: budgets, enforce, dry_run, window, slots, extra, labels [unknown_key]',
    'config.yaml:2:27 processors.budget.constructor: unknown key; known keys: budgets, enforce, dry_run, window, slots, extra, labels [unknown_key]',
  )

  // A check across keys speaks only when every key is good.
  check(
    '{ budgets: [{ id: a }, { id: a }] }',
    'config.yaml:2:40 processors.budget.budgets[1].id: used twice; rename it [bad_value]',
  )
  check(
    '{ budgets: [{ id: a }, { id: a }], slots: x }',
    'config.yaml:2:53 processors.budget.slots: expected an integer, got "x"; write digits only, without quotes [wrong_type]',
  )
})

describe('an amount that is not exact is refused', () => {
  const advice = 'write USD as plain digits, for example 25 or 0.50'
  const limits = '(no sign, exponent, separator or leading zero, at most 12 digits behind the point)'
  const check = (text: string, want: string) =>
    test(text, () =>
      expect(problemsOf(withBudget(`{ budgets: [{ id: a, limit_usd: ${text} }] }`))).toEqual([
        `config.yaml:2:43 processors.budget.budgets[0].limit_usd: ${want}`,
      ]),
    )

  check('ten', `expected a number, got "ten"; ${advice} [wrong_type]`)
  check('true', `expected a number, got true; ${advice} [wrong_type]`)
  for (const text of ['1e3', '-1', '+1', '.5', '5.', '007', '0x10', '.inf', '0.0000000000001']) {
    check(text, `expected a number, got the number ${text}; ${advice} ${limits} [bad_amount]`)
  }
  check('"$5"', `expected a number, got "$5"; ${advice} ${limits} [bad_amount]`)
  check('"1,000"', `expected a number, got "1,000"; ${advice} ${limits} [bad_amount]`)
  check('1_000', `expected a number, got "1_000"; ${advice} ${limits} [bad_amount]`)
})

describe('positions in block style', () => {
  test('every problem of a file is reported, in the order of its lines', () => {
    const text = `receivers:
  otlp:
    protocols:
      htttp:
processors:
  budget:
    budgets:
      - id: run
        limit_usd: ten
      - limit_usd: 5
        throtle_at: 0.5
    slots: 0
    window:
      every: 5s
exporters:
  otlp_http:
    timeout: 5
  debug:
service:
  pipelines:
    traces:
      receivers: [otlp]
      processors: [budget, budgte]
      exporters: [otlp_http, debug]
  telemetry:
    logs:
      level: verbose
`
    expect(problemsOf(text)).toEqual([
      'config.yaml:4:7 receivers.otlp.protocols.htttp: unknown key; did you mean "http"? [unknown_key]',
      'config.yaml:9:20 processors.budget.budgets[0].limit_usd: expected a number, got "ten"; write USD as plain digits, for example 25 or 0.50 [wrong_type]',
      'config.yaml:10:9 processors.budget.budgets[1].id: required, but not given; add `id: "per_run"` [missing]',
      'config.yaml:11:9 processors.budget.budgets[1].throtle_at: unknown key; did you mean "throttle_at"? [unknown_key]',
      'config.yaml:12:12 processors.budget.slots: 0 is too small; the least is 1 [out_of_range]',
      'config.yaml:13:5 processors.budget.window: expected a duration, got a map; write for example 300ms, 5s, 1m30s or 26h [wrong_type]',
      'config.yaml:16:3 exporters.otlp_http.endpoint: required, but not given; add `endpoint: "https://otel.example:4318"` [missing]',
      'config.yaml:17:14 exporters.otlp_http.timeout: expected a duration, got the number 5; add a unit, for example 5s [bad_duration]',
      'config.yaml:23:28 service.pipelines.traces.processors[1]: references the processor "budgte", which is not configured; did you mean "budget"? [not_configured]',
      'config.yaml:27:14 service.telemetry.logs.level: expected one of debug, info, warn, error, got "verbose"; write one of them [bad_choice]',
    ])
  })
})

describe('secrets stay out of messages', () => {
  const check = (text: string, world?: Parameters<typeof problemsOf>[1]) =>
    test(`${text} ${JSON.stringify(world)}`, () => {
      const problems = problemsOf(withExporter(text), world)
      expect(problems).not.toEqual([])
      expect([...problems, ...warningsOf(withExporter(text), world)].join('\n')).not.toMatch(/s3cr3t|1234567/)
    })

  check('{ endpoint: "https://x", api_key: 1234567 }')
  check('{ endpoint: "https://x", api_key: [s3cr3t] }')
  check('{ endpoint: "https://x", api_key: { s3cr3t: 1 } }')
  check('{ endpoint: "https://x", headers: s3cr3t }')
  check('{ endpoint: "https://x", headers: { authorization: 1234567 } }')
  check('{ endpoint: "https://x", headers: [s3cr3t] }')
  check('{ endpoint: "ftp://user:s3cr3t@host/" }')
  check(`{ endpoint: "https://x", timeout: "\${KEY}" }`, { env: { KEY: 's3cr3t' } })
  check(`{ endpoint: "https://x", timeout: "x\${KEY}" }`, { env: { KEY: 's3cr3t' } })
  check(`{ endpoint: "\${KEY}" }`, { env: { KEY: 's3cr3t' } })
  check(`{ endpoint: "https://x", tls: "\${KEY}" }`, { env: { KEY: '[s3cr3t]' } })
  check(`{ endpoint: "https://x", timeout: "\${file:key}" }`, { files: { key: 's3cr3t\n' } })
  check(`{ endpoint: "https://x", timeout: "\${X:-\${KEY}}" }`, { env: { KEY: 's3cr3t' } })
  for (const KEY of [
    's3cr3t:',
    '{ s3cr3t: 1, s3cr3t: 2 }',
    '[s3cr3t: ]',
    `\${s3cr3t}`,
    `\${file:s3cr3t}`,
    `\${s3cr3t!}`,
  ]) {
    check(`{ endpoint: "https://x", timeout: 5, tls: "\${KEY}", headers: "\${KEY}" }`, { env: { KEY } })
    check(`{ endpoint: "https://x", api_key: "\${\${KEY}}", timeout: 5 }`, { env: { KEY } })
  }
  check(`{ endpoint: "https://x", api_key: "ab\${s3cr3t!}" }`)
  check(`{ endpoint: "https://x", api_key: "ab\${s3cr3t:}" }`)
  check('{ endpoint: "https://x", api_key: *s3cr3t }')
  check('{ endpoint: "https://x", api_key: @s3cr3t }')
  check('{ endpoint: "https://x", api_key: "s3cr3t\\q" }')
  check('{ endpoint: "https://x", api_key: "s3cr3t }')
  check('{ endpoint: "https://x", api_key: x } } s3cr3t: }')
})

test('a pattern that does not fit is answered with the example', () => {
  expect(problemsOf(withExporter('{ endpoint: otel.example }'))).toEqual([
    'config.yaml:2:26 exporters.otlp_http.endpoint: "otel.example" does not have the required form; write for example "https://otel.example:4318" [bad_pattern]',
  ])
})

test('a nested object that is absent has the defaults of its fields', () => {
  expect(exporter('{ endpoint: "https://x" }')).toEqual({
    endpoint: 'https://x',
    headers: {},
    timeout: 30_000,
    tls: { insecure: false },
  })
})

test('a deprecated key works, with a warning at the key', () => {
  expect(budget('{ dry_run: true }')).toMatchObject({ dry_run: true })
  expect(warningsOf(withBudget('{ dry_run: true }'))).toEqual([
    'config.yaml:2:13 processors.budget.dry_run: deprecated: use enforce: false [deprecated]',
  ])
})

test('a long value is shown in part', () => {
  expect(problemsOf(withBudget(`{ enforce: ${'x'.repeat(1000)} }`))[0]?.length).toBeLessThan(300)
})
