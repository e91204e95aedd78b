/** A body that cannot be decoded. `too_large` says nothing about its contents, only that they pass the limit. */
export class BodyError extends Error {
  readonly kind: 'malformed' | 'too_large'
  constructor(kind: 'malformed' | 'too_large', message: string) {
    super(message)
    this.name = 'BodyError'
    this.kind = kind
  }
}

export const malformed = (message: string): BodyError => new BodyError('malformed', message)
export const tooLarge = (limit: number): BodyError =>
  new BodyError('too_large', `request body is larger than the limit of ${limit} bytes after decompression`)
