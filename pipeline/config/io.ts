/** What reading a configuration needs of the outside; arguments, so that tests and tools bring their own. */
export interface ConfigIo {
  /** The file as text; throws when it cannot be read. */
  readFile(path: string): string
  readonly env: Readonly<Record<string, string | undefined>>
}

/** The text of a file, or why there is none. Never throws. */
export function tryReadFile(io: ConfigIo, path: string): { readonly text: string } | { readonly why: string } {
  try {
    return { text: io.readFile(path) }
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
    return { why: REASONS[code] ?? (code === '' ? 'it cannot be read' : `it cannot be read (${code})`) }
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file; relative paths count from the working directory',
  EISDIR: 'it is a directory; name the file in it',
  EACCES: 'permission denied; let the user that runs this read it',
}
