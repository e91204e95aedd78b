import { MEMORY } from '../../pipeline/services.ts'
import { testHost } from '../../test/support/host.ts'
import { factory } from './index.ts'

const MIB = 1024 * 1024
const defaults = {
  check_interval: 1000,
  limit_mib: 0,
  spike_limit_mib: 0,
  limit_percentage: 80,
  spike_limit_percentage: 0,
}

function limiter(config: Partial<typeof defaults>, limitMib: number) {
  const host = testHost('memory_limiter')
  let used = 0
  host.provide(MEMORY, { rss: () => used, limit: limitMib * MIB })
  const processor = factory.create({ ...defaults, ...config }, host)
  return {
    host,
    processor,
    use: (mib: number) => {
      used = mib * MIB
    },
  }
}

test('refuses above the soft limit and lets in again below it, at the next check', async () => {
  const check = async (config: Partial<typeof defaults>, allowed: number, below: number, above: number) => {
    const { host, processor, use } = limiter(config, allowed)
    use(below)
    await processor.start()
    expect(processor.admit?.(0)).toBeUndefined()
    use(above)
    expect(processor.admit?.(0)).toBeUndefined()
    host.clock.advance(1000)
    expect(processor.admit?.(0)).toMatchObject({ kind: 'refused', retryAfterMs: 1000 })
    expect(host.metric('otelcol_processor_memory_limiter_refused_requests', 'memory_limiter')).toBe(1)
    use(below)
    host.clock.advance(1000)
    expect(processor.admit?.(0)).toBeUndefined()
    await processor.shutdown()
    expect(host.clock.pending).toBe(0)
  }
  // 80 % of 1000 MiB is 800, a fifth less is 640.
  await check({}, 1000, 639, 641)
  await check({ limit_mib: 100 }, 1000, 79, 81)
  await check({ limit_mib: 100, spike_limit_mib: 50 }, 1000, 49, 51)
  await check({ limit_percentage: 50, spike_limit_percentage: 10 }, 1000, 399, 401)
})

test('an interval of 0 turns it off; shutdown is safe before start and twice', async () => {
  const { processor, use } = limiter({ check_interval: 0 }, 100)
  use(1000)
  await processor.start()
  expect(processor.admit?.(0)).toBeUndefined()
  await processor.shutdown()
  await processor.shutdown()
})
