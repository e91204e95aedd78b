import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { generatedFiles } from '../tools/generated.ts'

const root = join(import.meta.dirname, '..')

test('schema and reference say what the code says; "npm run docs" writes them anew', () => {
  const stale = [...generatedFiles()].filter(
    ([path, text]) => !existsSync(join(root, path)) || readFileSync(join(root, path), 'utf8') !== text,
  )
  expect(stale.map(([path]) => path)).toEqual([])
})
