/** Writes everything that is made from the code: the JSON schema and the reference pages. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { generatedFiles } from './generated.ts'
import { root } from './steps.ts'

rmSync(join(root, 'docs', 'reference'), { recursive: true, force: true })
for (const [path, text] of generatedFiles()) {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}
