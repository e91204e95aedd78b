#!/usr/bin/env node
// From a checkout or an image: the built command, on whatever Node is new enough.
import { existsSync } from 'node:fs'
import { enableCompileCache } from 'node:module'

const built = new URL('../dist/tokenfuse.mjs', import.meta.url)
if (!existsSync(built)) {
  process.stderr.write('tokenfuse: not built yet; run "npm run build" first\n')
  process.exit(1)
}
enableCompileCache?.()
await import(built.href)
