import { Call } from '../../genai/call.ts'
import type { Processor } from '../../pipeline/component.ts'
import { valid } from '../../pipeline/exporter-config/testing/configured.ts'
import { PRICE_FILES, type PriceFiles } from '../../pipeline/services.ts'
import { testHost } from '../../test/support/host.ts'
import { runner, traceRequest } from '../../test/support/spans.ts'
import { config } from './config.ts'
import { factory } from './index.ts'

/** Files that a test writes, and whoever watches is told at once. */
function fakeFiles(initial: Readonly<Record<string, string>>) {
  const texts = new Map(Object.entries(initial))
  const watchers = new Map<string, () => void>()
  const service: PriceFiles = {
    read(path) {
      const text = texts.get(path)
      return text === undefined ? { why: 'there is no such file' } : { text }
    },
    watch(path, onChange) {
      watchers.set(path, onChange)
      return () => watchers.delete(path)
    },
  }
  const write = (path: string, text: string | undefined): void => {
    if (text === undefined) texts.delete(path)
    else texts.set(path, text)
    watchers.get(path)?.()
  }
  return { service, write, watchers }
}

const cards = (input: string) =>
  `cards: [{ provider: openai, model: gpt-house, rates: { input: "${input}", output: "1" } }]`

function call(item: number, model = 'gpt-house'): Call {
  const made = new Call('span', item, { bytes: new Uint8Array(0), trace: -1, span: -1, parent: -1 })
  return Object.assign(made, {
    provider: 'openai',
    requestModel: model,
    usage: { input: 1_000_000, output: 0 },
    endMs: 1,
  })
}

async function sidecar(initial: Readonly<Record<string, string>>, yaml = '{ price_files: [a.yaml] }') {
  const host = testHost()
  const files = fakeFiles(initial)
  host.provide(PRICE_FILES, files.service)
  const pricing = factory.create(valid(config, yaml), host)
  let calls: readonly Call[] = []
  let between = (_: number): void => {}
  const maker: Processor = {
    start: async () => {},
    shutdown: async () => {},
    process: (batch) => void batch.calls.push(...calls),
  }
  const run = runner([maker, pricing])
  const price = (n = 1, model?: string): (number | bigint | undefined)[] => {
    calls = Array.from({ length: n }, (_, i) => {
      const made = call(i, model)
      // Whatever reads a call's usage may be interrupted by a change of the file.
      const usage = made.usage
      Object.defineProperty(made, 'usage', {
        get: () => {
          between(i)
          return usage
        },
      })
      return made
    })
    run(traceRequest(calls.map(() => ({}))))
    return calls.map((c) => c.cost?.pico)
  }
  return {
    host,
    files,
    pricing,
    price,
    onUsage: (fn: (i: number) => void) => {
      between = fn
    },
    last: () => calls,
  }
}

const USD = 1_000_000_000_000

test('a price file is in force after the start, and a changed one from the next batch on', async () => {
  const { files, pricing, price, host, last } = await sidecar({ 'a.yaml': cards('2') })
  await pricing.start()
  expect(price()).toEqual([2 * USD])
  const before = last()[0]?.cost?.bookVersion
  files.write('a.yaml', cards('3'))
  expect(price()).toEqual([3 * USD])
  expect(last()[0]?.cost?.bookVersion).not.toBe(before)
  expect(host.metric('tokenfuse_price_file_loads_total', 'ok')).toBe(2)
  expect(host.lines.at(-1)?.level).toBe('info')
})

test('a bad file is refused with the position, counted, and the old prices stay', async () => {
  const { files, pricing, price, host } = await sidecar({ 'a.yaml': cards('2') })
  await pricing.start()
  for (const bad of ['cards: [', 'cards: [{ provider: openai }]', undefined, `${cards('3')}\nx: 1`]) {
    files.write('a.yaml', bad)
    expect(price()).toEqual([2 * USD])
    expect(host.metric('tokenfuse_price_files_refused')).toBe(1)
  }
  expect(host.metric('tokenfuse_price_file_loads_total', 'refused')).toBe(4)
  expect(host.lines.filter((l) => l.level === 'error')).toHaveLength(4)
  expect(JSON.stringify(host.lines.at(-1)?.fields)).toContain('a.yaml:2:4 x: unknown key')
  files.write('a.yaml', cards('4'))
  expect(price()).toEqual([4 * USD])
  expect(host.metric('tokenfuse_price_files_refused')).toBe(0)
})

test('a batch is priced by one set of prices from end to end, and no call is lost', async () => {
  const { files, pricing, price, onUsage } = await sidecar({ 'a.yaml': cards('2') })
  await pricing.start()
  onUsage((i) => {
    if (i === 50) files.write('a.yaml', cards('9'))
  })
  expect(price(100)).toEqual(Array(100).fill(2 * USD))
  onUsage(() => {})
  expect(price(100)).toEqual(Array(100).fill(9 * USD))
})

test('a file that contradicts another is refused as a whole', async () => {
  const other = 'cards: [{ provider: openai, model: other, free: true }]'
  const { files, pricing, price, host } = await sidecar(
    { 'a.yaml': cards('2'), 'b.yaml': other },
    '{ price_files: [a.yaml, b.yaml] }',
  )
  await pricing.start()
  files.write('b.yaml', `${cards('7')}\naliases: { new: gpt-house }`)
  expect(price()).toEqual([2 * USD])
  expect(price(1, 'new')).toEqual([undefined])
  expect(JSON.stringify(host.lines.findLast((l) => l.level === 'error')?.fields)).toContain('b.yaml:1:9 cards[0]')
  files.write('b.yaml', `${other}\naliases: { new: gpt-house }`)
  expect(price(1, 'new')).toEqual([2 * USD])
})

test('the configuration wins over a file where both name an alias', async () => {
  const { pricing, price } = await sidecar(
    { 'a.yaml': `${cards('2')}\naliases: { x: gpt-4o, y: gpt-house }` },
    '{ price_files: [a.yaml], aliases: { x: gpt-house } }',
  )
  await pricing.start()
  expect([price(1, 'x'), price(1, 'y')]).toEqual([[2 * USD], [2 * USD]])
})

test('at the start a bad or missing file is an error, and nothing is watched any more', async () => {
  const bad = await sidecar({ 'a.yaml': 'cards: 5' })
  await expect(bad.pricing.start()).rejects.toThrow('a.yaml:1:8 cards: expected a list of price cards')
  expect(bad.files.watchers.size).toBe(0)
  const missing = await sidecar({})
  await expect(missing.pricing.start()).rejects.toThrow('a.yaml:1:1 there is no such file')
})

test('after shutdown nothing is watched', async () => {
  const { files, pricing, price } = await sidecar({ 'a.yaml': cards('2') })
  await pricing.start()
  await pricing.shutdown()
  await pricing.shutdown()
  expect(files.watchers.size).toBe(0)
  files.write('a.yaml', cards('3'))
  expect(price()).toEqual([2 * USD])
})
