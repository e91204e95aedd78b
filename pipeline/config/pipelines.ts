import { type AnyFactory, SIGNALS, type Signal } from '../component.ts'
import { type ComponentId, parseComponentId } from './component-id.ts'
import type { Components, Section } from './components.ts'
import { decode } from './decode.ts'
import { describe } from './describe.ts'
import { locate, type MapNode, type Node, scalarNode } from './located.ts'
import { nearest, suggestion } from './nearest.ts'
import { type Path, type Place, Report } from './report.ts'
import type { PipelineConfig } from './service-config.ts'
import { pipelineSpec, serviceSpec } from './service-spec.ts'
import { type Field, string } from './spec.ts'

export type AllComponents = Readonly<Record<Section, Components<AnyFactory>>>

/**
 * Checks that pipelines and extensions name what is configured and fits; returns the pipelines in their order. What is
 * not even of the right shape is left out here: decoding the `service` section reports it.
 */
export function readPipelines(root: MapNode, components: AllComponents, report: Report): PipelineConfig[] {
  return new Pipelines(root, components, report).read()
}

const PARTS = ['receivers', 'processors', 'exporters'] as const

class Pipelines {
  private readonly root: MapNode
  private readonly components: AllComponents
  private readonly report: Report
  private readonly used: Readonly<Record<Section, Set<string>>> = {
    receivers: new Set(),
    processors: new Set(),
    exporters: new Set(),
    extensions: new Set(),
  }

  constructor(root: MapNode, components: AllComponents, report: Report) {
    this.root = root
    this.components = components
    this.report = report
  }

  read(): PipelineConfig[] {
    const path = ['service', 'extensions']
    const extensions = this.shaped(serviceSpec.fields.extensions, path)
    this.references('extensions', extensions ?? [], path, undefined)
    const { node } = locate(this.root, ['service', 'pipelines'], ROOT)
    const keys = node?.kind === 'map' ? [...node.entries.keys()] : []
    const pipelines = keys.map((key) => this.pipeline(key, ['service', 'pipelines', key]))
    this.warnOfUnused()
    return pipelines.filter((pipeline) => pipeline !== undefined)
  }

  private pipeline(key: string, path: Path): PipelineConfig | undefined {
    const id = parseComponentId(key)
    const signal = this.signal(key, id, path)
    const parts = this.shaped(pipelineSpec, path)
    if (parts === undefined) return undefined
    const [receivers = [], processors = [], exporters = []] = PARTS.map((part) =>
      this.references(part, parts[part], [...path, part], signal),
    )
    if (receivers.length === 0) this.none('no_receiver', 'receivers', path)
    if (exporters.length === 0) this.none('no_exporter', 'exporters', path)
    return signal === undefined || typeof id === 'string'
      ? undefined
      : { id: id.text, signal, receivers, processors, exporters }
  }

  private shaped<T>(field: Field<T>, path: Path): T | undefined {
    const decoded = decode(field, locate(this.root, path, ROOT).node, { path, place: ROOT }, new Report())
    return decoded.ok ? decoded.value : undefined
  }

  private signal(key: string, id: ComponentId | string, path: Path): Signal | undefined {
    const type = typeof id === 'string' ? key : id.type
    const signal = SIGNALS.find((name) => name === type)
    if (signal !== undefined && typeof id !== 'string') return signal
    const unknown = `"${type}" is no signal${suggestion(type, SIGNALS, 'a pipeline is one of')}`
    this.report.problem('bad_pipeline_id', this.place(path), path, typeof id === 'string' ? id : unknown)
    return undefined
  }

  private none(code: 'no_receiver' | 'no_exporter', section: 'receivers' | 'exporters', path: Path): void {
    const [first = '…'] = this.components[section].named.keys()
    const message = `the pipeline has no ${section}; add for example "${section}: [${first}]"`
    this.report.problem(code, this.place(path), path, message)
  }

  /** The ids, without the white space around them. */
  private references(section: Section, ids: readonly string[], path: Path, signal: Signal | undefined): string[] {
    const seen = new Set<string>()
    return ids.map((written, index) => {
      const parsed = parseComponentId(written)
      const id = typeof parsed === 'string' ? written : parsed.text
      const where = [...path, index]
      if (seen.has(id))
        this.report.problem('duplicate_reference', this.place(where), where, `${this.name(where)} is named twice here`)
      else this.reference(section, id, where, signal)
      seen.add(id)
      return id
    })
  }

  private reference(section: Section, id: string, path: Path, signal: Signal | undefined): void {
    const { named, factories, readable } = this.components[section]
    this.used[section].add(id)
    if (readable && !named.has(id)) this.notConfigured(section, id, path)
    const factory = factories.get(id)
    if (signal === undefined || factory === undefined || !('signals' in factory) || factory.signals.includes(signal))
      return
    const handles = factory.signals.join(' and ')
    const message = `the ${factory.kind} ${this.name(path)} handles ${handles}, not ${signal}; remove it from this pipeline`
    this.report.problem('wrong_signal', this.place(path), path, message)
  }

  private notConfigured(section: Section, id: string, path: Path): void {
    const kind = section.slice(0, -1)
    const node = locate(this.root, path, ROOT).node
    const near = node?.origin === undefined ? nearest(id, this.components[section].named.keys()) : undefined
    const advice = near === undefined ? `add it under "${section}"` : `did you mean "${near}"?`
    const message = `references the ${kind} ${this.name(path)}, which is not configured; ${advice}`
    this.report.problem('not_configured', this.place(path), path, message)
  }

  /** Only of a configuration that is good so far: a pipeline with a mistake in it may well mean to use it. */
  private warnOfUnused(): void {
    if (this.report.problems.length > 0) return
    for (const section of ['receivers', 'processors', 'exporters', 'extensions'] as const) {
      for (const [id, place] of this.components[section].named) {
        if (this.used[section].has(id)) continue
        const by = section === 'extensions' ? 'service.extensions does not name it' : 'no pipeline names it'
        this.report.warning('unused_component', place, [section, id], `configured, but ${by}, so it is not started`)
      }
    }
  }

  private name(path: Path): string {
    const node: Node = locate(this.root, path, ROOT).node ?? scalarNode(null, ROOT)
    return describe(ID, node)
  }

  private place(path: Path): Place {
    return locate(this.root, path, this.root.place).place
  }
}

const ROOT: Place = { source: '', line: 1, column: 1 }
const ID = string({ doc: '' })
