import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DETECTORS } from './detectors.ts'
import { type Turn, told } from './testing/agent.ts'

/** The drawings of docs/loops.md: what the page shows is what happens. */

const LINE = /^\d+ +(\S+) +(.+?) (→|✗) (.+?) *(?:\(([^)]*)\))? *(?:◀ (\w+))?$/
const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'loops.md'), 'utf8')

interface Drawing {
  readonly section: string
  readonly turns: readonly Turn[]
  readonly verdicts: readonly string[]
}

const number = (text: string, pattern: RegExp): number | undefined => {
  const found = pattern.exec(text)?.[1]
  return found === undefined ? undefined : Number(found)
}

function turnOf(line: string): { readonly turn: Turn; readonly verdict: string | undefined } {
  const [, tool = '', args = '', arrow, result = '', notes = '', verdict] = LINE.exec(line) ?? []
  if (tool === '') throw new Error(`docs/loops.md: not a call: ${line}`)
  const size = number(notes, /(\d+) tokens/)
  const output = number(notes, /answer (\d+)/)
  const pause = number(notes, /after (\d+) s/)
  const turn: Turn = {
    tool,
    failed: arrow === '✗',
    ...(args === '·' ? {} : { args }),
    ...(result === '·' ? {} : { result, size: Math.ceil(result.length / 4) }),
    ...(size === undefined ? {} : { size }),
    ...(output === undefined ? {} : { output }),
    ...(pause === undefined ? {} : { pauseMs: pause * 1000 }),
  }
  return { turn, verdict }
}

function drawings(): readonly Drawing[] {
  let section = ''
  const found: Drawing[] = []
  for (const part of page.split(/^(?=#{2,3} |```)/m)) {
    section = /^#{2,3} (.+)/.exec(part)?.[1] ?? section
    const block = /^```calls\n([\s\S]+)/.exec(part)?.[1]
    if (block === undefined) continue
    const lines = block.trimEnd().split('\n').map(turnOf)
    found.push({
      section,
      turns: lines.map(({ turn }) => turn),
      verdicts: lines.flatMap(({ verdict }, i) => (verdict === undefined ? [] : [`${verdict}@${i + 1}`])),
    })
  }
  return found
}

const isDetector = (section: string): boolean => DETECTORS.some((name) => name === section)

test.each(drawings().map((d, i) => [`${d.section} (${i + 1})`, d] as const))('%s', (_name, drawing) => {
  const { section, turns, verdicts } = drawing
  const others = Object.fromEntries(
    DETECTORS.filter((name) => isDetector(section) && name !== section).map((name) => [name, { enabled: false }]),
  )
  expect(told(turns, others).map(({ level, turn }) => `${level}@${turn}`)).toEqual(verdicts)
})

test('every detector has its place on the page', () => {
  for (const name of DETECTORS) expect(page).toMatch(new RegExp(`^### .*\\b${name}\\b`, 'm'))
  expect(drawings().length).toBe(14)
})
