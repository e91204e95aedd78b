import { RARE_METERS, type RareMeter, type Usage } from '../../genai/usage.ts'
import { type Packer, type Unpacker, Unreadable } from './packer.ts'

/** Absent and 0 stay apart: a byte says which quantities are there. Rare meters are written as their place in the list. */
export function writeUsage(to: Packer, usage: Usage): void {
  const { input, cacheRead, cacheWrite, cacheWrite5m, cacheWrite1h, output, reasoning, other } = usage
  to.byte(
    (input === undefined ? 0 : 1) |
      (cacheRead === undefined ? 0 : 2) |
      (cacheWrite === undefined ? 0 : 4) |
      (cacheWrite5m === undefined ? 0 : 8) |
      (cacheWrite1h === undefined ? 0 : 16) |
      (output === undefined ? 0 : 32) |
      (reasoning === undefined ? 0 : 64) |
      (other === undefined ? 0 : 128),
  )
  if (input !== undefined) to.number(input)
  if (cacheRead !== undefined) to.number(cacheRead)
  if (cacheWrite !== undefined) to.number(cacheWrite)
  if (cacheWrite5m !== undefined) to.number(cacheWrite5m)
  if (cacheWrite1h !== undefined) to.number(cacheWrite1h)
  if (output !== undefined) to.number(output)
  if (reasoning !== undefined) to.number(reasoning)
  if (other !== undefined) writeOther(to, other)
}

function writeOther(to: Packer, other: NonNullable<Usage['other']>): void {
  for (let i = 0; i < RARE_METERS.length; i++) {
    const quantity = other[RARE_METERS[i] as RareMeter]
    if (quantity === undefined) continue
    to.byte(i + 1)
    to.number(quantity)
  }
  to.byte(0)
}

export function readUsage(from: Unpacker): Usage {
  const bits = from.byte()
  const usage: Usage = {}
  if (bits & 1) usage.input = from.number()
  if (bits & 2) usage.cacheRead = from.number()
  if (bits & 4) usage.cacheWrite = from.number()
  if (bits & 8) usage.cacheWrite5m = from.number()
  if (bits & 16) usage.cacheWrite1h = from.number()
  if (bits & 32) usage.output = from.number()
  if (bits & 64) usage.reasoning = from.number()
  if (bits & 128) usage.other = readOther(from)
  return usage
}

function readOther(from: Unpacker): Partial<Record<RareMeter, number>> {
  const other: Partial<Record<RareMeter, number>> = {}
  for (let index = from.byte(); index !== 0; index = from.byte()) {
    const meter = RARE_METERS[index - 1]
    if (meter === undefined) throw new Unreadable('a meter that this version does not know')
    other[meter] = from.number()
  }
  return other
}
