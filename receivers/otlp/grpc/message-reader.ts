import { CODE, type Failure, failure, tooLarge } from '../answer.ts'
import { gather } from '../intake.ts'

const PREFIX = 5

/** The one message of a unary call: a flag, its length in four bytes, and so many bytes. */
export class MessageReader {
  /** Undefined until the prefix has arrived. */
  length: number | undefined
  compressed = false
  private readonly limit: number
  private readonly prefix = Buffer.allocUnsafe(PREFIX)
  private prefixHas = 0
  private readonly chunks: Buffer[] = []
  private has = 0

  constructor(limit: number) {
    this.limit = limit
  }

  /** Takes what arrived; a failure ends the call. */
  push(chunk: Buffer): Failure | undefined {
    let rest = chunk
    if (this.length === undefined) {
      const taken = chunk.copy(this.prefix, this.prefixHas, 0, PREFIX - this.prefixHas)
      this.prefixHas += taken
      if (this.prefixHas < PREFIX) return undefined
      const wrong = this.readPrefix()
      if (wrong !== undefined) return wrong
      rest = chunk.subarray(taken)
    }
    if (rest.length === 0) return undefined
    this.has += rest.length
    if (this.has > (this.length ?? 0)) return ONE_MESSAGE
    this.chunks.push(rest)
    return undefined
  }

  private readPrefix(): Failure | undefined {
    const flag = this.prefix[0] as number
    const length = this.prefix.readUInt32BE(1)
    if (flag > 1) return failure(CODE.internal, `unknown flag ${flag} in front of the message`)
    if (length > this.limit) return tooLarge(this.limit)
    this.compressed = flag === 1
    this.length = length
    return undefined
  }

  /** The sender has no more to send. */
  finish(): Buffer | Failure {
    if (this.prefixHas === 0) return ONE_MESSAGE
    if (this.length === undefined || this.has < this.length) return failure(CODE.internal, 'the message is cut off')
    return gather(this.chunks, this.has, !this.compressed)
  }
}

/** The code that gRPC prescribes for the wrong number of messages. */
const ONE_MESSAGE: Failure = failure(CODE.unimplemented, 'expected exactly one message in a unary call')
