import type { AnyFactory, ComponentKind } from '../component.ts'
import { parseComponentId } from './component-id.ts'
import { decode } from './decode.ts'
import { describe } from './describe.ts'
import { type Entry, isNull, type MapNode, placeOf } from './located.ts'
import { nearest, suggestion } from './nearest.ts'
import type { Place, Report } from './report.ts'
import type { Configured } from './service-config.ts'
import { any } from './spec.ts'

/** The sections that hold components, and what they hold. */
export const SECTIONS = {
  receivers: 'receiver',
  processors: 'processor',
  exporters: 'exporter',
  extensions: 'extension',
} as const satisfies Record<string, ComponentKind>

export type Section = keyof typeof SECTIONS
type OfKind<K extends ComponentKind> = Extract<AnyFactory, { readonly kind: K }>
export type FactoryIn<S extends Section> = OfKind<(typeof SECTIONS)[S]>

export interface Components<F extends AnyFactory> {
  /** Those whose configuration is good. */
  readonly good: ReadonlyMap<string, Configured<F>>
  /** All that are named, so that one mistake in a component is not followed by "not configured" wherever it is used. */
  readonly named: ReadonlyMap<string, Place>
  /** By id; absent when the type is unknown. */
  readonly factories: ReadonlyMap<string, F>
  /** False when the section is no map at all, so that nothing can be said about what is missing in it. */
  readonly readable: boolean
}

/** Reads one section, `receivers` and so on. */
export function readComponents<S extends Section>(
  section: S,
  root: MapNode,
  factories: readonly AnyFactory[],
  report: Report,
): Components<FactoryIn<S>> {
  const good = new Map<string, Configured<FactoryIn<S>>>()
  const named = new Map<string, Place>()
  const known = new Map<string, FactoryIn<S>>()
  const ours = factories.filter((factory): factory is FactoryIn<S> => factory.kind === SECTIONS[section])
  const entries = entriesOf(section, root, report)
  for (const [key, { place, value }] of entries ?? []) {
    const path = [section, key]
    const id = parseComponentId(key)
    if (typeof id === 'string') {
      named.set(key, place)
      report.problem('bad_component_id', place, path, id)
    } else if (named.has(id.text)) {
      report.problem('duplicate_component', place, path, `"${id.text}" is configured twice; rename one of them`)
    } else {
      named.set(id.text, place)
      const factory = ours.find((candidate) => typesOf(candidate).includes(id.type))
      if (factory === undefined) {
        report.problem('unknown_component', place, path, unknownType(SECTIONS[section], id.type, factories))
        continue
      }
      known.set(id.text, factory)
      const config = decode(factory.config, value, { path: [section, id.text], place }, report)
      if (config.ok) good.set(id.text, { id: id.text, factory, config: config.value, place })
    }
  }
  return { good, named, factories: known, readable: entries !== undefined }
}

function entriesOf(section: Section, root: MapNode, report: Report): Iterable<[string, Entry]> | undefined {
  const entry = root.entries.get(section)
  if (entry?.value.broken === true) return undefined
  if (entry === undefined || isNull(entry.value)) return []
  if (entry.value.kind === 'map') return entry.value.entries
  const what = describe(ANYTHING, entry.value)
  const message = `expected a map of components, got ${what}; write "type:" or "type/name:" below it`
  report.problem('wrong_type', placeOf(entry.value, entry.place), [section], message)
  return undefined
}

const ANYTHING = any({ doc: '' })

export const typesOf = (factory: AnyFactory): readonly string[] => [factory.type, ...(factory.aliases ?? [])]

function unknownType(kind: ComponentKind, type: string, factories: readonly AnyFactory[]): string {
  const ours = factories.filter((factory) => factory.kind === kind)
  const others = factories.filter((factory) => factory.kind !== kind && typesOf(factory).includes(type))
  const names = ours.flatMap(typesOf)
  const [other] = others
  if (other !== undefined && nearest(type, names) === undefined) {
    return `there is no ${kind} of type "${type}"; it is of kind ${other.kind}, so move it to "${other.kind}s"`
  }
  const hint = suggestion(type, nearest(type, names) === undefined ? ours.map((f) => f.type) : names, 'there are')
  return `there is no ${kind} of type "${type}"${hint}`
}
