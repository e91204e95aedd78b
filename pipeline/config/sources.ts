import { type ConfigIo, tryReadFile } from './io.ts'
import { isNull, type MapNode, type Node } from './located.ts'
import { mergeMaps, nested, splitKeys } from './merge.ts'
import { readYaml } from './read-yaml.ts'
import type { Place, Report } from './report.ts'

export interface Sources {
  /** `path`, `file:path`, `env:NAME` or `yaml:text`; later ones win. */
  readonly configs: readonly string[]
  /** `path.to.key=value`; they win over all configs. */
  readonly sets: readonly string[]
}

const SOURCES_MAX = 100

/** Reads all sources and merges them; undefined when one could not be read. `${…}` are still as written. */
export function readSources(sources: Sources, io: ConfigIo, report: Report): MapNode | undefined {
  if (sources.configs.length === 0 || sources.configs.length + sources.sets.length > SOURCES_MAX) {
    const none = 'no configuration is given: add --config FILE (or env:NAME, or yaml:TEXT)'
    const message = sources.configs.length === 0 ? none : `over ${SOURCES_MAX} --config and --set flags`
    report.problem('no_source', { source: '--config', line: 1, column: 1 }, [], message)
    return undefined
  }
  const read = [
    ...sources.configs.map((uri) => readConfig(uri, io, report)),
    ...sources.sets.map((text, index) => readSet(text, index + 1, report)),
  ]
  const maps = read.filter((map) => map !== undefined)
  if (maps.length < read.length) return undefined
  return maps.reduce(mergeMaps)
}

function readConfig(uri: string, io: ConfigIo, report: Report): MapNode | undefined {
  const [, scheme = 'file', rest = uri] = /^([A-Za-z][A-Za-z0-9+.-]+):(.*)$/s.exec(uri) ?? []
  if (scheme === 'yaml') return root(rest, 'yaml', report, splitKeys)
  if (scheme === 'env') return readVariable(rest, io, report)
  if (scheme === 'file') return readConfigFile(rest, io, report)
  const message = `the scheme "${scheme}" is not supported; use a file name, file:PATH, env:NAME or yaml:TEXT`
  report.problem('unsupported_source', { source: '--config', line: 1, column: 1 }, [], message)
  return undefined
}

function readVariable(name: string, io: ConfigIo, report: Report): MapNode | undefined {
  const text = Object.hasOwn(io.env, name) ? io.env[name] : undefined
  if (text !== undefined) return root(text, `env:${name}`, report, splitKeys)
  const message = 'the environment variable is not set; put the configuration in it, or name another --config'
  report.problem('unreadable_source', { source: `env:${name}`, line: 1, column: 1 }, [], message)
  return undefined
}

function readConfigFile(path: string, io: ConfigIo, report: Report): MapNode | undefined {
  const read = tryReadFile(io, path)
  if ('text' in read) return root(read.text, path, report, (node) => node)
  report.problem('unreadable_source', { source: path, line: 1, column: 1 }, [], `cannot read it: ${read.why}`)
  return undefined
}

function root(text: string, source: string, report: Report, adapt: (node: Node) => Node): MapNode | undefined {
  report.source(source)
  const place: Place = { source, line: 1, column: 1 }
  const node = readYaml(text, { source }, report)
  if (node === undefined) return undefined
  // An empty file says nothing; it does not take away what the others say.
  if (isNull(node)) return { kind: 'map', place, entries: new Map() }
  const map = adapt(node)
  if (map.kind === 'map') return map
  const message = 'expected a map with keys such as receivers, exporters and service'
  report.problem('wrong_type', node.place, [], message)
  return undefined
}

function readSet(text: string, number: number, report: Report): MapNode | undefined {
  const place: Place = { source: '--set', line: number, column: 1 }
  report.source('--set')
  const cut = text.indexOf('=')
  const key = text.slice(0, Math.max(0, cut))
  // With `::` between the steps, component names may contain dots.
  const path = key.split(key.includes('::') ? '::' : '.').map((step) => step.trim())
  if (cut === -1 || path.includes('') || path.length > STEPS_MAX) {
    report.problem('bad_set', place, [], 'expected path.to.key=value, for example service.telemetry.logs.level=debug')
    return undefined
  }
  const value = readYaml(text.slice(cut + 1), { source: '--set', fixed: place }, report)
  const map = value === undefined ? undefined : nested(path, place, value)
  return map?.kind === 'map' ? map : undefined
}

const STEPS_MAX = 20
