const DEPTH_MAX = 64
const KEY_MAX = 64
const PATH_MAX = 200

/**
 * The path of the value at this offset, such as `resourceSpans[0].resource.attributes[2].value`.
 *
 * Only for error messages, so that the readers need not keep track of where they are: walks the document from its start
 * and makes no claim on documents that break before `at`, other than to end soon.
 */
export function pathAt(bytes: Buffer, at: number): string {
  const open = new OpenContainers()
  let keyFrom = 0
  let keyTo = 0
  for (let i = 0; i < at && i < bytes.length; i++) {
    switch (bytes[i]) {
      case 0x22:
        keyFrom = i + 1
        i = stringEnd(bytes, i)
        keyTo = i
        break
      case 0x3a:
        open.key(keyFrom, keyTo)
        break
      case 0x7b:
        open.push(-1)
        break
      case 0x5b:
        open.push(0)
        break
      case 0x2c:
        open.next()
        break
      case 0x7d:
      case 0x5d:
        open.pop()
    }
  }
  return open.render(bytes)
}

/** Offset of the closing quote of the string that opens at `open`, or of the end. */
function stringEnd(bytes: Buffer, open: number): number {
  let i = open + 1
  while (i < bytes.length && bytes[i] !== 0x22) i += bytes[i] === 0x5c ? 2 : 1
  return i
}

/** The objects and arrays around a place; those deeper than {@link DEPTH_MAX} are only counted. */
class OpenContainers {
  private depth = 0
  /** The place in an array; -1 in an object. */
  private readonly index = new Int32Array(DEPTH_MAX)
  /** The key in an object; empty before the first. */
  private readonly from = new Int32Array(DEPTH_MAX)
  private readonly to = new Int32Array(DEPTH_MAX)

  push(index: number): void {
    const i = this.depth++
    if (i >= DEPTH_MAX) return
    this.index[i] = index
    this.to[i] = 0
  }
  pop(): void {
    if (this.depth > 0) this.depth--
  }
  key(from: number, to: number): void {
    const i = this.depth - 1
    if (i < 0 || i >= DEPTH_MAX) return
    this.from[i] = from
    this.to[i] = to
  }
  next(): void {
    const i = this.depth - 1
    if (i < 0 || i >= DEPTH_MAX) return
    this.to[i] = 0
    if ((this.index[i] as number) >= 0) this.index[i] = (this.index[i] as number) + 1
  }

  render(bytes: Buffer): string {
    let path = ''
    for (let i = 0; i < this.depth && i < DEPTH_MAX; i++) {
      const from = this.from[i] as number
      const to = Math.min(this.to[i] as number, from + KEY_MAX)
      if ((this.index[i] as number) >= 0) path += `[${this.index[i]}]`
      else if (to > 0) path += (path === '' ? '' : '.') + bytes.toString('utf8', from, to)
    }
    return path.length > PATH_MAX ? `${path.slice(0, PATH_MAX)}…` : path
  }
}
