import { spawnSync } from 'node:child_process'
import { getPriority } from 'node:os'
import { pathToFileURL } from 'node:url'

const SCRIPT = `
import { readdirSync, readFileSync } from 'node:fs'
import { putHelpersBehind } from ${JSON.stringify(pathToFileURL(`${import.meta.dirname}/helping-threads.ts`).href)}
putHelpersBehind()
const tasks = readdirSync('/proc/self/task').map((thread) => {
  const stat = readFileSync('/proc/self/task/' + thread + '/stat', 'utf8')
  // The name stands in brackets and may hold spaces; niceness is the 19th field.
  return [stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')')), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16])]
})
console.log(JSON.stringify(tasks))
`

const pins = process.platform === 'linux' && spawnSync('taskset', ['-c', '0', 'true']).status === 0
const withPinning = pins ? test : test.skip

withPinning('on one core V8 comes behind, and nobody else does', () => {
  const args = ['-c', '0', process.execPath, '--no-warnings', '--input-type=module', '-e', SCRIPT]
  const { stdout, stderr } = spawnSync('taskset', args, { encoding: 'utf8' })
  expect(stderr).toBe('')
  const tasks = JSON.parse(stdout) as [string, number][]
  const own = getPriority()
  const helpers = tasks.filter(([name]) => name.startsWith('V8Worker'))
  expect(helpers.length).toBeGreaterThan(0)
  expect(new Set(helpers.map(([, niceness]) => niceness))).toEqual(new Set([Math.min(19, own + 3)]))
  expect(tasks.find(([name]) => !name.startsWith('V8Worker'))?.[1]).toBe(own)
})
