import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeDisk } from './node-disk.ts'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tokenfuse-disk-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

test('a lock is exclusive among processes and within one, and ends with its process', () => {
  const path = join(directory, 'lock')
  const script = (then: string): string => `
    const { nodeDisk } = await import(${JSON.stringify(join(import.meta.dirname, 'node-disk.ts'))})
    process.stdout.write(nodeDisk.lock(${JSON.stringify(path)}) === undefined ? 'taken' : 'got it')
    ${then}`
  const child = (then = ''): string =>
    spawnSync(process.execPath, ['--no-warnings', '--input-type=module', '-e', script(then)], { encoding: 'utf8' })
      .stdout
  expect(child('process.kill(process.pid, "SIGKILL")')).toBe('got it')
  const release = nodeDisk.lock(path)
  expect(release).toBeDefined()
  expect(nodeDisk.lock(path)).toBeUndefined()
  expect(child()).toBe('taken')
  release?.()
  expect(child()).toBe('got it')
})

test('what is appended is read back from where it is, in order, and truncated where told', async () => {
  const path = join(directory, 'a')
  const file = nodeDisk.open(path, 'append')
  file.append([Buffer.from('one'), Buffer.from('two')])
  file.append([Buffer.from('three')])
  file.truncate(6)
  file.append([Buffer.from('four')])
  await file.sync()
  file.syncNow()
  const into = Buffer.alloc(20)
  const reader = nodeDisk.open(path, 'read')
  expect(reader.size).toBe(10)
  expect(into.toString('utf8', 0, reader.read(into, 3))).toBe('twofour')
  reader.close()
  file.close()
  file.close()
  await expect(file.sync()).rejects.toThrow('closed')
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

test('a sync under way outlives the close of its file', async () => {
  const file = nodeDisk.open(join(directory, 'a'), 'append')
  file.append([Buffer.alloc(100_000)])
  const synced = file.sync()
  file.close()
  await synced
})

test('replacing puts the whole content in place, or leaves the old one', () => {
  const path = join(directory, 'a')
  nodeDisk.replace(path, Buffer.from('first'), true)
  nodeDisk.replace(path, Buffer.from('second'), false)
  expect(readFileSync(path, 'utf8')).toBe('second')
  expect(() => nodeDisk.replace(join(directory, 'no/such/a'), Buffer.from('x'), false)).toThrow('ENOENT')
  expect(readdirSync(directory)).toEqual(['a'])
})

test('what is not there is empty, and removing it is no error', () => {
  expect(nodeDisk.names(join(directory, 'none'))).toEqual([])
  expect(nodeDisk.read(join(directory, 'none'))).toBeUndefined()
  nodeDisk.remove(join(directory, 'none'))
  expect(() => nodeDisk.open(join(directory, 'none'), 'read')).toThrow('ENOENT')
  writeFileSync(join(directory, 'file'), '')
  expect(() => nodeDisk.names(join(directory, 'file'))).toThrow('ENOTDIR')
  nodeDisk.makeDirectory(join(directory, 'a/b'))
  nodeDisk.makeDirectory(join(directory, 'a/b'))
  expect(existsSync(join(directory, 'a/b'))).toBe(true)
})
