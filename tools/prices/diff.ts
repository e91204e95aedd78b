import type { BookFile, Card } from '../../pricing/card.ts'

/** What a reviewer has to look at: cards that came, went or changed, and how. */
export function describeChanges(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort()
  return names
    .filter((n) => before.get(n) !== after.get(n))
    .flatMap((name) => [`${name}:`, ...changesIn(name, before.get(name), after.get(name))])
}

/**
 * Prices that would be written over: a card keeps its id and its time, and a meter of it costs something else than before.
 * Whoever was billed by the old price could not be explained any more.
 */
export function rewritten(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  return [...after].flatMap(([name, text]) => {
    const old = cardsById(before.get(name))
    return [...cardsById(text)].flatMap(([id, now]) => {
      const then = old.get(id)
      return then === undefined ? [] : changedMeters(then, now).map((what) => `${id} ${what}`)
    })
  })
}

function changedMeters(old: Card, now: Card): string[] {
  const [then, since] = [old, now].map(({ rates, fees }): Readonly<Record<string, unknown>> => ({ ...rates, ...fees }))
  return Object.entries(then ?? {}).flatMap(([meter, price]) => {
    const next = since?.[meter]
    const isSame = price === null || JSON.stringify(next) === JSON.stringify(price)
    return isSame ? [] : [`${meter}: ${JSON.stringify(price)} -> ${JSON.stringify(next) ?? 'none'}`]
  })
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
  if (text?.includes('export const bundledBook') === true) return new Map()
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
