import { clean } from '../janitor.ts'
import type { JanitorReply } from '../messages.ts'
import type { Workers } from '../threads.ts'
import { Writer } from '../writer.ts'

/** The same work without threads and processes, whose start would be most of what a test does. */
export const inProcess: Workers = {
  writer(task) {
    const writer = new Writer(task.open, task.maxBytes)
    return {
      write: async (rows, verdicts) => structuredClone(writer.write(structuredClone({ id: 0, rows, verdicts }))),
      close: async () => writer.close(),
    }
  },
  janitor(options) {
    const done = Promise.resolve().then((): JanitorReply => {
      try {
        return { ok: true, report: clean(options) }
      } catch (error) {
        return { ok: false, reason: String(error) }
      }
    })
    return { done, stop: () => done }
  },
}
