import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeDisk } from '../../pipeline/queue/node-disk.ts'
import { budget, call, openLedger } from './testing/open-ledger.ts'

const program = join(import.meta.dirname, 'testing', 'settle-forever.ts')

/** Runs the program until it has reported some flushes, kills it, and returns the last number it reported. */
function runAndKill(directory: string, from: number, flushes: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--no-warnings', program, directory, String(from)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    let errors = ''
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      if (output.split('\n').length > flushes) child.kill('SIGKILL')
    })
    child.stderr.on('data', (chunk: Buffer) => {
      errors += chunk.toString()
    })
    child.on('exit', (_code, signal) => {
      const whole = output.slice(0, output.lastIndexOf('\n')).split('\n')
      if (signal === 'SIGKILL') resolve(Number(whole.at(-1)))
      else reject(new Error(errors))
    })
  })
}

test('killed at any moment, the ledger has every flushed call exactly once', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'ledger-'))
  try {
    let from = 0
    for (const flushes of [1, 40, 3, 160, 17]) {
      const flushed = await runAndKill(directory, from, flushes)
      const { ledger, stop } = await openLedger({ disk: nodeDisk, config: { directory } })
      ledger.define([budget({ limitNano: 10n ** 18n })])
      // What it settled after its last report may be there as well: settling all again up to some later call shows it.
      let sum = 0n
      let next = 0
      for (; next < flushed; next++) sum += 1_000_000_007n + BigInt(next)
      const found = ledger.budgets()[0]
      while (sum / 1000n < (found?.spentNano ?? 0n)) sum += 1_000_000_007n + BigInt(next++)
      expect(found?.spentNano).toBe(sum / 1000n)
      expect(found?.spentTokens).toBe(next * 10)
      for (let n = 0; n < next; n++) ledger.settle(call({ key: `call-${n}`, pico: 1 }))
      expect(ledger.budgets()[0]?.spentNano).toBe(sum / 1000n)
      await stop()
      from = next
    }
    expect(readdirSync(directory).filter((name) => name.includes('damaged'))).toEqual([])
  } finally {
    rmSync(directory, { recursive: true })
  }
}, 60_000)

test('a second process does not start on the same directory; after a kill the next one does', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'ledger-'))
  try {
    const first = spawn(process.execPath, ['--no-warnings', program, directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await new Promise((resolve) => first.stdout.once('data', resolve))
    await expect(runAndKill(directory, 0, 1)).rejects.toThrow(/in use by another process; stop it, or give this one/)
    const gone = new Promise((resolve) => first.once('exit', resolve))
    first.kill('SIGKILL')
    await gone
    await runAndKill(directory, 1_000_000, 1)
  } finally {
    rmSync(directory, { recursive: true })
  }
}, 30_000)
