/** What a request did wrong. Thrown while it is decoded and answered as JSON at one place; leaves this folder never. */
export class BadRequest extends Error {
  readonly status: number
  readonly code: string
  /** What to do about it. */
  readonly next: string
  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: number,
    code: string,
    message: string,
    next: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message)
    this.status = status
    this.code = code
    this.next = next
    this.headers = headers
  }
}

export const invalid = (message: string, next: string): BadRequest =>
  new BadRequest(400, 'invalid_request', message, next)
