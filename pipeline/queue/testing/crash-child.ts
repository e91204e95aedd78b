/**
 * A process to be killed: appends batches with numbered ids as fast as it can, says which were acknowledged, and writes
 * down what it delivered. Arguments: directory, first id, ack. With first id `drain`: only delivers what is there.
 */
import { appendFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Delivery, ExportResult } from '../../component.ts'
import { systemClock } from '../../runtime/clock.ts'
import { createRegistry } from '../../telemetry/registry.ts'
import { nodeDisk, openLog } from '../index.ts'
import type { Ack } from '../log.ts'
import { WIRE_SETTINGS } from '../settings.ts'
import { idsIn, request } from './requests.ts'

const [directory = '', first = '', ack = 'written'] = process.argv.slice(2)
const quiet = (): void => undefined
const complain = (message: string, fields?: unknown): void =>
  void process.stderr.write(`${message} ${JSON.stringify(fields)}\n`)

const log = openLog({
  pipeline: 'traces',
  signal: 'traces',
  directory: join(directory, 'queue'),
  ack: ack as Ack,
  maxBytes: 64 * 1024 * 1024,
  segmentBytes: 100_000,
  hotBytes: 50_000,
  fsyncIntervalMs: 1,
  placesIntervalMs: 10,
  deadLetterBytes: 1_000_000,
  disk: nodeDisk,
  clock: systemClock,
  random: Math.random,
  log: { debug: quiet, info: quiet, warn: quiet, error: complain },
  metrics: createRegistry(),
  toJson: (_, bytes) => Buffer.from(JSON.stringify(idsIn(bytes))),
})

let delivered = 0
for (const name of ['fast', 'slow']) {
  const exporter = {
    async export(delivery: Delivery): Promise<ExportResult> {
      if (first !== 'drain' && name === 'slow' && delivered++ % 3 !== 0) return { kind: 'retry', reason: 'slow' }
      appendFileSync(join(directory, name), `${idsIn(delivery.bytes).join('\n')}\n`)
      return { kind: 'ok' }
    },
  }
  const retry = { ...WIRE_SETTINGS.retry, initialMs: 1, maxMs: 5 }
  log.attach({
    id: name,
    exporter,
    settings: { ...WIRE_SETTINGS, consumers: 3, flushMs: 2, maxBytes: 20_000, retry },
    reads: 'everything',
  })
}
log.start()

// The clock's timers keep no process alive, and nothing listens here.
const alive = setInterval(quiet, 1000)
if (first === 'drain') {
  await log.shutdown(20_000)
  clearInterval(alive)
} else {
  for (let id = Number(first); ; ) {
    const ids = Array.from({ length: 1 + (id % 7) }, () => String(id++))
    const answer = log.append({
      signal: 'traces',
      bytes: request(ids, id % 90),
      items: ids.length,
      calls: [],
      verdicts: [],
    })
    if (answer !== 'full') {
      await answer
      writeSync(1, `${ids.join('\n')}\n`)
    }
    if (id % 5 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
}
