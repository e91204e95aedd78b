import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { components } from './components.ts'
import { replay } from './replay.ts'

const root = join(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'tokenfuse-replay-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function run(...args: string[]) {
  let out = ''
  let err = ''
  const io = {
    readFile: (path: string) => readFileSync(path, 'utf8'),
    env: {},
    stdout(text: string) {
      out += text
    },
    stderr(text: string) {
      err += text
    },
  }
  const code = await replay({ args, factories: components, io })
  return { code, out, err }
}

/** A golden folder's requests as the file exporter would have written them. */
function captured(...names: string[]): string {
  const file = join(folder, `${names.join('-').replaceAll('/', '_')}.jsonl`)
  const lines = names.flatMap((name) => {
    const path = join(root, 'processors/gen_ai_usage/testdata', name, 'in.json')
    const { requests } = JSON.parse(readFileSync(path, 'utf8')) as { requests: object[] }
    return requests.map((request) => JSON.stringify(request))
  })
  writeFileSync(file, `${lines.join('\n')}\n`)
  return file
}

test('what captured telemetry would be billed, and why not more', async () => {
  const { code, out, err } = await run('--explain', captured('pydantic_ai/anthropic'))
  expect({ code, err }).toEqual({ code: 0, err: '' })
  const lines = out.split('\n')
  expect(lines.filter((line) => line.includes('anthropic_sdk: anthropic claude-sonnet-4-5'))).toEqual([
    expect.stringMatching(/100 input \+ 1,000 cache read .*\(priced from book, anthropic\/claude-sonnet-4-5.*billed/),
  ])
  expect(out).toMatch(/pydantic_ai: .*not billed: repeats what the calls below it report/)
  expect(out).toMatch(/^total +1 +1100 +50 /m)
  expect(out).toMatch(/not billed: [1-9] rollup, 0 duplicate, 0 superseded, 0 not_billable/)
})

test('spans and log events of one source meet', async () => {
  const { out } = await run('--explain', captured('claude_code/log-and-span'))
  expect(out).toMatch(/log claude_code: .*, billed/)
  expect(out).toMatch(/not billed: its source reports the same calls in another signal, and is billed from that one/)
  expect(out).toMatch(/^total +1 /m)
})

test('what the run did beside its calls, and how deep that is nested', async () => {
  const { out } = await run('--explain', captured('holmesgpt/running-total', 'claude_code/log-and-span'))
  const steps = out.split('\n').filter((line) => / (tool|step) /.test(line) && !line.includes(': '))
  expect(steps.map((line) => line.replace(/^\S+ /, '').replace(/;.*/, ''))).toEqual([
    // Its parent came in a later request.
    '0000000000000021 tool kubectl_logs',
    '0000000000000022 tool kubectl_logs, 1 deep in step holmesgpt.investigation',
    '0000000000000010 step holmesgpt.investigation, outermost',
    'log tool Bash',
  ])
})

test('a line that is no telemetry is said, the others count', async () => {
  const file = captured('ai_sdk_otel/openai')
  writeFileSync(file, `${readFileSync(file, 'utf8')}{"resourceSpans": 7}\nhello\n`)
  const { code, out, err } = await run(file)
  expect(code).toBe(1)
  expect(err.split('\n').filter((line) => line !== '')).toHaveLength(2)
  expect(out).toMatch(/^total +1 +1100 +50 /m)
})

test('wrong usage', async () => {
  expect(await run()).toMatchObject({ code: 2, err: expect.stringContaining('no file to replay') })
  expect(await run('--nonsense')).toMatchObject({ code: 2 })
  expect((await run('--help')).out).toContain('tokenfuse replay')
})
