import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism, getPriority, setPriority } from 'node:os'

const TASKS = '/proc/self/task'
/** Half the weight of the main thread, give or take: with far less, code stays uncompiled for too long. */
const BEHIND = 3
const LOWEST = 19

/**
 * With one core, or a limit of one, the threads that collect garbage and compile take turns with the calls: of 1,000
 * requests a second the slowest hundredth waited two to three times as long as with these threads behind. They are told
 * by the names that V8 gives them; where there are none (another system), nothing happens.
 */
export function putHelpersBehind(): void {
  if (process.platform !== 'linux' || availableParallelism() > 1) return
  try {
    const priority = Math.min(LOWEST, getPriority() + BEHIND)
    for (const thread of readdirSync(TASKS)) {
      if (readFileSync(`${TASKS}/${thread}/comm`, 'utf8').startsWith('V8Worker')) setPriority(Number(thread), priority)
    }
  } catch {
    // A sandbox may hide or forbid it: then they share the core as they are.
  }
}
