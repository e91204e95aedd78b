const PATH_MAX = 200

/**
 * The path of the value at this offset, such as `resourceSpans[0].resource.attributes[2].value`.
 *
 * Only for error messages, so that the readers need not keep track of where they are: walks the document from its start
 * and makes no claim on documents that break before `at`, other than to end.
 */
export function pathAt(bytes: Buffer, at: number): string {
  const steps: (string | number)[] = []
  let key = ''
  for (let i = 0; i < at && i < bytes.length; i++) {
    switch (bytes[i]) {
      case 0x22: {
        const close = stringEnd(bytes, i)
        key = bytes.toString('utf8', i + 1, Math.min(close, i + 65))
        i = close
        break
      }
      case 0x3a:
        steps[steps.length - 1] = key
        break
      case 0x7b:
        steps.push('')
        break
      case 0x5b:
        steps.push(0)
        break
      case 0x2c:
        nextElement(steps)
        break
      case 0x7d:
      case 0x5d:
        steps.pop()
    }
  }
  return render(steps)
}

/** Offset of the closing quote of the string that opens at `open`, or of the end. */
function stringEnd(bytes: Buffer, open: number): number {
  let i = open + 1
  while (i < bytes.length && bytes[i] !== 0x22) i += bytes[i] === 0x5c ? 2 : 1
  return i
}

function nextElement(steps: (string | number)[]): void {
  const last = steps.length - 1
  const step = steps[last]
  if (last >= 0) steps[last] = typeof step === 'number' ? step + 1 : ''
}

function render(steps: readonly (string | number)[]): string {
  let path = ''
  for (const step of steps.slice(0, 64)) {
    if (typeof step === 'number') path += `[${step}]`
    else if (step !== '') path += path === '' ? step : `.${step}`
  }
  return path.length > PATH_MAX ? `${path.slice(0, PATH_MAX)}…` : path
}
