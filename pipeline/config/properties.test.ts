import fc from '../../test/support/property.ts'
import { DURATION_MAX_MS, formatDuration, parseDuration } from './duration.ts'
import { type Node, nodeOf, plainOf } from './located.ts'
import { merge } from './merge.ts'
import { printConfig } from './redact.ts'
import { escapeTemplate, parseTemplate } from './template.ts'
import { configOf, load, type World, withBudget, withExporter } from './testing/fakes.ts'

const PLACE = { source: 'x', line: 1, column: 1 }

describe('no text makes loading throw', () => {
  const loads = (text: string, world: World = {}) => {
    const loaded = load(text, { env: { A: text, B: `\${A}` }, files: { f: text }, ...world })
    if (!loaded.ok) expect(loaded.problems.length).toBeGreaterThan(0)
    for (const problem of loaded.ok ? [] : loaded.problems) expect(problem.place.line).toBeGreaterThan(0)
  }

  test('of any characters', () =>
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => loads(text))))

  const word = fc.constantFrom(
    ...[
      'a',
      'receivers',
      'otlp',
      'service',
      'budget',
      ':',
      ': ',
      '- ',
      '\n',
      '\n  ',
      '\n    ',
      '{',
      '}',
      '[',
      ']',
      ',',
      '"',
      "'",
    ],
    ...[
      '&x ',
      '*x',
      '<<',
      '!!str ',
      '!t ',
      '|',
      '>',
      '#',
      '?',
      '%',
      '@',
      '`',
      '\t',
      '---\n',
      `\${`,
      '}',
      '$$',
      `\${A}`,
      `\${B:-`,
      `\${file:f}`,
      '0123',
      '1e3',
      'null',
      '::',
    ],
  )
  test('of pieces of YAML', () =>
    fc.assert(
      fc.property(fc.array(word, { maxLength: 40 }), (words) => loads(words.join(''))),
      { numRuns: 200 },
    ))

  test('as a value, a default, a --set or a source', () =>
    fc.assert(
      fc.property(fc.array(word, { maxLength: 15 }), (words) => {
        const text = words.join('')
        loads(withBudget(`\n    extra: ${text}`))
        loads(withBudget(''), { sets: [text, `processors.budget.extra=${text}`] })
        loads('', { configs: [text, `yaml:${text}`] })
      }),
      { numRuns: 150 },
    ))
})

describe('merging', () => {
  // At one path all values are maps, or none is: a list or a null between two maps takes the first one away for good.
  const leaf: fc.Arbitrary<unknown> = fc.oneof(
    fc.integer(),
    fc.string(),
    fc.constant(null),
    fc.array(fc.integer(), { maxLength: 3 }),
  )
  const leaves = fc.dictionary(fc.constantFrom('l1', 'l2', 'l3'), leaf, { maxKeys: 3 })
  const maps = (depth: number): fc.Arbitrary<Record<string, unknown>> =>
    depth === 0
      ? leaves
      : fc
          .tuple(leaves, fc.dictionary(fc.constantFrom('m1', 'm2'), maps(depth - 1), { maxKeys: 2 }))
          .map(([own, inner]) => ({ ...own, ...inner }))
  const node = maps(3).map((value): Node => nodeOf(value, PLACE))

  test('is associative', () =>
    fc.assert(
      fc.property(node, node, node, (a, b, c) => {
        expect(plainOf(merge(merge(a, b), c))).toEqual(plainOf(merge(a, merge(b, c))))
      }),
    ))

  test('with nothing, and with itself, changes nothing', () =>
    fc.assert(
      fc.property(node, (a) => {
        const empty = nodeOf({}, PLACE)
        expect(plainOf(merge(a, empty))).toEqual(plainOf(a))
        expect(plainOf(merge(empty, a))).toEqual(plainOf(a))
        expect(plainOf(merge(a, a))).toEqual(plainOf(a))
      }),
    ))
})

test('a text that was escaped comes back as it was', () => {
  const text = fc
    .array(fc.constantFrom('$', '{', '}', 'a', `\${`, '$$'), { maxLength: 12 })
    .map((parts) => parts.join(''))
  fc.assert(fc.property(text, (value) => expect(parseTemplate(escapeTemplate(value)).join('')).toBe(value)))
})

test('a duration that was written comes back as it was', () => {
  const part = fc.bigInt({ min: 0n, max: 86_400_000_000_000n }).map((nanos) => parseDuration(`${nanos}ns`) ?? -1)
  const whole = fc.integer({ min: 0, max: DURATION_MAX_MS })
  fc.assert(fc.property(fc.oneof(part, whole), (ms) => expect(parseDuration(formatDuration(ms))).toBe(ms)))
  fc.assert(fc.property(whole, (ms) => expect(parseDuration(`${ms}ms`)).toBe(ms)))
})

test('printing and loading again changes nothing, however often', () => {
  const limit = fc
    .tuple(fc.nat(), fc.nat({ max: 999_999 }))
    .map(([whole, part]) => `${whole}.${String(part).padStart(6, '0')}`)
  const budget = fc.record({ limit_usd: limit, throttle_at: fc.double({ min: 0, max: 1, noNaN: true }) })
  const config = fc.record(
    {
      budgets: fc.array(budget, { maxLength: 3 }).map((all) => all.map((one, index) => ({ ...one, id: `b${index}` }))),
      enforce: fc.boolean(),
      slots: fc.integer({ min: 1, max: 1000 }),
      window: fc.integer({ min: 1000, max: 86_400_000 }).map((ms) => `${ms}ms`),
      labels: fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), fc.string().map(escapeTemplate), { maxKeys: 3 }),
      extra: fc.jsonValue({ maxDepth: 2 }).filter((value) => !JSON.stringify(value).includes('$')),
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(config, (value) => {
      const first = configOf(withBudget(JSON.stringify(value)))
      const printed = printConfig(first, 'unredacted', 'yaml')
      const second = configOf(printed)
      expect(second.processors.get('budget')?.config).toEqual(first.processors.get('budget')?.config)
      expect(printConfig(second, 'unredacted', 'yaml')).toBe(printed)
    }),
  )
})

test('whatever a secret is, redacted output and problems do not have it', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 6, maxLength: 20 }), (tail) => {
      const secret = `s3cr3t${tail}`
      const good = configOf(withExporter(`{ endpoint: "https://x", api_key: "\${KEY}" }`), {
        env: { KEY: escapeTemplate(secret) },
      })
      expect(printConfig(good, 'redacted', 'yaml')).not.toContain('s3cr3t')
      const bad = load(
        withExporter(`{ endpoint: "https://x", api_key: "\${KEY}", timeout: "\${KEY}", tls: "\${KEY}" }`),
        { env: { KEY: secret } },
      )
      expect(JSON.stringify(bad)).not.toContain('s3cr3t')
    }),
  )
})
