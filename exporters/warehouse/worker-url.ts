import { existsSync } from 'node:fs'

/**
 * Where the worker's program is: beside this file when the sources run, `dist/warehouse-worker.mjs` when the bundle
 * does, whose chunks lie one folder deeper.
 */
export function workerUrl(): URL {
  if (import.meta.url.endsWith('.ts')) return new URL('./worker.ts', import.meta.url)
  const beside = new URL('./warehouse-worker.mjs', import.meta.url)
  return existsSync(beside) ? beside : new URL('../warehouse-worker.mjs', import.meta.url)
}
