import type { Path, Place } from './report.ts'

/**
 * A configuration value that knows where it was written. Immutable and shared: merging and substitution make new maps
 * around the old values, so every value keeps its place in the user's own file.
 */
export type Node = ScalarNode | ListNode | MapNode

interface Base {
  readonly place: Place
  /**
   * Only of what a `${…}` brought: its text before YAML read it. A string field takes this, so that `0123`, `null` or
   * `[x` in an environment variable arrive as they are.
   */
  readonly raw?: string | undefined
  /** Where a `${…}` took it from, e.g. `the environment variable KEY`. Such values are never shown in messages. */
  readonly origin?: string | undefined
  /** It is null because an environment variable is not set. */
  readonly unset?: boolean | undefined
  /** Its substitution failed and was reported: nothing more is said about it. */
  readonly broken?: boolean | undefined
}

export type Scalar = string | number | boolean | null

export interface ScalarNode extends Base {
  readonly kind: 'scalar'
  readonly value: Scalar
  /** As written, but without quotes: `0.10`, `1e3`. */
  readonly text: string
}

export interface ListNode extends Base {
  readonly kind: 'list'
  readonly items: readonly Node[]
}

export interface MapNode extends Base {
  readonly kind: 'map'
  readonly entries: ReadonlyMap<string, Entry>
}

export interface Entry {
  /** Of the key. */
  readonly place: Place
  readonly value: Node
}

export const isNull = (node: Node): boolean => node.kind === 'scalar' && node.value === null

export const scalarNode = (value: Scalar, place: Place, more: Partial<ScalarNode> = {}): ScalarNode => ({
  kind: 'scalar',
  value,
  text: String(value ?? ''),
  place,
  ...more,
})

/** How a path names a key: what came from the environment may be a secret that only looks like a map. */
export const stepOf = (map: MapNode, key: string): string => (map.origin === undefined ? key : '*')

/** What a default written in TypeScript looks like to the decoder. */
export function nodeOf(value: unknown, place: Place): Node {
  if (Array.isArray(value)) return { kind: 'list', items: value.map((item) => nodeOf(item, place)), place }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, item]) => [key, { place, value: nodeOf(item, place) }] as const)
    return { kind: 'map', entries: new Map(entries), place }
  }
  const isScalar = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
  return scalarNode(isScalar ? value : null, place)
}

/** The plain value, without places. */
export function plainOf(node: Node): unknown {
  if (node.kind === 'scalar') return node.value
  if (node.kind === 'list') return node.items.map(plainOf)
  return Object.fromEntries(Array.from(node.entries, ([key, entry]) => [key, plainOf(entry.value)]))
}

/** Where to point for a value: at a scalar itself, at the key of anything that may begin on the next line. */
export const placeOf = (node: Node | undefined, keyPlace: Place): Place =>
  node?.kind === 'scalar' && node.value !== null ? node.place : keyPlace

/** The value at a path and where to point for it; for what is absent, the nearest thing around it that was written. */
export function locate(root: Node | undefined, path: Path, fallback: Place): { node: Node | undefined; place: Place } {
  let node = root
  let place = fallback
  for (const step of path) {
    const entry = node?.kind === 'map' ? node.entries.get(String(step)) : undefined
    const item = node?.kind === 'list' && typeof step === 'number' ? node.items[step] : undefined
    node = entry?.value ?? item
    if (node === undefined) return { node, place }
    place = entry?.place ?? node.place
  }
  return { node, place: placeOf(node, place) }
}
