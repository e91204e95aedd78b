/**
 * Writes deliveries for as long as it lives and says after each one that it is committed; a test kills it.
 *
 *   node write-until-killed.ts <directory> <calls per delivery>
 */
import { writeSync } from 'node:fs'
import type { Host } from '../../../pipeline/host.ts'
import { systemClock } from '../../../pipeline/runtime/clock.ts'
import { createRegistry } from '../../../pipeline/telemetry/registry.ts'
import { WarehouseExporter } from '../warehouse.ts'
import { call, delivery } from './calls.ts'

const [directory = '', size = '100'] = process.argv.slice(2)
const silent = { debug() {}, info() {}, warn() {}, error() {} }
const host: Host = {
  ...{
    id: 'warehouse',
    clock: systemClock,
    random: Math.random,
    log: silent,
    metrics: createRegistry(),
    dataDir: directory,
  },
  ...{ service: () => undefined, provide: () => {} },
}
const exporter = new WarehouseExporter(
  {
    ...{ directory, retention_days: 7, max_size_mib: 1024, synchronous: 'normal', busy_timeout: 10_000 },
    parquet: { enabled: false, directory: undefined, seal_delay: 0, compression: 'zstd', retention_days: 0 },
  },
  host,
)
await exporter.start()
for (let n = 1; ; n++) {
  const now = Date.now()
  const calls = Array.from({ length: Number(size) }, () =>
    call({ pico: 1, endMs: now, tags: { run: `delivery-${n}` } }),
  )
  const result = await exporter.export(delivery(calls))
  if (result.kind === 'ok') writeSync(1, `${n}\n`)
}
