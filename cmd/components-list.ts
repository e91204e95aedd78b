import { stringify } from 'yaml'
import { type AnyFactory, SIGNALS } from '../pipeline/component.ts'
import { SECTIONS } from '../pipeline/config/components.ts'
import { type Command, DONE, parsePlainArgs } from './config-args.ts'

const USAGE = `tokenfuse components

Lists all components by kind, with their stability and signals, as YAML.
`

export function listComponents(command: Command): number {
  const parsed = parsePlainArgs(command, USAGE)
  if (parsed.kind === 'exit') return parsed.code
  const sections = Object.entries(SECTIONS).map(([section, kind]) => {
    const ours = command.factories.filter((factory) => factory.kind === kind)
    return [section, ours.toSorted((a, b) => (a.type < b.type ? -1 : 1)).map(entry)] as const
  })
  command.io.stdout(stringify(Object.fromEntries(sections), { lineWidth: 0 }))
  return DONE
}

const entry = (factory: AnyFactory) => ({
  name: factory.type,
  ...(factory.aliases === undefined || factory.aliases.length === 0 ? {} : { aliases: factory.aliases }),
  stability: factory.stability,
  ...signals(factory),
  summary: factory.summary,
})

/** A receiver takes whatever signals its pipelines want; an extension has none. */
function signals(factory: AnyFactory): { signals?: readonly string[] } {
  if ('signals' in factory) return { signals: factory.signals }
  return factory.kind === 'receiver' ? { signals: SIGNALS } : {}
}
