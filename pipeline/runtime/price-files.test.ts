import { mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { manualClock } from './manual-clock.ts'
import { nodePriceFiles } from './price-files.ts'

let folder = ''
let path = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tokenfuse-prices-'))
  path = join(folder, 'prices.yaml')
})
afterEach(() => rmSync(folder, { recursive: true }))

function watched() {
  const clock = manualClock()
  const files = nodePriceFiles(clock)
  let changes = 0
  const stop = files.watch(path, () => changes++)
  return { clock, files, stop, changes: () => changes }
}

test('a file is read, or it is said why not', () => {
  const { files } = watched()
  expect(files.read(path)).toEqual({ why: expect.stringContaining('there is no such file') })
  writeFileSync(path, 'cards: []')
  expect(files.read(path)).toEqual({ text: 'cards: []' })
})

test('a change is told once, when the file has held still', () => {
  writeFileSync(path, 'a')
  const { clock, changes } = watched()
  clock.advance(60_000)
  expect(changes()).toBe(0)
  writeFileSync(path, 'ab')
  clock.advance(2000)
  writeFileSync(path, 'abc')
  clock.advance(2000)
  expect(changes()).toBe(0)
  clock.advance(2000)
  expect(changes()).toBe(1)
  clock.advance(60_000)
  expect(changes()).toBe(1)
})

test('a file that comes, goes, or is replaced by an older one of the same size has changed', () => {
  const { clock, changes } = watched()
  const after = (change: () => void): number => {
    change()
    clock.advance(4000)
    return changes()
  }
  expect(after(() => writeFileSync(path, 'ab'))).toBe(1)
  const old = join(folder, 'old')
  writeFileSync(old, 'cd')
  utimesSync(old, 1, 1)
  expect(after(() => renameSync(old, path))).toBe(2)
  expect(after(() => rmSync(path))).toBe(3)
})

test('after it was stopped nothing is told, and no timer is left', () => {
  const { clock, changes, stop } = watched()
  stop()
  writeFileSync(path, 'a')
  clock.advance(60_000)
  expect([changes(), clock.pending]).toEqual([0, 0])
})
