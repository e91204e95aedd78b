import { sidecar, spansOf, type Turn, times, told } from './testing/agent.ts'

/** Runs as they happen, healthy and not: with content, without any, in order and shuffled. */

const turn = (tool: string, args: string, result: string, more: Partial<Turn> = {}): Turn => ({
  ...{ tool, args, result, size: Math.ceil(result.length / 4), output: 25 + (args.length % 17) },
  ...more,
})
const page = (i: number): string => `page ${i}: ${'words and more words '.repeat(5 + ((i * 7) % 11))}`

const HEALTHY: readonly (readonly [string, readonly Turn[]])[] = [
  [
    'polling whose answer changes',
    times(30, (i) =>
      turn('job_status', '{"job":7}', `{"done":${i * 3},"log":"${'.'.repeat(i * 5)}"}`, { pauseMs: 5000 }),
    ),
  ],
  [
    'polling by a tool of any name, with the same answer, every half minute',
    times(25, () => turn('get_job', '{"job":7}', '{"state":"running"}', { pauseMs: 30_000 })),
  ],
  [
    'backing off, each time twice as long',
    times(9, (i) => turn('submit_order', '{"id":1}', '503 try later', { failed: true, pauseMs: 1000 * 2 ** i })),
  ],
  ['pagination: the same call, another page each time', times(25, (i) => turn('scroll_down', '{}', page(i)))],
  ['pagination by cursor', times(40, (i) => turn('list_items', `{"cursor":${i * 50}}`, page(i)))],
  ['a batch over files, all acknowledged alike', times(60, (i) => turn('move_file', `{"file":"f${i * 977}"}`, 'ok'))],
  [
    'a batch of two steps each',
    times(30, (i) => [
      turn('read_file', `{"file":"f${i}"}`, page(i)),
      turn('write_file', `{"file":"g${i * 977}"}`, 'ok'),
    ]),
  ],
  [
    'edit and test in turns, with another result each time',
    times(12, (i) => [
      turn('edit', `{"line":${i},"text":"${'x'.repeat(i * 3)}"}`, `edited line ${i}\n${page(i)}`),
      turn('run_tests', '{}', `${12 - i} failed in ${100 + i} ms\n${page(i + 3)}`, { failed: i < 11 }),
    ]),
  ],
  [
    'a silent type check after each edit',
    times(20, (i) => [
      turn('edit', `{"line":${i * 31},"text":"${'x'.repeat(i)}"}`, `edited\n${page(i)}`),
      turn('bash', 'tsc --noEmit', '', { size: 1 }),
    ]),
  ],
  [
    'a few failures of several kinds on the way',
    times(12, (i) =>
      turn(
        'shell',
        `cmd ${'y'.repeat(i)}`,
        ['no such file: a/b', 'permission denied here', page(i), 'done'][i % 4] ?? '',
        {
          failed: i % 4 < 2,
        },
      ),
    ),
  ],
  [
    'three retries, then it works; again and again',
    times(6, (i) => [
      ...times(3, () => turn('fetch', `{"url":${i}}`, 'timeout', { failed: true })),
      turn('fetch', `{"url":${i}}`, page(i)),
      ...times(6, (k) => turn('read', `part ${i} ${k}`, page(i * 6 + k))),
    ]),
  ],
  [
    'the same files read again after the context was cut',
    [...times(9, (i) => turn('read_file', `f${i}`, page(i))), ...times(9, (i) => turn('read_file', `f${i}`, page(i)))],
  ],
  ['300 calls, none like another', times(300, (i) => turn(['read', 'search', 'edit'][i % 3] ?? '', `a${i}`, page(i)))],
]

const withoutContent = (turns: readonly Turn[]): Turn[] => turns.map(({ args, result, ...rest }) => rest)

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item, i) => ({ item, at: i + ((i * 2_654_435_761) % 1000) / 125 }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item)
}

function critical(turns: readonly Turn[], isShuffled = false): string[] {
  const { send } = sidecar()
  const spans = spansOf(turns)
  return (isShuffled ? shuffled(spans) : spans).flatMap((span, i) =>
    send([span])
      .verdicts.filter((v) => v.level === 'critical')
      .map((v) => `${v.detector} at span ${i + 1}: ${v.reason}`),
  )
}

describe.each(HEALTHY)('healthy: %s', (_name, turns) => {
  test('with arguments and results', () => expect(critical(turns)).toEqual([]))
  test('the same, shuffled within eight spans', () => expect(critical(turns, true)).toEqual([]))
  test('without any content', () => expect(critical(withoutContent(turns))).toEqual([]))
  test('without any content, shuffled', () => expect(critical(withoutContent(turns), true)).toEqual([]))
})

const RUNAWAY: readonly (readonly [string, number, readonly Turn[]])[] = [
  [
    'other arguments each time, the same error',
    5,
    times(20, (i) =>
      turn('ssh', `ssh host${i} reboot`, `connect to port ${2200 + i}: Permission denied`, { failed: true }),
    ),
  ],
  [
    'a cycle of three calls that learns nothing',
    8,
    times(6, () =>
      ['open', 'find', 'close'].map((tool) => turn(tool, '{}', `${tool} came to what it always comes to`)),
    ),
  ],
  ['the same search in other words', 6, times(20, (i) => turn('grep', `word ${i}`, 'no matches'))],
  ['the same edit over and over', 4, times(20, (i) => turn('edit', 'insert a line', page(i)))],
  [
    'polling that never ends, every second',
    4,
    times(40, () => turn('get_result', '{"id":7}', '{"state":"running"}', { pauseMs: 1000 })),
  ],
]

describe.each(RUNAWAY)('runaway: %s', (_name, atMost, turns) => {
  test(`noticed by call ${atMost}`, () => {
    const first = told(turns).find(({ level }) => level === 'critical')
    expect(first?.turn).toBeLessThanOrEqual(atMost)
  })
  test('noticed shuffled', () => expect(critical(turns, true)).not.toEqual([]))
})
