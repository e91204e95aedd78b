import type { Node } from './located.ts'
import { maskUrl } from './mask.ts'
import type { Field } from './spec.ts'

const SHOWN_MAX = 60

/**
 * A value as a message may name it. Secrets stay out: fields marked so, whatever holds such a field, and everything that
 * came from the environment or a file, since a secret in the wrong place is still one.
 */
export function describe(field: Field<unknown>, node: Node): string {
  const type = typeOf(node)
  if (node.origin !== undefined) return `${type} from ${node.origin}`
  if (node.kind !== 'scalar' || node.value === null) return type
  if (hides(field, node)) return `${type} (not shown: it may be a secret)`
  if (typeof node.value !== 'string') return typeof node.value === 'number' ? `the number ${node.text}` : node.text
  const text = maskUrl(node.value)
  return JSON.stringify(text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text)
}

export const hides = (field: Field<unknown>, node: Node): boolean => node.origin !== undefined || holdsSecret(field)

export function holdsSecret(field: Field<unknown>): boolean {
  if (field.options.secret === true) return true
  if (field.item !== undefined && holdsSecret(field.item)) return true
  return Object.values(field.fields ?? {}).some(holdsSecret)
}

function typeOf(node: Node): string {
  if (node.kind !== 'scalar') return `a ${node.kind}`
  if (node.value === null) return 'nothing'
  return typeof node.value === 'boolean' ? 'a boolean' : `a ${typeof node.value}`
}
