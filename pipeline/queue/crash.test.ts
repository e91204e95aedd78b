import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seeded } from './testing/harness.ts'

const CHILD = join(import.meta.dirname, 'testing/crash-child.ts')
const NODE = ['--no-warnings', CHILD]

/** Runs the child until it acknowledged about so many ids, and kills it in the middle of whatever it does. */
function lifeUntil(directory: string, first: number, ack: string, wanted: number): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...NODE, directory, String(first), ack], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    let complaints = ''
    child.stdout.on('data', (chunk) => {
      said += chunk
      if (said.length / 6 > wanted) child.kill('SIGKILL')
    })
    child.stderr.on('data', (chunk) => {
      complaints += chunk
    })
    child.on('close', (_, signal) => {
      if (signal === 'SIGKILL')
        resolve(
          said
            .slice(0, said.lastIndexOf('\n') + 1)
            .split('\n')
            .filter((id) => id !== ''),
        )
      else reject(new Error(`the child ended by itself: ${complaints}`))
    })
  })
}

for (const [ack, lives] of [
  ['written', 16],
  ['fsync', 4],
] as const) {
  test(`kill -9 at ${lives} random moments loses nothing that was acknowledged (${ack})`, async () => {
    const directory = mkdtempSync(join(tmpdir(), 'tokenfuse-crash-'))
    const random = seeded(1)
    const acknowledged: string[] = []
    for (let life = 0; life < lives; life++) {
      acknowledged.push(...(await lifeUntil(directory, life * 1_000_000, ack, Math.floor(random() * 1500))))
    }
    const drain = spawnSync(process.execPath, [...NODE, directory, 'drain', ack], { encoding: 'utf8' })
    expect([drain.status, drain.stderr]).toEqual([0, ''])
    expect(acknowledged.length).toBeGreaterThan(lives * 100)
    for (const exporter of ['fast', 'slow']) {
      const delivered = new Set(readFileSync(join(directory, exporter), 'utf8').split('\n'))
      expect(acknowledged.filter((id) => !delivered.has(id))).toEqual([])
    }
    rmSync(directory, { recursive: true })
  }, 120_000)
}
