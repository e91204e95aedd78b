import { readFileSync, statSync } from 'node:fs'
import { tryReadFile } from '../config/io.ts'
import type { Clock } from '../host.ts'
import type { PriceFiles } from '../services.ts'

/** Two looks at the same state make a change: at most 4 s from the last write to its being in force. */
const POLL_MS = 2000

const IO = { readFile: (path: string): string => readFileSync(path, 'utf8'), env: {} }

/** Polls: change notifications of the system do not work on network mounts and on the volumes that Kubernetes swaps. */
export function nodePriceFiles(clock: Clock): PriceFiles {
  return {
    read: (path) => tryReadFile(IO, path),
    watch(path, onChange) {
      let known = stateOf(path)
      let before = known
      let cancel = (): void => {}
      const look = (): void => {
        cancel = clock.after(POLL_MS, look)
        const now = stateOf(path)
        const isSettled = now === before
        before = now
        if (!isSettled || now === known) return
        known = now
        onChange()
      }
      cancel = clock.after(POLL_MS, look)
      return () => cancel()
    },
  }
}

/** Changes whenever the file does. The inode is in it, because a renamed file may be older than the one it replaces. */
function stateOf(path: string): string {
  try {
    const { mtimeNs, size, ino, dev } = statSync(path, { bigint: true })
    return `${dev} ${ino} ${size} ${mtimeNs}`
  } catch {
    return ''
  }
}
