/**
 * What the warehouse runs apart from the sidecar: a thread that writes for as long as the sidecar lives, and a process
 * that seals and cleans for a moment every hour. SQLite blocks its thread, so it never runs on the one that receives
 * telemetry.
 */
import { isMainThread, parentPort, workerData } from 'node:worker_threads'
import type { JanitorOptions } from './janitor.ts'
import type { JanitorReply, WriteRequest, WriterTask } from './messages.ts'

if (isMainThread) process.once('message', (options) => void cleanOnce(options as JanitorOptions))
else await serve(workerData as WriterTask)

async function serve({ open, maxBytes }: WriterTask): Promise<void> {
  const { Writer } = await import('./writer.ts')
  const writer = new Writer(open, maxBytes)
  parentPort?.on('message', (message: WriteRequest | 'close') => {
    if (message !== 'close') return parentPort?.postMessage(writer.write(message))
    writer.close()
    parentPort?.close()
  })
}

async function cleanOnce(options: JanitorOptions): Promise<void> {
  let reply: JanitorReply
  try {
    const { clean } = await import('./janitor.ts')
    reply = { ok: true, report: clean(options) }
  } catch (error) {
    reply = { ok: false, reason: error instanceof Error ? error.message : String(error) }
  }
  // Without the channel nothing keeps this process alive.
  process.send?.(reply, undefined, undefined, () => process.disconnect())
}
