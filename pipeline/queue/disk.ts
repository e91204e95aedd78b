/**
 * The only way the queue touches storage. Calls are synchronous because an append to the page cache takes microseconds
 * and a hop through the thread pool five times as long; what waits for the medium itself (`sync`) is not. Everything
 * here may throw, with a `code` such as `ENOSPC`; the queue catches it at its own edge.
 */
export interface DiskFile {
  /** Bytes in the file when it was opened. */
  readonly size: number
  /** Appends all parts in order. When it throws, any prefix of them may have been written. */
  append(parts: readonly Uint8Array[]): void
  /** Fills `into` from `position`; returns how many bytes there were. */
  read(into: Uint8Array, position: number): number
  truncate(size: number): void
  /** Resolves when everything appended before the call is on the medium. */
  sync(): Promise<void>
  syncNow(): void
  /** Waits for a `sync` under way before it lets go of the file. */
  close(): void
}

export interface Disk {
  /** With its parents; an existing one is fine. */
  makeDirectory(path: string): void
  /** Names in a directory, sorted; none when there is no such directory. */
  names(directory: string): readonly string[]
  /** `append` creates the file when it is missing. */
  open(path: string, mode: 'append' | 'read'): DiskFile
  size(path: string): number
  /** The whole file; undefined when there is none. */
  read(path: string): Buffer | undefined
  /** Puts a whole file in place of another, so that a reader sees the old or the new one and nothing between. */
  replace(path: string, bytes: Uint8Array, durable: boolean): void
  rename(from: string, to: string): void
  remove(path: string): void
  /** Makes names that were created or removed in a directory durable. */
  syncDirectory(path: string): void
  /** Takes a lock that ends with this process, however it ends. Undefined: somebody else has it. Returns the release. */
  lock(path: string): (() => void) | undefined
}

/** What an operating error is called in messages: `ENOSPC: no space left on device, write`. */
export const errorText = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error)
