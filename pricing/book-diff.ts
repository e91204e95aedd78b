import type { BookFile, Card } from './card.ts'

/** How one set of prices differs from another. */
export type BookChange =
  | { readonly kind: 'added' | 'removed'; readonly provider: string; readonly card: Card }
  | {
      readonly kind: 'changed'
      readonly provider: string
      readonly id: string
      readonly field: string
      readonly before: unknown
      readonly after: unknown
    }

/** Not what a call costs, but where the figure came from. */
const UNIMPORTANT: ReadonlySet<string> = new Set(['id', 'source', 'also'])

/** Cards are the same when they are for the same model, conditions, hours and first day. */
export function compareBooks(before: readonly BookFile[], after: readonly BookFile[]): readonly BookChange[] {
  const old = cardsByKey(before)
  const now = cardsByKey(after)
  const keys = [...new Set([...old.keys(), ...now.keys()])].sort()
  return keys.flatMap((key): readonly BookChange[] => {
    const a = old.get(key)
    const b = now.get(key)
    if (a === undefined) return b === undefined ? [] : [{ kind: 'added', ...b }]
    return b === undefined ? [{ kind: 'removed', ...a }] : changes(a.provider, a.card, b.card)
  })
}

interface Owned {
  readonly provider: string
  readonly card: Card
}

function cardsByKey(files: readonly BookFile[]): ReadonlyMap<string, Owned> {
  return new Map(
    files.flatMap(({ provider, cards }) => cards.map((card) => [keyOf(provider, card), { provider, card }] as const)),
  )
}

const keyOf = (provider: string, card: Card): string =>
  [provider, card.model.toLowerCase(), card.from ?? '', canonical(card.when), canonical(card.windows)].join(' ')

function changes(provider: string, before: Card, after: Card): readonly BookChange[] {
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])] as (keyof Card)[]
  return fields
    .filter((field) => !UNIMPORTANT.has(field) && canonical(before[field]) !== canonical(after[field]))
    .map((field) => ({ kind: 'changed', provider, id: before.id, field, before: before[field], after: after[field] }))
}

/** Independent of the order in which keys were written. */
function canonical(value: unknown): string {
  return JSON.stringify(value ?? null, (_, v: unknown) =>
    typeof v === 'object' && v !== null && !Array.isArray(v)
      ? Object.fromEntries(Object.entries(v).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : v,
  )
}
