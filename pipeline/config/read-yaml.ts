import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  type YAMLError,
  type YAMLMap,
} from 'yaml'
import type { Entry, MapNode, Node, Scalar } from './located.ts'
import type { Place, Report } from './report.ts'
import { yamlAdvice } from './yaml-errors.ts'

export const TEXT_MAX = 4 * 1024 * 1024
/** Values in one source, aliases counted as often as they are used: what a nested-alias bomb runs into. */
const NODES_MAX = 100_000
export const DEPTH_MAX = 100
const ERRORS_MAX = 10

export interface YamlSource {
  readonly source: string
  /** For text that has no lines of its own, such as an environment variable: the place of everything in it. */
  readonly fixed?: Place | undefined
  readonly origin?: string | undefined
}

/** Reads YAML 1.2; problems go to the report, and then undefined is returned. Empty text is null. */
export function readYaml(text: string, source: YamlSource, report: Report): Node | undefined {
  const start = source.fixed ?? { source: source.source, line: 1, column: 1 }
  if (text.length > TEXT_MAX) {
    report.problem('too_large', start, [], `over ${TEXT_MAX / 1024 / 1024} MiB of text; is this a configuration?`)
    return undefined
  }
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true, uniqueKeys: false })
  const placeAt = (offset: number): Place => {
    if (source.fixed !== undefined) return source.fixed
    const { line, col } = lines.linePos(offset)
    return { source: source.source, line: Math.max(1, line), column: Math.max(1, col) }
  }
  for (const error of worthTelling(document.errors, (e) => placeAt(e.pos[0]).line)) {
    report.problem('yaml_syntax', placeAt(error.pos[0]), [], yamlAdvice(error, text))
  }
  if (document.errors.length > 0) return undefined
  for (const warning of document.warnings.slice(0, ERRORS_MAX)) {
    const message = 'a YAML tag or directive that is not known is ignored; remove it or put the value in quotes'
    report.warning('yaml_tag', placeAt(warning.pos[0]), [], message)
  }
  const reader = new Reader(placeAt, source.origin, report)
  return reader.read(document.contents, start)
}

/** One mistake makes the parser stumble on: what follows on the same line, or fits nowhere, says nothing new. */
function worthTelling(errors: readonly YAMLError[], lineOf: (error: YAMLError) => number): YAMLError[] {
  const told = new Map<number, YAMLError>()
  for (const error of errors.toSorted((a, b) => a.pos[0] - b.pos[0])) {
    const echo = told.size > 0 && (error.code === 'UNEXPECTED_TOKEN' || error.code === 'BAD_INDENT')
    const line = lineOf(error)
    if (!echo && !told.has(line)) told.set(line, error)
  }
  return [...told.values()].slice(0, ERRORS_MAX)
}

/** What an anchor stands for; undefined node: we are still inside it. */
interface Anchored {
  node: Node | undefined
  size: number
  depth: number
}

class Reader {
  private readonly placeAt: (offset: number) => Place
  private readonly origin: string | undefined
  private readonly report: Report
  private readonly anchors = new Map<string, Anchored>()
  private size = 0
  private deepest = 0
  private failed = false

  constructor(placeAt: (offset: number) => Place, origin: string | undefined, report: Report) {
    this.placeAt = placeAt
    this.origin = origin
    this.report = report
  }

  read(contents: unknown, start: Place): Node | undefined {
    const node = this.node(contents, start, 0)
    return this.failed ? undefined : node
  }

  private node(yaml: unknown, fallback: Place, depth: number): Node {
    const place = hasRange(yaml) ? this.placeAt(yaml.range[0]) : fallback
    this.count(1, depth, place)
    if (this.failed) return this.scalar(null, '', place)
    if (isAlias(yaml)) return this.alias(yaml.source, place, depth)
    const anchor = isScalar(yaml) || isMap(yaml) || isSeq(yaml) ? yaml.anchor : undefined
    if (anchor === undefined) return this.value(yaml, place, depth)
    return this.anchored(anchor, () => this.value(yaml, place, depth), depth)
  }

  private value(yaml: unknown, place: Place, depth: number): Node {
    if (isMap(yaml)) return this.map(yaml, place, depth)
    if (isSeq(yaml)) {
      const items = yaml.items.map((item) => this.node(item, place, depth + 1))
      return { kind: 'list', items, place, origin: this.origin }
    }
    if (!isScalar(yaml)) return this.scalar(null, '', place)
    const value = scalarOf(yaml.value)
    return this.scalar(value, yaml.source ?? String(value ?? ''), place)
  }

  private scalar(value: Scalar, text: string, place: Place): Node {
    return { kind: 'scalar', value, text, place, origin: this.origin }
  }

  private anchored(name: string, read: () => Node, depth: number): Node {
    const entry: Anchored = { node: undefined, size: this.size, depth: 0 }
    this.anchors.set(name, entry)
    const outer = this.deepest
    this.deepest = depth
    entry.node = read()
    entry.size = this.size - entry.size + 1
    entry.depth = this.deepest - depth
    this.deepest = Math.max(outer, this.deepest)
    return entry.node
  }

  private alias(name: string, place: Place, depth: number): Node {
    const target = this.anchors.get(name)
    if (target?.node === undefined) {
      const why = target === undefined ? 'no anchor (&) of that name stands before it' : 'it would contain itself'
      this.fail('yaml_alias', place, `this alias cannot be resolved: ${why}; put the value in quotes if it is not one`)
      return this.scalar(null, '', place)
    }
    this.count(target.size, depth + target.depth, place)
    return target.node
  }

  private map(yaml: YAMLMap, place: Place, depth: number): MapNode {
    const own = new Map<string, Entry>()
    const merged = new Map<string, Entry>()
    for (const pair of yaml.items) {
      if (isMergeKey(pair)) this.mergeInto(merged, pair, place, depth)
      else this.entryInto(own, pair, place, depth)
    }
    // What the map says itself wins over what it merges in, wherever the `<<` stands.
    const entries = new Map([...merged, ...own])
    return { kind: 'map', entries, place, origin: this.origin }
  }

  private entryInto(entries: Map<string, Entry>, pair: Pair, mapPlace: Place, depth: number): void {
    const place = hasRange(pair.key) ? this.placeAt(pair.key.range[0]) : mapPlace
    const value = this.node(pair.value, place, depth + 1)
    const key = this.key(pair.key)
    const before = key === undefined ? undefined : entries.get(key)
    if (key === undefined) {
      this.fail('bad_key', place, 'a key must be a word or a string; is something missing before the ":"?')
    } else if (before !== undefined) {
      const which = this.origin === undefined ? `the key "${key}"` : `a key in ${this.origin}`
      const first = `${before.place.line}:${before.place.column}`
      this.fail('duplicate_key', place, `${which} was given before, at ${first}; remove one of the two`)
    } else {
      entries.set(key, { place, value })
    }
  }

  private key(yaml: unknown): string | undefined {
    if (isAlias(yaml)) {
      const target = this.anchors.get(yaml.source)?.node
      return target?.kind === 'scalar' ? target.text : undefined
    }
    if (!isScalar(yaml)) return undefined
    if (yaml.anchor !== undefined) this.node(yaml, this.placeAt(yaml.range?.[0] ?? 0), 0)
    const text = yaml.source ?? String(yaml.value ?? '')
    return text === '' && yaml.type === 'PLAIN' ? undefined : text
  }

  private mergeInto(entries: Map<string, Entry>, pair: Pair, mapPlace: Place, depth: number): void {
    const place = hasRange(pair.key) ? this.placeAt(pair.key.range[0]) : mapPlace
    const value = this.node(pair.value, place, depth)
    for (const map of value.kind === 'list' ? value.items : [value]) {
      if (map.kind !== 'map') {
        if (!this.failed)
          this.fail('yaml_alias', place, '"<<" merges maps; give it an alias of a map, or a list of them')
        continue
      }
      for (const [key, entry] of map.entries) if (!entries.has(key)) entries.set(key, entry)
    }
  }

  private count(nodes: number, depth: number, place: Place): void {
    this.size += nodes
    this.deepest = Math.max(this.deepest, depth)
    if (this.failed) return
    if (this.size > NODES_MAX) {
      this.fail('too_large', place, `over ${NODES_MAX} values, aliases counted as often as they are used`)
    } else if (depth > DEPTH_MAX) {
      this.fail('too_large', place, `lists and maps are nested over ${DEPTH_MAX} deep`)
    }
  }

  private fail(code: 'yaml_alias' | 'bad_key' | 'duplicate_key' | 'too_large', place: Place, message: string): void {
    // A duplicate key alone leaves the rest readable, so that the user learns of everything at once.
    if (code !== 'duplicate_key') this.failed = true
    this.report.problem(code, place, [], message)
  }
}

const isMergeKey = (pair: Pair): boolean => isScalar(pair.key) && typeof pair.key.value === 'symbol'

function hasRange(yaml: unknown): yaml is { range: [number, number, number] } {
  return typeof yaml === 'object' && yaml !== null && 'range' in yaml && Array.isArray(yaml.range)
}

function scalarOf(value: unknown): Scalar {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  return value === null || value === undefined ? null : String(value)
}
