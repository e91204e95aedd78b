export const REDACTED = '[REDACTED]'

/** Hides the password of `scheme://user:password@host`, wherever in a text it stands. */
export function maskUrl(text: string): string {
  return text.replace(/([A-Za-z][A-Za-z0-9+.-]*:\/\/[^\s/?#:@]*):[^\s/?#@]+@/g, `$1:${REDACTED}@`)
}
