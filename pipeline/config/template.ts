/**
 * A string with its `${…}` taken apart. `$$` is one `$`; of a run of dollars in front of a `{` every pair is one `$`,
 * and an odd one left over opens a substitution: `$${A}` is the text `${A}`, `$$${A}` is `$` and then the value of A.
 * A `$` alone, or a `${` that is never closed, is text.
 */
export type Part = string | Reference

/** The parts between `${` and `}`; they may hold further references. */
export interface Reference {
  readonly parts: readonly Part[]
}

/** Deeper `${` are text. */
const NESTED_MAX = 20

export function parseTemplate(text: string): readonly Part[] {
  if (!text.includes('$')) return text === '' ? [] : [text]
  return joined(new Scanner(text).parts(0).parts)
}

class Scanner {
  private readonly text: string
  private at = 0

  constructor(text: string) {
    this.text = text
  }

  /** Up to the `}` that closes this level, or to the end. */
  parts(level: number): { readonly parts: Part[]; readonly closed: boolean } {
    const parts: Part[] = []
    let literalBraces = 0
    while (this.at < this.text.length) {
      const char = this.text[this.at]
      if (char === '$') {
        const opened = this.dollars(parts, level)
        if (opened) literalBraces++
      } else if (char === '}' && level > 0 && literalBraces === 0) {
        this.at++
        return { parts, closed: true }
      } else {
        if (char === '}') literalBraces = Math.max(0, literalBraces - 1)
        this.plain(parts)
      }
    }
    return { parts, closed: false }
  }

  /** A run of dollars and what it opens; true when it left a `${` as text, whose `}` is then text too. */
  private dollars(parts: Part[], level: number): boolean {
    const start = this.at
    while (this.text[this.at] === '$') this.at++
    const run = this.at - start
    if (this.text[this.at] !== '{') {
      parts.push('$'.repeat(Math.ceil(run / 2)))
      return false
    }
    parts.push('$'.repeat(Math.floor(run / 2)))
    if (run % 2 === 0 || level === NESTED_MAX) {
      parts.push(run % 2 === 0 ? '{' : '${')
      this.at++
      return true
    }
    this.at++
    const inner = this.parts(level + 1)
    if (inner.closed) parts.push({ parts: joined(inner.parts) })
    else for (const part of ['${', ...inner.parts]) parts.push(part)
    return false
  }

  /** Everything up to the next `$` or `}`, at least one character. */
  private plain(parts: Part[]): void {
    const start = this.at++
    while (this.at < this.text.length && this.text[this.at] !== '$' && this.text[this.at] !== '}') this.at++
    parts.push(this.text.slice(start, this.at))
  }
}

/** Without empty strings, and with neighbouring strings as one. */
function joined(parts: readonly Part[]): Part[] {
  const out: Part[] = []
  for (const part of parts) {
    const last = out.at(-1)
    if (typeof part === 'string' && typeof last === 'string') out[out.length - 1] = last + part
    else if (part !== '') out.push(part)
  }
  return out
}

/** Writes a text such that substitution gives it back: the inverse of {@link parseTemplate} for plain text. */
export function escapeTemplate(text: string): string {
  return text.replace(/\$+(\{?)/g, (run, brace: string) => {
    const dollars = run.length - brace.length
    return brace === '' && dollars === 1 ? run : '$'.repeat(2 * dollars) + brace
  })
}
