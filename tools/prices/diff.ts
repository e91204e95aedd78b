import type { BookFile, Card } from '../../pricing/card.ts'

/** What a reviewer has to look at: cards that came, went or changed, and how. */
export function describeChanges(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort()
  return names
    .filter((n) => before.get(n) !== after.get(n))
    .flatMap((name) => [`${name}:`, ...changesIn(name, before.get(name), after.get(name))])
}

function changesIn(name: string, before: string | undefined, after: string | undefined): string[] {
  if (name === 'index.ts') return ['  rewritten']
  const old = cardsById(before)
  const now = cardsById(after)
  const ids = [...new Set([...old.keys(), ...now.keys()])].sort()
  const lines = ids.flatMap((id) => describe(id, old.get(id), now.get(id)))
  return lines.length === 0 ? ['  sources or modifiers changed'] : lines
}

function cardsById(text: string | undefined): Map<string, Card> {
  const json = text === undefined ? undefined : /`([^`]*)`\s*$/.exec(text)?.[1]
  const cards = json === undefined ? [] : (JSON.parse(json) as BookFile).cards
  return new Map(cards.map((c) => [c.id, c]))
}

function describe(id: string, old: Card | undefined, now: Card | undefined): string[] {
  if (old === undefined) return [`  + ${id} ${pricesOf(now)}`]
  if (now === undefined) return [`  - ${id} ${pricesOf(old)}`]
  const keys = [...new Set([...Object.keys(old), ...Object.keys(now)])] as (keyof Card)[]
  const changed = keys.filter((k) => JSON.stringify(old[k]) !== JSON.stringify(now[k]))
  return changed.map(
    (k) => `  ~ ${id} ${k}: ${JSON.stringify(old[k]) ?? 'none'} -> ${JSON.stringify(now[k]) ?? 'none'}`,
  )
}

const pricesOf = (card: Card | undefined): string => JSON.stringify({ ...card?.rates, ...card?.fees })
