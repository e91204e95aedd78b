import { decodeRecord } from './record.ts'
import { type Bill, OPENROUTER } from './testing/openrouter-bills.ts'
import { amountOf, pricer } from './testing/query.ts'
import { UNTIED, XAI } from './testing/xai-bills.ts'

const prices = pricer()

function priced(provider: string, [id, model, asked, at, usage]: Bill, billed?: string) {
  const reported = billed === undefined ? {} : { reported_cost_usd: billed }
  const record = decodeRecord({ id, provider, model, request_model: asked, at, usage, ...reported })
  if ('error' in record) throw new Error(record.error)
  return prices.price(record.query)
}

test.each(OPENROUTER)('OpenRouter: %s', (...bill) => expect(amountOf(priced('openrouter', bill))).toBe(bill[5]))
test.each(XAI)('xAI: %s', (...bill) => expect(amountOf(priced('x_ai', bill))).toBe(bill[5]))

test('a bill that list prices cannot explain is taken from the provider, and the difference stays visible', () => {
  for (const [cassette, model, asked, at, usage, billed, why] of UNTIED) {
    const bill: Bill = [cassette, model, asked, at, usage, billed]
    expect([why, amountOf(priced('openrouter', bill))]).not.toEqual([why, billed])
    const cost = priced('openrouter', bill, billed)
    expect([cost.status, amountOf(cost), cost.lines.at(-1)?.meter]).toEqual(['reported', billed, 'billed_beyond_list'])
  }
})

test('examples that providers publish, as far as they publish digits', () => {
  const at = '2026-11-20T12:00:00Z'
  // ai.google.dev/gemini-api/docs/pricing: an image of up to 2K is 1,120 tokens, equivalent to $0.134.
  const image: Bill = [
    'image',
    'gemini-3-pro-image-preview',
    undefined,
    at,
    { output_tokens: 1120, output_image_tokens: 1120 },
    '',
  ]
  expect(Number(amountOf(priced('gcp.gemini', image))).toFixed(3)).toBe('0.134')
})
