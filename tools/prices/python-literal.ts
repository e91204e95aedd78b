/**
 * Reads the literals that a generated Python data module is made of: calls with keyword arguments, lists, dicts,
 * strings, numbers, None. Enough to read a published price table as data, without running it.
 */
export type Literal = string | number | null | readonly Literal[] | LiteralObject
export interface LiteralObject {
  readonly [key: string]: Literal
}

/** A call `Name(a, k=v)` becomes `{ $: 'Name', 0: a, k: v }`. */
export function parsePython(source: string, from: number): Literal {
  return new Reader(source, from).value()
}

const SPACE = /[\s]*(?:#[^\n]*\s*)*/y
const NUMBER = /-?\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?/iy
const NAME = /[A-Za-z_][\w.]*/y
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\n': '' }

class Reader {
  private readonly source: string
  private at: number

  constructor(source: string, from: number) {
    this.source = source
    this.at = from
  }

  value(): Literal {
    this.space()
    const c = this.source[this.at] ?? ''
    if (c === '[' || c === '(') return this.sequence(c === '[' ? ']' : ')')
    if (c === '{') return this.dict()
    if (c === "'" || c === '"') return this.strings()
    const number = this.take(NUMBER)
    if (number !== undefined) return Number(number.replaceAll('_', ''))
    const name = this.take(NAME)
    if (name === undefined) throw new Error(`unexpected ${JSON.stringify(c)} at offset ${this.at}`)
    this.space()
    if (this.source[this.at] === '(') return this.call(name)
    return name === 'None' ? null : name
  }

  private call(name: string): LiteralObject {
    const out: Record<string, Literal> = { $: name }
    this.at++
    for (let i = 0; !this.ends(')'); this.comma()) {
      const start = this.at
      const key = this.take(NAME)
      this.space()
      if (key !== undefined && this.source[this.at] === '=') {
        this.at++
        out[key] = this.value()
      } else {
        this.at = start
        out[String(i++)] = this.value()
      }
    }
    return out
  }

  private dict(): LiteralObject {
    const out: Record<string, Literal> = {}
    this.at++
    for (; !this.ends('}'); this.comma()) {
      const key = String(this.value())
      this.space()
      this.at++
      out[key] = this.value()
    }
    return out
  }

  private sequence(end: string): Literal[] {
    const out: Literal[] = []
    this.at++
    for (; !this.ends(end); this.comma()) out.push(this.value())
    return out
  }

  private strings(): string {
    let out = ''
    for (let quote = this.source[this.at]; quote === "'" || quote === '"'; quote = this.source[this.at]) {
      out += this.string(quote)
      this.space()
    }
    return out
  }

  private string(quote: string): string {
    const fence = this.source.startsWith(quote.repeat(3), this.at) ? quote.repeat(3) : quote
    let out = ''
    for (this.at += fence.length; !this.source.startsWith(fence, this.at); this.at++) {
      if (this.at >= this.source.length) throw new Error('unterminated string')
      if (this.source[this.at] !== '\\') out += this.source[this.at]
      else out += this.escape()
    }
    this.at += fence.length
    return out
  }

  private escape(): string {
    const c = this.source[++this.at] ?? ''
    const width = c === 'x' ? 2 : c === 'u' ? 4 : c === 'U' ? 8 : 0
    if (width === 0) return ESCAPES[c] ?? c
    const code = this.source.slice(this.at + 1, this.at + 1 + width)
    this.at += width
    return String.fromCodePoint(Number.parseInt(code, 16))
  }

  private ends(end: string): boolean {
    this.space()
    if (this.at >= this.source.length) throw new Error(`missing ${end}`)
    if (this.source[this.at] !== end) return false
    this.at++
    return true
  }

  private comma(): void {
    this.space()
    if (this.source[this.at] === ',') this.at++
  }

  private space(): void {
    this.take(SPACE)
  }

  private take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at
    const text = pattern.exec(this.source)?.[0]
    if (text === undefined || text === '') return undefined
    this.at += text.length
    return text
  }
}
