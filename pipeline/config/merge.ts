import type { Entry, MapNode, Node } from './located.ts'
import type { Place } from './report.ts'

/** The later value wins; maps are merged key by key, lists are replaced, and null is a value like any other. */
export function merge(base: Node, over: Node): Node {
  return base.kind === 'map' && over.kind === 'map' ? mergeMaps(base, over) : over
}

export function mergeMaps(base: MapNode, over: MapNode): MapNode {
  const entries = new Map<string, Entry>(base.entries)
  for (const [key, entry] of over.entries) {
    const before = entries.get(key)
    entries.set(key, before === undefined ? entry : { place: entry.place, value: merge(before.value, entry.value) })
  }
  return { ...base, entries }
}

/** More steps than any configuration has levels; a longer key is left as it is, and then reported as unknown. */
const STEPS_MAX = 20

/** Turns the keys `a::b::c` into nested maps, everywhere in the value. */
export function splitKeys(node: Node): Node {
  if (node.kind === 'list') return { ...node, items: node.items.map(splitKeys) }
  if (node.kind === 'scalar') return node
  const entries = new Map<string, Entry>()
  for (const [key, entry] of node.entries) {
    const steps = key.split('::')
    const path = steps.includes('') || steps.length > STEPS_MAX ? [key] : steps
    const [first = key, ...rest] = path
    const value = nested(rest, entry.place, splitKeys(entry.value))
    const before = entries.get(first)
    entries.set(first, { place: entry.place, value: before === undefined ? value : merge(before.value, value) })
  }
  return { ...node, entries }
}

/** `{ a: { b: value } }` for the path `a`, `b`. */
export function nested(path: readonly string[], place: Place, value: Node): Node {
  return path.reduceRight<Node>(
    (inner, key) => ({ kind: 'map', place, entries: new Map([[key, { place, value: inner }]]) }),
    value,
  )
}
