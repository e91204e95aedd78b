import { METERS, TOKEN_METERS } from './compile.ts'

/** JSON Schema of a price card in the book, for editors and for whoever reads the data without this code. */
export function cardSchema(): Readonly<Record<string, unknown>> {
  const date = { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2}(:\\d{2})?Z)?$' }
  const time = { type: 'string', pattern: '^([01]\\d|2[0-3]):[0-5]\\d$|^24:00$' }
  const names = { type: 'array', items: { type: 'string', minLength: 1 } }
  const amount = { type: 'string', pattern: '^\\d+(\\.\\d+)?(e[+-]?\\d{1,3})?(/\\d+(\\.\\d+)?)?$' }
  const rate = { anyOf: [amount, { type: 'null' }, { type: 'array', items: { anyOf: [amount, { type: 'null' }] } }] }
  const meters = (list: readonly string[], schema: object) => ({
    type: 'object',
    properties: Object.fromEntries(list.map((meter) => [meter, schema])),
    additionalProperties: false,
  })
  const object = (properties: object, required: readonly string[], description?: string) => ({
    type: 'object',
    ...(description === undefined ? {} : { description }),
    properties,
    required,
    additionalProperties: false,
  })
  const edge = (name: string) => object({ [name]: { type: 'integer', minimum: 1 } }, [name])
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Tokenfuse price card',
    ...object(
      {
        id: { type: 'string', description: '`provider/model`, then `@from` when it is dated, then its conditions.' },
        model: { type: 'string', minLength: 1 },
        aliases: { ...names, description: 'Further exact ids of the same model.' },
        from: { ...date, description: 'First instant it holds, UTC; absent = since ever.' },
        to: { ...date, description: 'First instant it no longer holds; absent = until further notice.' },
        when: object(
          {
            tier: names,
            speed: names,
            geo: names,
            endpoint: { type: 'array', items: { enum: ['global', 'regional'] } },
            region: names,
          },
          [],
          'Every condition must hold. Without tier or speed it is the standard price.',
        ),
        windows: {
          type: 'array',
          description: 'Only in these hours.',
          items: object(
            {
              start: time,
              end: time,
              days: { type: 'array', items: { type: 'integer', minimum: 1, maximum: 7 } },
              except: { type: 'array', items: { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}$' } },
              zone: { type: 'string' },
            },
            ['start', 'end'],
          ),
        },
        bands: {
          type: 'array',
          description: 'Where the next price column begins, by total input tokens; the whole call moves.',
          items: { anyOf: [edge('gt'), edge('gte')] },
        },
        rates: {
          ...meters(METERS, rate),
          description: `USD per million tokens (${[...TOKEN_METERS].join(', ')}); one, or one per column; null = charged, but not known.`,
        },
        fees: { ...meters(METERS, amount), description: 'USD per single search, image, second, character, page …' },
        minimums: {
          ...meters(METERS, { type: 'number', exclusiveMinimum: 0 }),
          description: 'What each request is billed for at the least.',
        },
        cache: object(
          {
            min_tokens: { type: 'integer', minimum: 1 },
            ttl: { type: 'array', items: { type: 'string', pattern: '^\\d+[mh]$' } },
            automatic: { const: true },
          },
          [],
          'When input is cached at all; nothing here is a price.',
        ),
        free: { const: true },
        source: { type: 'string', minLength: 1, description: "Name in the file's sources." },
        also: { ...names, description: 'Sources of what was added since.' },
        amortised: { const: true, description: 'A share of what is paid anyway.' },
        unverified: { const: true, description: 'The source could not confirm it.' },
      },
      ['id', 'model', 'source'],
    ),
  }
}
