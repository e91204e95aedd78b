import { BLOB_BYTES_MAX } from './blobs.ts'
import { FLAG, FLAGS, flagNames } from './flags.ts'
import { OPERATIONS } from './operations.ts'
import { dialectsPage } from './page.ts'
import { canonicalProvider, vendorOfModel } from './providers.ts'
import { DIALECTS } from './table.ts'
import { VOCABULARIES } from './vocabularies.ts'

test('every row can be read: known vocabulary, roles that mean something, an id of its own, a source', () => {
  const problems: string[] = []
  const ids = new Set<string>()
  for (const d of DIALECTS) {
    if (ids.has(d.id)) problems.push(`${d.id}: twice`)
    ids.add(d.id)
    if (d.vocabulary !== undefined && !VOCABULARIES.some(({ id }) => id === d.vocabulary))
      problems.push(`${d.id}: vocabulary ${d.vocabulary}`)
    for (const [name, operation] of Object.entries(d.roles ?? {}))
      if (!OPERATIONS.has(operation)) problems.push(`${d.id}: role ${name} is ${operation}`)
    if (d.scopes.length + d.markers.length + (d.services ?? []).length === 0) problems.push(`${d.id}: never recognised`)
    if (d.needsMarker === true && d.markers.length === 0) problems.push(`${d.id}: needs a marker and has none`)
    if (d.record === 'logs' && (d.events ?? []).length === 0) problems.push(`${d.id}: billed from events and has none`)
    if (d.source === '') problems.push(`${d.id}: no source`)
  }
  expect(problems).toEqual([])
  // Markers are told apart in seven bits.
  expect(DIALECTS.length).toBeLessThan(127)
  expect(FLAGS.length).toBeLessThan(31)
})

test('no scope is claimed by a general row before the special one behind it', () => {
  const fits = (pattern: string, scope: string) =>
    pattern.endsWith('*') ? scope.startsWith(pattern.slice(0, -1)) : scope === pattern
  const shadowed: string[] = []
  const plain = DIALECTS.filter((d) => d.needsMarker !== true)
  for (const [i, d] of plain.entries()) {
    for (const scope of d.scopes) {
      const exact = scope.replace(/\*$/, '')
      const first = plain.findIndex((other) => other.scopes.some((pattern) => fits(pattern, exact)))
      if (first < i) shadowed.push(`${d.id}: ${scope} goes to ${plain[first]?.id}`)
    }
  }
  expect(shadowed).toEqual([])
})

test('providers by any name, and vendors by the name of their models', () => {
  const check = (reported: string, want: string) => expect(canonicalProvider(reported)).toBe(want)
  check('anthropic.messages', 'anthropic')
  check('openai.responses', 'openai')
  check('google.generative-ai', 'gcp.gemini')
  check('google.vertex.chat', 'gcp.vertex_ai')
  check('amazon-bedrock', 'aws.bedrock')
  check('azure-openai.chat', 'azure.ai.openai')
  check('azure.ai.inference', 'azure.ai.inference')
  check('AWS.Bedrock', 'aws.bedrock')
  check('strands-agents', '')
  const vendor = (model: string, want: string) => expect(vendorOfModel(model)).toBe(want)
  vendor('us.anthropic.claude-sonnet-4-5-v1:0', 'aws.bedrock')
  vendor('claude-sonnet-4-5', 'anthropic')
  vendor('openai/gpt-5', 'openai')
  vendor('o3-mini', 'openai')
  vendor('models/gemini-2.5-pro', 'gcp.gemini')
  vendor('my-finetune', '')
})

test('flags are one shared array per combination, in the order of the table', () => {
  const mask = FLAG.output_missing | FLAG.clamped
  expect(flagNames(mask)).toEqual(['clamped', 'output_missing'])
  expect(flagNames(mask)).toBe(flagNames(mask))
})

test('the page has a row and a note for every dialect', () => {
  const page = dialectsPage()
  for (const { id } of DIALECTS) {
    expect(page).toContain(`| \`${id}\` |`)
    expect(page).toContain(`- **${id}** — `)
  }
  expect(page).not.toContain('undefined')
  expect(BLOB_BYTES_MAX).toBe(65_536)
})
