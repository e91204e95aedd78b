import { Pipeline } from '../../pipeline/pipeline.ts'
import { traceRequest } from '../../test/support/spans.ts'
import { sidecar, spansOf, type Turn, times, told } from './testing/agent.ts'

/** What a verdict says, where it stands, and what follows from it. */

const loop = (n: number): Turn[] =>
  times(n, () => ({ tool: 'lookup', args: '{"id":7}', result: 'not there', size: 20 }))
const levels = (turns: readonly Turn[], config: object = {}) =>
  told(turns, config).map(({ level, verdict }) => `${level} ${verdict.action}`)
/** A chat of 1,000 tokens and more of gpt-4o costs some 0.003 USD. */
const PRICEY = '0.02'

test('a verdict carries its evidence', () => {
  const { send } = sidecar({ on_critical: 'kill' })
  const turns = times(4, () => ['a', 'b'].map((args) => ({ tool: `read_${args}`, args, result: `text ${args}` })))
  const spans = spansOf(turns, {}, { trace: 'cafe' })
  const { verdicts } = send(spans)
  expect(verdicts).toHaveLength(1)
  const [verdict] = verdicts
  // The fifth call: half of the third round.
  expect(verdict).toMatchObject({
    ...{ kind: 'loop', level: 'critical', action: 'kill', detector: 'exact_cycle', agent: 'agent' },
    ...{ run: 'cafe'.padStart(32, '0'), scope: { run: 'cafe'.padStart(32, '0') } },
    reason:
      '2 calls (read_a, read_b) came 3 times, the last time in half, with the same arguments and the same outcome',
    spanId: spans[9]?.id?.padStart(16, '0'),
  })
  expect(verdict?.evidence).toMatchObject({
    ...{ period: 2, repeats: 3, threshold: 3, window: 6, calls: 5, model_calls: 5, calls_since_onset: 3 },
    ...{ tools: ['read_a', 'read_b'], onset_span_id: spans[5]?.id?.padStart(16, '0') },
    ...{ arguments_recorded: true, results_recorded: true, on_critical: 'kill', min_wasted_usd: '0' },
  })
  expect(verdict?.evidence['fingerprints']).toEqual([
    expect.stringMatching(/^[0-9a-f]{8}:[0-9a-f]{8}$/),
    expect.stringMatching(/^[0-9a-f]{8}:[0-9a-f]{8}$/),
  ])
  expect(Number(verdict?.evidence['usd_since_onset'])).toBeGreaterThan(0)
  expect(verdict?.evidence['tokens_since_onset']).toBeGreaterThan(3000)
  expect(Date.parse(String(verdict?.evidence['onset_time']))).toBeLessThan(
    Date.parse(String(verdict?.evidence['last_time'])),
  )
})

test('evidence holds numbers, strings, booleans and lists of them, whatever the detector', () => {
  const cases = [loop(6), times(8, (i) => ({ tool: 'ssh', args: `${i}`, result: 'denied', failed: true }))]
  for (const { verdict } of cases.flatMap((turns) => told(turns))) {
    for (const value of Object.values(verdict.evidence).flat())
      expect(['number', 'string', 'boolean']).toContain(typeof value)
    expect(JSON.parse(JSON.stringify(verdict.evidence))).toEqual(verdict.evidence)
  }
})

test('it stands on the span that tipped the scale, and counts', () => {
  const { send, host } = sidecar()
  const { attributes, verdicts } = send(spansOf(loop(5)))
  const warned = attributes.findIndex((a) => a['tokenfuse.verdict'] === 'warn')
  const critical = attributes.findIndex((a) => a['tokenfuse.verdict'] === 'critical')
  expect([warned, critical]).toEqual([5, 7])
  expect(attributes[7]).toMatchObject({
    'tokenfuse.verdict.detector': 'exact_cycle',
    'tokenfuse.verdict.action': 'signal',
    'tokenfuse.verdict.reason': verdicts[1]?.reason,
    'tokenfuse.verdict.evidence': JSON.stringify(verdicts[1]?.evidence),
  })
  expect(attributes.filter((a) => 'tokenfuse.verdict' in a)).toHaveLength(2)
  for (const level of ['warn', 'critical'])
    expect(host.metric('tokenfuse_loop_detector_verdicts_total', 'exact_cycle', level)).toBe(1)
})

test('a sidecar behind another one leaves what that one said, and says nothing twice on a span', () => {
  const said = { 'tokenfuse.verdict': 'critical', 'tokenfuse.verdict.reason': 'said before' }
  const { send } = sidecar()
  const spans = spansOf(loop(4)).map((span, i) =>
    i === 7 ? { ...span, attributes: { ...span.attributes, ...said } } : span,
  )
  const { attributes, verdicts } = send(spans)
  expect(verdicts.map((v) => v.level)).toEqual(['warn', 'critical'])
  expect(attributes[7]).toMatchObject(said)
})

test('a loop is told once, and once more when it has cost enough to be acted upon', () => {
  const costly = { on_critical: 'kill', min_wasted_usd: PRICEY }
  expect(levels(loop(30), costly)).toEqual(['warn signal', 'critical signal', 'critical kill'])
  expect(levels(loop(30), { on_critical: 'kill', min_wasted_usd: 1000 })).toEqual(['warn signal', 'critical signal'])
  expect(levels(loop(30), { on_critical: 'throttle' })).toEqual(['warn signal', 'critical throttle'])
  expect(levels(loop(30))).toEqual(['warn signal', 'critical signal'])
  const [, first, acted] = told(loop(30), costly)
  expect(Number(first?.verdict.evidence['usd_since_onset'])).toBeLessThan(Number(PRICEY))
  expect(Number(acted?.verdict.evidence['usd_since_onset'])).toBeGreaterThanOrEqual(Number(PRICEY))
  expect(acted?.verdict.evidence['onset_span_id']).toBe(first?.verdict.evidence['onset_span_id'])
})

test('after twelve calls of something else the next loop is told anew', () => {
  const work = (n: number) => times(n, (i) => ({ tool: 'think', args: `${i}`, result: `so ${i}` }))
  expect(levels([...loop(4), ...work(12), ...loop(4)])).toHaveLength(4)
  expect(levels([...loop(4), ...work(5), ...loop(4)])).toHaveLength(2)
})

test('shadow mode does nothing and says what would have happened', () => {
  const shadow = told(loop(6), { mode: 'shadow', on_critical: 'kill' })
  expect(shadow.map(({ verdict }) => verdict.action)).toEqual(['signal', 'signal'])
  expect(shadow.map(({ verdict }) => verdict.evidence['would'])).toEqual(['signal', 'kill'])
  expect(told(loop(6), { on_critical: 'kill' })[1]?.verdict.evidence['would']).toBeUndefined()
})

test('what has no run is never stopped, and nobody else in its place', () => {
  const { send } = sidecar({ on_critical: 'kill' })
  const { verdicts } = send(spansOf(loop(6), {}, { trace: '' }).map((span) => ({ ...span, trace: '' })))
  for (const verdict of verdicts) expect(verdict).toMatchObject({ action: 'signal' })
})

test('agents: action, amount, thresholds and exemption of their own', () => {
  const agents = [
    { match: ['night*'], on_critical: 'kill', min_wasted_usd: '0', detectors: { exact_cycle: { critical: 6 } } },
    { match: ['trusted'], exempt: true },
  ]
  const as = (name: string) => {
    const { send } = sidecar({ agents })
    return send(spansOf(loop(12), { 'gen_ai.agent.name': name })).verdicts.map((v) => `${v.level} ${v.action}`)
  }
  expect(as('day')).toEqual(['warn signal', 'critical signal'])
  expect(as('nightly')).toEqual(['warn signal', 'critical kill'])
  expect(as('trusted')).toEqual([])
})

test('tools: thresholds and exemption of their own; the first entry that matches counts', () => {
  const tools = [
    {
      match: ['lookup'],
      detectors: { exact_cycle: { warn: 0, critical: 9 }, duplicate_call: { warn: 0, critical: 0 } },
    },
    { match: ['look*'], exempt: true },
  ]
  const first = told(loop(12), { tools }).find(({ level }) => level === 'critical')
  expect(first).toMatchObject({ detector: 'exact_cycle', turn: 9, verdict: { evidence: { threshold: 9 } } })
  expect(told(loop(12), { tools: tools.slice(1) })).toEqual([])
  expect(() => sidecar({ tools: [{ match: ['a'], detectors: { no_such: { warn: 1 } } }] })).toThrow('no such detector')
})

test('polling tools may ask as often as `polling.critical` says', () => {
  const polls = times(36, () => ({ tool: 'get_job', args: '7', result: 'running', size: 5 }))
  const critical = (config: object) => told(polls, config).find(({ level }) => level === 'critical')?.turn
  expect(critical({})).toBe(4)
  expect(critical({ tools: [{ match: ['get_job'], polling: true }] })).toBe(30)
  expect(critical({ tools: [{ match: ['get_job'], polling: true }], polling: { critical: 0 } })).toBeUndefined()
  expect(critical({ tool_words: { polling: ['job'] } })).toBe(30)
})

test('repetitions that are far apart, or further each time, are waiting', () => {
  const asking = (pauseMs: (i: number) => number) =>
    told(times(9, (i) => ({ tool: 'get_job', args: '7', result: 'running', size: 5, pauseMs: pauseMs(i) }))).some(
      ({ level }) => level === 'critical',
    )
  expect(asking(() => 20_000)).toBe(false)
  expect(asking((i) => 500 * 2 ** i)).toBe(false)
  expect(asking(() => 2000)).toBe(true)
})

test('a tool may say itself what makes two of its calls the same', () => {
  const key = (turn: Turn, value: string): Turn => ({ ...turn, attributes: { 'tokenfuse.loop.key': value } })
  const seconds = times(6, (i) => key({ tool: 'query', args: `{"at":${i}}`, result: 'none', size: 30 }, 'query 7'))
  expect(told(seconds, { same_result: { enabled: false } })[1]).toMatchObject({ detector: 'exact_cycle', turn: 4 })
  const pages = times(12, (i) => key({ tool: 'next', args: '', result: 'ok', size: 2 }, `page ${i}`))
  expect(told(pages, { same_result: { enabled: false } })).toEqual([])
})

test('calls that are sent again because the queue did not take them are no loop', () => {
  const { processors, host } = sidecar({ caps: { warn_model_calls: 20, max_model_calls: 30 } })
  const queue = { full: true }
  const verdicts: unknown[] = []
  const pipeline = new Pipeline({
    id: 'traces',
    signal: 'traces',
    processors: processors.map((processor, i) => ({ id: String(i), processor })),
    enforcers: [],
    sink: {
      admits: () => true,
      append(batch) {
        verdicts.push(...batch.verdicts)
        return queue.full ? 'full' : undefined
      },
    },
    metrics: host.metrics,
    log: host.log,
  })
  const chats = spansOf(times(3, (i) => ({ tool: `t${i}`, args: `${i}`, result: `${i}`, size: 20 })))
  for (let tries = 0; tries < 40; tries++) {
    pipeline.consume(traceRequest(chats))
    if (tries === 38) queue.full = false
  }
  expect(verdicts).toEqual([])
})
