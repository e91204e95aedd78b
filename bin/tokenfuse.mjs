#!/usr/bin/env node
// From a checkout or an image: the built command, on a Node that is new enough. Plain JavaScript that Node 20 can read,
// because in a checkout it may be started with whatever Node the machine has.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import * as nodeModule from 'node:module'
import { fileURLToPath } from 'node:url'

const built = new URL('../dist/tokenfuse.mjs', import.meta.url)
const ownNode = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url))
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (!existsSync(built)) {
  process.stderr.write('tokenfuse: not built yet; run "npm run build" first\n')
  process.exitCode = 1
} else if (major > 22 || (major === 22 && minor >= 13)) {
  nodeModule.enableCompileCache?.()
  await import(built.href)
} else if (existsSync(ownNode)) {
  const { status } = spawnSync(ownNode, ['--no-warnings', fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
  })
  process.exitCode = status ?? 1
} else {
  process.stderr.write(
    `tokenfuse: needs Node 22.13 or later, this is ${process.version}; run "npm install", which brings one\n`,
  )
  process.exitCode = 1
}
