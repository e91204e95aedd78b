import type { Complaint } from '../../pipeline/config/spec.ts'
import { any, boolean, choice, type Infer, list, map, object, string } from '../../pipeline/config/spec.ts'
import { decodeUserCards } from '../../pricing/user-cards.ts'

const card = any({
  doc: 'A price card: `provider` (who bills), `model`, `aliases`, `from` and `to` (UTC dates, `to` is the first day it no longer holds), `rates` (USD per million tokens by meter), `fees` (USD per single search, image, second …), `bands` with one price per column, `when` (tier, speed, geo, endpoint, region), `windows` (hours in UTC), `free: true`.',
  examples: [
    { provider: 'openai', model: 'gpt-house', rates: { input: '2', cache_read: '0.5', output: '8' } },
    { provider: 'vllm', model: 'llama-3.3-70b', from: '2026-01-01', rates: { input: '0.10', output: '0.10' } },
  ],
})

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
    ...complaintsOf('user', value.cards, ['cards']),
    ...complaintsOf('contract', value.contract.cards, ['contract', 'cards']),
  ],
)

const complaintsOf = (layer: 'user' | 'contract', cards: readonly unknown[], path: readonly string[]): Complaint[] =>
  decodeUserCards(layer, cards).complaints.map((c) => ({ path: [...path, ...c.path], message: c.message }))

export type Config = Infer<typeof config>
