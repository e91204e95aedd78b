import type { Complaint } from '../../pipeline/config/spec.ts'
import {
  any,
  boolean,
  choice,
  type Infer,
  integer,
  list,
  map,
  number,
  object,
  string,
} from '../../pipeline/config/spec.ts'
import { METERS } from '../../pricing/compile.ts'
import type { FxRate } from '../../pricing/currency.ts'
import { fxComplaints } from '../../pricing/price-file.ts'
import { decodeUserCards } from '../../pricing/user-cards.ts'

const card = any({
  doc: 'A price card: `provider` (who bills), `model`, `aliases`, `from` and `to` (UTC dates, `to` is the first day it no longer holds), `rates` (USD per million tokens by meter), `fees` (USD per single search, image, second …), `bands` with one price per column, `when` (tier, speed, geo, endpoint, region), `windows` (hours of the day), `free: true`, `currency` (see `fx`), `capacity` (`usd_per_hour` shared out among `tokens_per_hour`) or `amortised: true` for capacity that is paid anyway.',
  examples: [
    { provider: 'openai', model: 'gpt-house', rates: { input: '2', cache_read: '0.5', output: '8' } },
    { provider: 'vllm', model: 'llama-3.3-70b', from: '2026-01-01', rates: { input: '0.10', output: '0.10' } },
  ],
})

const DATE = /^\d{4}-\d{2}-\d{2}$/

const discount = object(
  {
    provider: string({ doc: 'Who bills, e.g. `openai` or `aws.bedrock`.' }),
    models: list(string({ doc: 'A model id as the price card has it.' }), {
      doc: 'The models that the discount is for; empty means all of the provider.',
    }),
    percent_off: string({
      doc: 'How much less than the list price, of 100, for tokens and fees alike.',
      pattern: /^(?:100|\d{1,2}(?:\.\d{1,6})?)$/,
      examples: ['15', '7.5'],
    }),
    meters: list(choice(METERS, { doc: 'A meter as price cards name it, e.g. `cache_read`.' }), {
      doc: 'What the discount is on; empty means everything: tokens and fees.',
    }),
    from: string({
      doc: 'First day (UTC) of the discount; absent means since ever. A tier of a commitment is written with the day on which it was reached.',
      pattern: DATE,
      optional: true,
      examples: ['2026-07-01'],
    }),
    to: string({ doc: 'First day (UTC) on which it no longer holds.', pattern: DATE, optional: true }),
  },
  { doc: 'A negotiated discount on whatever list price applies at the time.' },
)

export const config = object(
  {
    aliases: map(
      string({
        doc: 'The model, `gpt-4o`, or `provider/model` where another provider bills it.',
        examples: ['gpt-4o'],
      }),
      {
        doc: 'Names of your own for models: Azure deployments, application inference profiles (as their ARN), fine-tunes, routes of a gateway. They win over what the span says the model is.',
        examples: [{ 'my-deployment': 'gpt-4o' }],
      },
    ),
    cards: list(card, { doc: 'Your own prices. They win over the price book that comes with Tokenfuse.' }),
    price_files: list(string({ doc: 'The path of a file of prices.', examples: ['./prices.yaml'] }), {
      doc: 'Files with prices of your own in YAML or JSON: `cards` as here, and perhaps `aliases`, `fx` and `sources`. They are looked at every 2 s, and a changed one is in force within 4 s, all of it at once, from the next batch on. One that is wrong is refused with the position of every mistake, and what it said before stays in force; at the start it is an error. At most 4 MiB each.',
      examples: [['./prices.yaml']],
    }),
    fx: list(
      object(
        {
          currency: string({ doc: 'The currency, as on the card.', pattern: /^[A-Z]{3}$/, examples: ['CNY', 'EUR'] }),
          from: string({
            doc: 'First day (UTC) of the rate; absent means since ever. It holds until the next one of its currency.',
            pattern: DATE,
            optional: true,
            examples: ['2026-11-01'],
          }),
          usd: string({
            doc: 'What one unit of the currency is worth in USD.',
            pattern: /^\d+(?:\.\d+)?$/,
            examples: ['0.1379'],
          }),
        },
        { doc: 'A rate of exchange from a day on.' },
      ),
      {
        doc: 'Rates of exchange for cards with a `currency` other than USD. Before the first one such a card has no price.',
      },
    ),
    contract: object(
      {
        cards: list(card, {
          doc: 'Negotiated net prices. They win over everything but the bill that a provider reports.',
        }),
        discounts: list(discount, { doc: 'Discounts on list prices; the first one that fits is taken.' }),
      },
      { doc: 'What you have agreed with providers.' },
    ),
    free_providers: list(string({ doc: 'A provider name as spans have it.' }), {
      doc: 'Providers whose calls cost nothing, such as your own vLLM. Ollama, LM Studio, llama.cpp and their like are free anyway.',
      examples: [['vllm']],
    }),
    subscriptions: list(
      object(
        {
          provider: string({ doc: 'Who is paid by the month, e.g. `github_copilot`.', examples: ['github_copilot'] }),
          models: list(string({ doc: 'A model id as calls name it.' }), {
            doc: 'The models that the fee is for; empty means all of the provider.',
          }),
        },
        { doc: 'What a monthly fee pays for.' },
      ),
      {
        doc: 'Calls to these providers cost nothing more (status `free`, reason `subscription`), unless the provider reports a bill.',
      },
    ),
    residual: object(
      {
        alarm_ratio: number({
          doc: 'How far the bills that a provider reports may be from our list price, as a fraction of it, before a warning is logged: stale prices. At most one warning an hour and model.',
          default: 0.05,
          min: 0,
        }),
        calls: integer({
          doc: 'Over how many reported bills of a model it is measured.',
          default: 20,
          min: 1,
          max: 1_000_000,
        }),
      },
      { doc: 'When our prices are taken to be stale.' },
    ),
    bedrock_endpoint: choice(['regional', 'global'], {
      doc: 'Which endpoint answers Bedrock calls whose model id has neither a geography nor `global.` in front. Regional costs 10 % more for current Claude models; calls priced by this assumption are flagged.',
      default: 'regional',
    }),
    estimate: boolean({
      doc: 'Whether a nearby price may stand in where the exact one is unknown: the standard tier for an unknown tier, the known part of a call for the whole, a model of the same family. Such costs have the status `estimated` and say what was assumed. Without it these calls stay unpriced.',
      default: false,
    }),
  },
  {
    doc: 'Prices every provider call exactly, at the price of the moment it ended, and says where the price came from.',
  },
  (value) => [
    ...fxComplaints(value.fx, ['fx']),
    ...complaintsOf('user', value.cards, value, ['cards']),
    ...complaintsOf('contract', value.contract.cards, value, ['contract', 'cards']),
  ],
)

const complaintsOf = (
  layer: 'user' | 'contract',
  cards: readonly unknown[],
  { fx }: { readonly fx: readonly FxRate[] },
  path: readonly string[],
): Complaint[] =>
  decodeUserCards(layer, cards, { fx }).complaints.map((c) => ({ path: [...path, ...c.path], message: c.message }))

export type Config = Infer<typeof config>
