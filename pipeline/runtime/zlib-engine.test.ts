import { gunzipSync, gzipSync, type ZlibOptions } from 'node:zlib'
import { outputOf, type WithEngine } from './zlib-engine.ts'

const run = gunzipSync as unknown as (body: Buffer, options: ZlibOptions & { info: true }) => WithEngine

test('an engine of this Node holds the memory of its output until it is taken away', () => {
  const result = run(gzipSync('a body of an engine'), { info: true })
  const held = (result.engine as { _outBuffer?: Buffer })._outBuffer
  expect(held?.buffer).toBe(result.buffer.buffer)
  expect(outputOf(result).buffer.toString()).toBe('a body of an engine')
  expect((result.engine as { _outBuffer?: Buffer })._outBuffer).toBeUndefined()
})
