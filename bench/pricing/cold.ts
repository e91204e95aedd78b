import type { PriceQuery } from '../../pricing/pricer.ts'

const query: PriceQuery = {
  provider: 'openai',
  requestModel: 'gpt-4o',
  responseModel: 'gpt-4o-2024-11-20',
  serviceTier: undefined,
  speed: undefined,
  inferenceGeo: undefined,
  region: undefined,
  endMs: Date.parse('2026-11-20T12:00:00Z'),
  usage: { input: 1000, output: 100 },
  reportedPico: undefined,
  reportedIsBilled: false,
  isByok: false,
}

const cpuMillis = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

// The engine first, so that only the data is in the measurement.
const { Pricer } = await import('../../pricing/pricer.ts')
const began = cpuMillis()
const { bundledBook } = await import('../../pricing/book/index.ts')
const pricer = new Pricer({ book: bundledBook })
const loaded = cpuMillis()
pricer.price(query)
process.stdout.write(JSON.stringify({ load: loaded - began, first: cpuMillis() - loaded }))
