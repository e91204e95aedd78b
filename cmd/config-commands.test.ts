import { parse } from 'yaml'
import { FACTORIES, withBudget, withExporter } from '../pipeline/config/testing/fakes.ts'
import { listComponents } from './components-list.ts'
import type { Command } from './config-args.ts'
import { printConfig } from './print-config.ts'
import { schema } from './schema.ts'
import { validate } from './validate.ts'

const GOOD = withExporter('{ endpoint: "https://x", api_key: s3cr3t }')

interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

function run(
  command: (command: Command) => number,
  args: readonly string[],
  files: Record<string, string> = {},
): Outcome {
  let stdout = ''
  let stderr = ''
  const all: Record<string, string> = { 'config.yaml': GOOD, ...files }
  const code = command({
    args,
    factories: FACTORIES,
    io: {
      env: {},
      readFile: (path) => {
        const text = all[path]
        if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
        return text
      },
      stdout: (text) => {
        stdout += text
      },
      stderr: (text) => {
        stderr += text
      },
    },
  })
  return { code, stdout, stderr }
}

describe('validate', () => {
  test('says what there is when all is good', () => {
    expect(run(validate, ['--config', 'config.yaml'])).toEqual({
      code: 0,
      stdout: 'The configuration is good: 1 pipeline, 1 receiver, 0 processors, 1 exporter, 0 extensions.\n',
      stderr: '',
    })
  })

  test('lists every problem on stderr, a line each, and exits with 2', () => {
    const files = { 'bad.yaml': withBudget('{ slots: x, enforc: true }') }
    expect(run(validate, ['--config=bad.yaml'], files)).toEqual({
      code: 2,
      stdout: '',
      stderr: `bad.yaml:2:20 processors.budget.slots: expected an integer, got "x"; write digits only, without quotes [wrong_type]
bad.yaml:2:23 processors.budget.enforc: unknown key; did you mean "enforce"? [unknown_key]
`,
    })
  })

  test('takes several --config and --set', () => {
    const files = { 'over.yaml': 'exporters: { otlp_http: { timeout: 1s } }' }
    const args = ['--config', 'config.yaml', '--config', 'over.yaml', '--set', 'exporters.otlp_http.timeout=nonsense']
    expect(run(validate, args, files)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--set:1:1 exporters.otlp_http.timeout: expected a duration, got "nonsense"'),
    })
  })

  test('passes with warnings, which go to stderr', () => {
    const files = { 'warn.yaml': withBudget('{ dry_run: true }') }
    expect(run(validate, ['--config', 'warn.yaml'], files)).toMatchObject({
      code: 0,
      stderr: 'warning: warn.yaml:2:13 processors.budget.dry_run: deprecated: use enforce: false [deprecated]\n',
    })
  })

  test('does not flood the terminal', () => {
    const keys = Array.from({ length: 150 }, (_, index) => `k${index}: 1`).join(', ')
    const { stderr } = run(validate, ['--config', 'b'], { b: withBudget(`{ ${keys} }`) })
    expect(stderr.trimEnd().split('\n')).toHaveLength(101)
    expect(stderr).toMatch(/… and 50 more\n$/)
  })
})

describe('wrong usage exits with 2 and says what to do', () => {
  const check = (command: (command: Command) => number, args: string[], want: RegExp) =>
    test(`${command.name} ${args.join(' ')}`, () => {
      const { code, stdout, stderr } = run(command, args)
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(stderr).toMatch(want)
      expect(stderr).toMatch(/\n\ntokenfuse /)
    })

  check(validate, [], /^no configuration: add --config FILE\n/)
  check(validate, ['--set', 'a=b'], /^no configuration: add --config FILE\n/)
  check(validate, ['config.yaml'], /config\.yaml/)
  check(validate, ['--config'], /--config/)
  check(validate, ['--conf', 'config.yaml'], /--conf/)
  check(printConfig, ['--config', 'config.yaml', '--mode', 'secret'], /^--mode must be one of redacted, unredacted\n/)
  check(printConfig, ['--config', 'config.yaml', '--format', 'toml'], /^--format must be one of yaml, json\n/)
  check(listComponents, ['--config', 'config.yaml'], /--config/)
  check(schema, ['x'], /x/)
})

test('--help explains each, and exits with 0', () => {
  for (const command of [validate, printConfig, listComponents, schema]) {
    expect(run(command, ['--help'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^tokenfuse /),
      stderr: '',
    })
    expect(run(command, ['-h']).code).toBe(0)
  }
})

describe('print-config', () => {
  test('prints YAML without secrets, unless asked', () => {
    const redacted = run(printConfig, ['--config', 'config.yaml'])
    expect(redacted.code).toBe(0)
    expect(parse(redacted.stdout)).toMatchObject({
      exporters: { otlp_http: { api_key: '[REDACTED]', timeout: '30s' } },
    })
    const unredacted = run(printConfig, ['--config', 'config.yaml', '--mode', 'unredacted', '--format=json'])
    expect(JSON.parse(unredacted.stdout)).toMatchObject({ exporters: { otlp_http: { api_key: 's3cr3t' } } })
  })

  test('prints nothing of a bad configuration but its problems', () => {
    expect(run(printConfig, ['--config', 'nope.yaml'])).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'nope.yaml:1:1: cannot read it: there is no such file; relative paths count from the working directory [unreadable_source]\n',
    })
  })
})

test('components lists all by kind, as YAML', () => {
  const { code, stdout } = run(listComponents, [])
  expect(code).toBe(0)
  expect(parse(stdout)).toEqual({
    receivers: [{ name: 'otlp', stability: 'stable', signals: ['traces', 'logs', 'metrics'], summary: 'Takes OTLP.' }],
    processors: [{ name: 'budget', stability: 'beta', signals: ['traces', 'logs'], summary: 'Keeps budgets.' }],
    exporters: [
      { name: 'debug', stability: 'stable', signals: ['traces'], summary: 'Prints.' },
      {
        name: 'otlp_http',
        aliases: ['otlphttp'],
        stability: 'stable',
        signals: ['traces', 'logs', 'metrics'],
        summary: 'Sends OTLP.',
      },
    ],
    extensions: [{ name: 'ledger', stability: 'beta', summary: 'Counts.' }],
  })
})

test('schema prints one JSON schema', () => {
  const { code, stdout } = run(schema, [])
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    properties: { receivers: {}, processors: {}, exporters: {}, extensions: {}, service: {} },
  })
})
