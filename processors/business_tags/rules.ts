import { type AttributeKey, attributeKey, encodedString } from '../../otlp/attributes.ts'
import type { Config } from './config.ts'
import { ATTRIBUTE, BUILT_IN, BUILT_IN_NAMES } from './sources.ts'

const RESOURCE_PREFIX = 'resource.'
/** Encoded values kept per tag; beyond it the memory starts anew. */
const ENCODED_MAX = 2048

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
  /** True for tags with few distinct values, whose encoded form is worth keeping. */
  readonly repeats: boolean
  /** The attribute with a value in it, ready to be added. */
  encoded(value: string): Uint8Array
}

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
  const known = new Map<string, Uint8Array>()
  return {
    name,
    attribute: attributeKey(attribute),
    fixed: tag?.value,
    fallback: tag?.default,
    spanKeys: from.filter((key) => !key.startsWith(RESOURCE_PREFIX)),
    resourceKeys: from.map((key) => (key.startsWith(RESOURCE_PREFIX) ? key.slice(RESOURCE_PREFIX.length) : key)),
    repeats: name !== 'run',
    encoded(value) {
      let bytes = known.get(value)
      if (bytes === undefined) {
        if (known.size >= ENCODED_MAX) known.clear()
        bytes = encodedString(attribute, value)
        known.set(value, bytes)
      }
      return bytes
    },
  }
}
