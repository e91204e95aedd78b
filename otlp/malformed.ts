/** The bytes are not the protobuf message they claim to be. `at` is the offset of the field that could not be read. */
export class Malformed extends Error {
  readonly at: number
  constructor(what: string, at: number) {
    super(`malformed protobuf at byte ${at}: ${what}`)
    this.name = 'Malformed'
    this.at = at
  }
}
