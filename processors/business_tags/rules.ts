import { type AttributeKey, attributeKey } from '../../otlp/attributes.ts'
import type { Config } from './config.ts'
import { ATTRIBUTE, BUILT_IN, BUILT_IN_NAMES } from './sources.ts'

const RESOURCE_PREFIX = 'resource.'

/** How one tag gets its value. */
export interface TagRule {
  readonly name: string
  readonly attribute: AttributeKey
  readonly fixed: string | undefined
  readonly fallback: string | undefined
  /** Keys asked on the span, best first. */
  readonly spanKeys: readonly string[]
  /** Keys asked on the resource: those of the span again, and those of the resource only, in the order written. */
  readonly resourceKeys: readonly string[]
}

/** The run's rule comes first, the agent's second; at most 32 rules, because sets of them are kept as bits. */
export function rulesOf(settings: Config): readonly TagRule[] {
  const builtIn = BUILT_IN_NAMES.map((name) => rule(name, ATTRIBUTE[name], settings.tags[name], BUILT_IN[name]))
  const own = Object.entries(settings.tags)
    .filter(([name]) => !(name in BUILT_IN))
    .map(([name, tag]) => rule(name, `tokenfuse.tag.${name}`, tag, []))
  return [...builtIn, ...own]
}

function rule(
  name: string,
  attribute: string,
  tag: Config['tags'][string] | undefined,
  defaults: readonly string[],
): TagRule {
  const from = tag === undefined || tag.from.length === 0 ? defaults : tag.from
  return {
    name,
    attribute: attributeKey(attribute),
    fixed: tag?.value,
    fallback: tag?.default,
    spanKeys: from.filter((key) => !key.startsWith(RESOURCE_PREFIX)),
    resourceKeys: from.map((key) => (key.startsWith(RESOURCE_PREFIX) ? key.slice(RESOURCE_PREFIX.length) : key)),
  }
}
