/** What `info: true` makes a function of node:zlib return: the result, and the engine that it was made with. */
export interface WithEngine {
  readonly buffer: Buffer
  readonly engine: object
}

/**
 * Takes a finished engine its output from. Behind an engine stands a native object, and V8 lets go of such a one only when
 * it collects the old heap: until then the engine stays, and with it the whole piece of memory that its output is a view
 * of. Measured with answers of 300 KB: 1 instead of 36 collections of the old heap in 8,000 bodies, 71 instead of 130 MB
 * resident. Where a later Node names the property otherwise, nothing is won and nothing is lost.
 */
export function outputOf<T extends WithEngine>(result: T): T {
  ;(result.engine as { _outBuffer?: unknown })._outBuffer = undefined
  return result
}
