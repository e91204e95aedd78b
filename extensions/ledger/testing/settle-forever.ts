import { writeSync } from 'node:fs'
import { nodeDisk } from '../../../pipeline/queue/node-disk.ts'
import { budget, call, openLedger } from './open-ledger.ts'

/**
 * A process to be killed: settles into a real directory without end and reports every flush on stdout, as
 * `<number of flushed calls>`. Keys and amounts follow from the number of the call alone.
 */
const [directory = '', from = '0'] = process.argv.slice(2)
const { ledger } = await openLedger({ disk: nodeDisk, config: { directory, max_journal_bytes: 64 * 1024 } })
ledger.define([budget({ limitNano: 10n ** 18n })])
for (let n = Number(from); ; ) {
  const batch = 1 + ((n * 7) % 23)
  for (let i = 0; i < batch; i++, n++) ledger.settle(call({ key: `call-${n}`, pico: 1_000_000_007 + n }))
  ledger.flush()
  writeSync(1, `${n}\n`)
}
