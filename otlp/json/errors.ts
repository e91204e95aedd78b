/** The body is not an OTLP/JSON request: the sender made a mistake, and sending it again will not help. */
export class OtlpJsonError extends Error {
  /** Offset of the first byte that could not be accepted. */
  readonly at: number
  /** Where in the document that is, such as `resourceSpans[0].scopeSpans[0].spans[3].kind`; empty at the top. */
  readonly path: string

  constructor(what: string, at: number, path: string) {
    super(`OTLP/JSON${path === '' ? '' : ` ${path}`}: ${what} (at byte ${at})`)
    this.name = 'OtlpJsonError'
    this.at = at
    this.path = path
  }
}
