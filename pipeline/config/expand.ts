import type { ConfigIo } from './io.ts'
import { type Entry, type MapNode, type Node, type ScalarNode, scalarNode, stepOf } from './located.ts'
import { lookUp } from './lookup.ts'
import { DEPTH_MAX, readYaml } from './read-yaml.ts'
import { type Path, type Place, Report } from './report.ts'
import { type Part, parseTemplate, type Reference } from './template.ts'

/** Substitutions in one configuration. */
const LOOKUPS_MAX = 10_000
/** Substitutions inside substitutions, counted together with the lists and maps around them. */
const NESTED_MAX = 2 * DEPTH_MAX
/** Characters of one string after substitution. */
const TEXT_MAX = 1024 * 1024
/** Values in one configuration, aliases counted as often as they are used. */
const NODES_MAX = 200_000

interface Context {
  readonly path: Path
  readonly depth: number
  /** Where the surrounding text came from; stays with everything inside it. */
  readonly origin: string | undefined
  /** Of its own in a trial run, whose findings concern nobody. */
  readonly report: Report
}

/**
 * Replaces every `${…}` in the values of a configuration. A value that is nothing but one `${…}` becomes whatever YAML
 * its text is; inside a longer string the text is put in as it is. What substitutions bring is substituted again.
 */
export function expand(node: Node, io: ConfigIo, report: Report): Node {
  return new Expander(io, report).node(node, { path: [], depth: 0, origin: undefined, report })
}

class Expander {
  private readonly io: ConfigIo
  private readonly report: Report
  private readonly warned = new Set<string>()
  private lookups = 0
  private nodes = 0
  private exhausted = false

  constructor(io: ConfigIo, report: Report) {
    this.io = io
    this.report = report
  }

  node(node: Node, context: Context): Node {
    if (this.exhausted) return broken(node.place)
    if (context.depth > NESTED_MAX) return this.tooMuch(node.place, context, TOO_DEEP)
    if (++this.nodes > NODES_MAX) return this.tooMuch(node.place, context, `over ${NODES_MAX} values`)
    if (node.kind === 'map') return this.map(node, context)
    if (node.kind === 'list') {
      return { ...node, items: node.items.map((item, index) => this.node(item, below(context, index))) }
    }
    if (typeof node.value !== 'string' || !node.value.includes('$')) return node
    return this.string(node.value, node.place, { ...context, origin: node.origin ?? context.origin })
  }

  private map(node: MapNode, context: Context): MapNode {
    const entries = new Map<string, Entry>()
    for (const [key, entry] of node.entries) {
      const inner = below(context, stepOf(node, key))
      if (key.includes('${')) {
        context.report.warning('unexpanded_key', entry.place, inner.path, 'keys are not substituted, only values are')
      }
      entries.set(key, { place: entry.place, value: this.node(entry.value, inner) })
    }
    return { ...node, entries }
  }

  private string(text: string, place: Place, context: Context): Node {
    const parts = parseTemplate(text)
    const [only] = parts
    if (parts.length === 1 && typeof only === 'object') return this.whole(only, place, context)
    return this.inline(parts, place, context)
  }

  /** Every part as text, one behind the other. */
  private inline(parts: readonly Part[], place: Place, context: Context): ScalarNode {
    let text = ''
    let origin = context.origin
    for (const part of parts) {
      const node = typeof part === 'string' ? scalarNode(part, place) : this.whole(part, place, context)
      if (node.broken === true) return broken(place)
      text += node.raw ?? (node.kind === 'scalar' ? node.text : '')
      origin ??= node.origin
      if (text.length > TEXT_MAX) return this.tooMuch(place, context, `a text of over ${TEXT_MAX} characters`)
    }
    return scalarNode(text, place, { origin })
  }

  /** One `${…}` by itself. */
  private whole(reference: Reference, place: Place, context: Context): Node {
    if (this.exhausted) return broken(place)
    const inner = { ...context, depth: context.depth + 1 }
    if (inner.depth > NESTED_MAX) return this.tooMuch(place, context, TOO_DEEP)
    if (++this.lookups > LOOKUPS_MAX) return this.tooMuch(place, context, `over ${LOOKUPS_MAX} substitutions`)
    const uri = this.inline(reference.parts, place, inner)
    if (uri.broken === true) return uri
    const found = lookUp(uri.text, this.io)
    // When the name itself came out of a substitution it is not repeated: it may be part of a secret.
    const outer = uri.origin
    if (found.kind === 'problem') {
      const message = outer === undefined ? found.message : `a substitution in ${outer} cannot be resolved`
      context.report.problem(found.code, place, context.path, message)
      return broken(place)
    }
    if (found.kind === 'unset') return unset(found.name, outer, place, context)
    if (found.text.length > TEXT_MAX) return this.tooMuch(place, context, `a text of over ${TEXT_MAX} characters`)
    const origin = outer ?? found.origin
    // A default is as the user wrote it, and what stood in it is already substituted.
    if (found.origin === undefined) return literal(found.text, place, origin, context)
    this.warnOfDollars(found.text, found.origin, place, { ...context, origin })
    if (found.file !== undefined) return this.file(found.text, found.file, place, { ...inner, origin })
    return this.typed(found.text, place, { ...inner, origin })
  }

  /** The text of a variable or a default, as the YAML value that it is. */
  private typed(text: string, place: Place, context: Context): Node {
    const trial = new Report()
    const node = readYaml(text, { source: place.source, fixed: place, origin: context.origin }, trial)
    // Text that is no YAML, or a YAML string, is taken as it stands: quotes, comment signs and all.
    if (node === undefined || isText(node)) return this.string(text, place, context)
    forward(trial, context)
    return { ...this.node(node, context), raw: this.raw(text, place, context) }
  }

  /** The text of a file: what it holds keeps the places that it has there, but for a file that holds one word. */
  private file(content: string, name: string, place: Place, context: Context): Node {
    const text = content.replace(/\r?\n$/, '')
    const trial = new Report()
    const node = readYaml(content, { source: name }, trial)
    if (node === undefined || isText(node)) {
      const [why] = trial.problems
      const note = why === undefined ? '' : ` (line ${why.place.line} of it: ${why.message})`
      return this.string(text, place, { ...context, origin: `${context.origin}${note}` })
    }
    if (node.kind === 'scalar') return { ...node, place, origin: context.origin, raw: text }
    this.report.source(name)
    forward(trial, context)
    return { ...this.node(node, { ...context, origin: undefined }), raw: this.raw(text, place, context) }
  }

  /** What a string field makes of a value of another type: its text, with substitutions. */
  private raw(text: string, place: Place, context: Context): string | undefined {
    const node = this.inline(parseTemplate(text), place, { ...context, report: new Report() })
    return node.broken === true ? undefined : node.text
  }

  /** A password with `$$` in it would otherwise change without a word. */
  private warnOfDollars(text: string, from: string, place: Place, context: Context): void {
    if (!text.includes('$$') || this.warned.has(from)) return
    this.warned.add(from)
    const message = `${context.origin} contains "$$", which reads as one "$", as in the OpenTelemetry Collector; double each "$"`
    context.report.warning('escaped_dollar', place, context.path, message)
  }

  /** Says so once: after the first limit everything else would only repeat it. */
  private tooMuch(place: Place, context: Context, what: string): ScalarNode {
    if (!this.exhausted) {
      const message = `too much to substitute: ${what}; does something refer to itself?`
      this.report.problem('substitution_limit', place, context.path, message)
    }
    this.exhausted = true
    return broken(place)
  }
}

const TOO_DEEP = `nested over ${NESTED_MAX} deep`

const below = (context: Context, step: string | number): Context => ({
  ...context,
  path: [...context.path, step],
  depth: context.depth + 1,
})

const broken = (place: Place): ScalarNode => scalarNode(null, place, { broken: true })

const isText = (node: Node): boolean => node.kind === 'scalar' && typeof node.value === 'string'

function unset(name: string, outer: string | undefined, place: Place, context: Context): ScalarNode {
  const advice = `set it, or give a default: \${env:${name}:-…}`
  const named = `the environment variable ${name} is not set, so its value is empty; ${advice}`
  const message = outer === undefined ? named : `${outer} refers to a variable that is not set, so its value is empty`
  context.report.warning('unset_variable', place, context.path, message)
  return scalarNode(null, place, { unset: true })
}

/** A default as the YAML value that it is; the empty one is an empty string, so that it can be told from "not set". */
function literal(text: string, place: Place, origin: string | undefined, context: Context): Node {
  const trial = new Report()
  const node = text === '' ? undefined : readYaml(text, { source: place.source, fixed: place, origin }, trial)
  if (node === undefined || isText(node)) return scalarNode(text, place, { origin })
  forward(trial, context)
  return { ...node, raw: text }
}

function forward(trial: Report, context: Context): void {
  for (const problem of trial.problems) context.report.problems.push(problem)
  for (const warning of trial.warnings) context.report.warnings.push(warning)
}
