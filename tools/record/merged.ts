type Json = Record<string, unknown>

/** Where each signal keeps its items. */
const SIGNALS = [
  { resources: 'resourceSpans', scopes: 'scopeSpans', items: 'spans' },
  { resources: 'resourceLogs', scopes: 'scopeLogs', items: 'logRecords' },
] as const

/** Prompts, tools and what they said: long, full of what the machine is like, and nothing that is read here. */
const PROSE =
  /system_instructions|tool\.definitions|description$|^ai\.(prompt|request\.headers|response\.text|toolCall\.result)|^output$|^http\.request\.header/

/**
 * What a program sent, as one request per signal, spans first; of it the items whose name fits and the spans above those.
 */
export function merged(requests: readonly object[], keeps: RegExp): object[] {
  return SIGNALS.flatMap(({ resources, scopes, items }) => {
    const all = requests.flatMap((request) => listOf(request, resources))
    const kept = withParents(
      all.flatMap((resource) => listOf(resource, scopes).flatMap((scope) => listOf(scope, items))),
      keeps,
    )
    const byScope = new Map<string, Json>()
    for (const resource of all) {
      for (const scope of listOf(resource, scopes)) {
        const mine = listOf(scope, items).filter((item) => kept.has(item))
        if (mine.length === 0) continue
        const key = JSON.stringify([resource['resource'], scope['scope']])
        const place = byScope.get(key) ?? {
          resource: ordered(resource['resource'] as Json),
          [scopes]: [{ scope: scope['scope'] }],
        }
        byScope.set(key, place)
        const [only] = listOf(place, scopes) as [Json]
        only[items] = [...listOf(only, items), ...mine.map(withoutProse)]
      }
    }
    for (const place of byScope.values()) {
      const [only] = listOf(place, scopes) as [Json]
      only[items] = listOf(only, items).toSorted((a, b) => Number(doneAt(a) - doneAt(b)))
    }
    return byScope.size === 0 ? [] : [{ [resources]: [...byScope.values()] }]
  })
}

const listOf = (json: object, key: string): Json[] => ((json as Json)[key] as Json[] | undefined) ?? []

/** Threads hand over what they end in any order. */
const doneAt = (item: Json): bigint => BigInt(String(item['endTimeUnixNano'] ?? item['timeUnixNano'] ?? 0))

/** Codex writes them in another order every time. */
const ordered = (resource: Json): Json => ({
  ...resource,
  attributes: listOf(resource, 'attributes').toSorted((a, b) => (String(a['key']) < String(b['key']) ? -1 : 1)),
})

const withoutProse = (item: Json): Json => ({
  ...item,
  attributes: listOf(item, 'attributes').filter(({ key }) => !PROSE.test(String(key))),
})

function withParents(items: readonly Json[], keeps: RegExp): Set<Json> {
  const byId = new Map(items.map((item) => [item['spanId'], item]))
  const kept = new Set<Json>()
  for (const item of items) {
    if (!keeps.test(nameOf(item))) continue
    kept.add(item)
    // A log record's `spanId` is the span it stands in.
    let above = byId.get(item['parentSpanId'])
    while (above !== undefined && !kept.has(above)) {
      kept.add(above)
      above = byId.get(above['parentSpanId'])
    }
  }
  return kept
}

/** A span's name, or an event's. */
function nameOf(item: Json): string {
  if (typeof item['name'] === 'string') return item['name']
  const named = listOf(item, 'attributes').find(({ key }) => key === 'event.name') as { value?: Json } | undefined
  return String(named?.value?.['stringValue'] ?? item['eventName'] ?? '')
}
