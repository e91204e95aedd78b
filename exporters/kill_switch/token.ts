import { randomBytes } from 'node:crypto'
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Token {
  readonly value: string
  /** Where somebody who lacks it finds it, in words. */
  readonly where: string
}

const FILE = 'control-token'

/** The configured token, else a new random one in a file that only its owner may read. */
export function provideToken(configured: string | undefined, dataDir: string): Token {
  if (configured !== undefined) return { value: configured, where: '`token` of kill_switch in the configuration' }
  const value = randomBytes(32).toString('base64url')
  mkdirSync(dataDir, { recursive: true })
  const path = join(dataDir, FILE)
  const fresh = `${path}.new`
  rmSync(fresh, { force: true })
  // `wx` follows no link that somebody may have put there.
  writeFileSync(fresh, `${value}\n`, { mode: 0o600, flag: 'wx' })
  renameSync(fresh, path)
  return { value, where: `in ${path}` }
}
