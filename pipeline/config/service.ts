import type { AnyFactory } from '../component.ts'
import { type Components, readComponents, SECTIONS, type Section } from './components.ts'
import { decode } from './decode.ts'
import { expand } from './expand.ts'
import type { ConfigIo } from './io.ts'
import { isNull, type MapNode } from './located.ts'
import { suggestion } from './nearest.ts'
import { readPipelines } from './pipelines.ts'
import { type Problem, Report } from './report.ts'
import type { ServiceConfig } from './service-config.ts'
import { serviceSpec } from './service-spec.ts'
import { readSources, type Sources } from './sources.ts'

export type Loaded =
  | { readonly ok: true; readonly config: ServiceConfig; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[]; readonly warnings: readonly Problem[] }

/**
 * Reads, merges, substitutes, decodes and checks a configuration. Finds everything that is wrong in one go, in the order
 * of the sources and lines. Never throws on any input.
 */
export function loadConfig(sources: Sources, factories: readonly AnyFactory[], io: ConfigIo): Loaded {
  const report = new Report()
  const merged = readSources(sources, io, report)
  const root = merged === undefined ? undefined : expand(merged, io, report)
  const config = root?.kind === 'map' ? readService(root, factories, report) : undefined
  const warnings = report.sorted(report.warnings)
  if (config !== undefined && report.problems.length === 0) return { ok: true, config, warnings }
  return { ok: false, problems: report.sorted(report.problems), warnings }
}

function readService(root: MapNode, factories: readonly AnyFactory[], report: Report): ServiceConfig | undefined {
  if (root.entries.size === 0) {
    const message = 'the configuration is empty; it needs receivers, exporters and a service with pipelines'
    report.problem('empty_config', root.place, [], message)
    return undefined
  }
  checkSections(root, report)
  const components = {
    receivers: readComponents('receivers', root, factories, report),
    processors: readComponents('processors', root, factories, report),
    exporters: readComponents('exporters', root, factories, report),
    extensions: readComponents('extensions', root, factories, report),
  }
  requireSome('receivers', root, components.receivers, report)
  requireSome('exporters', root, components.exporters, report)
  const entry = root.entries.get('service')
  const where = { path: ['service'], place: entry?.place ?? root.place }
  const service = decode(serviceSpec, entry?.value, where, report)
  const pipelines = readPipelines(root, components, report)
  if (!service.ok) return undefined
  if (Object.keys(service.value.pipelines).length === 0) {
    const message = 'no pipeline, so nothing would flow; add "traces:" with receivers and exporters'
    report.problem('no_pipeline', where.place, ['service', 'pipelines'], message)
  }
  return {
    receivers: components.receivers.good,
    processors: components.processors.good,
    exporters: components.exporters.good,
    extensions: components.extensions.good,
    pipelines,
    service: service.value,
  }
}

const KNOWN = [...Object.keys(SECTIONS), 'service']

function checkSections(root: MapNode, report: Report): void {
  for (const [key, entry] of root.entries) {
    if (KNOWN.includes(key)) continue
    if (key === 'connectors') {
      if (isNull(entry.value) || (entry.value.kind === 'map' && entry.value.entries.size === 0)) continue
      const message =
        'connectors are not supported; name the receiver in several pipelines, or use processors and exporters'
      report.problem('connectors_unsupported', entry.place, [key], message)
    } else {
      const hint = suggestion(key, KNOWN, 'known keys')
      report.problem('unknown_key', entry.place, [key], `unknown key${hint}`)
    }
  }
}

function requireSome(section: Section, root: MapNode, components: Components<AnyFactory>, report: Report): void {
  if (!components.readable || components.named.size > 0) return
  const place = root.entries.get(section)?.place ?? root.place
  const kind = SECTIONS[section]
  const code = section === 'receivers' ? 'no_receiver' : 'no_exporter'
  const message = `no ${kind} is configured; add at least one under "${section}"`
  report.problem(code, place, [section], message)
}
