import type { Dialect } from './dialect.ts'
import { DIALECTS } from './table.ts'

/** The table of dialects as a Markdown page; pure, so that the page can be checked against the table. */
export function dialectsPage(): string {
  const recorded = DIALECTS.filter(({ evidence }) => evidence === 'recorded').length
  return `# Dialects

How each instrumentation is recognised and read. The first row whose scope fits is taken; where no scope does, the first one
of whose markers stands on the span. Generated from \`genai/dialects/table.ts\`.

- **input** says whether the input total contains cache reads and writes (\`inclusive\`) or leaves them out (\`exclusive\`);
  \`by proof\` means that the numbers themselves, what the scope has proven before, and the provider's own habit decide.
  Numbers that contradict a row win over it.
- **reasoning** says whether hidden reasoning tokens are a part of the output total.
- **evidence**: \`recorded\` rows are checked against what the real library emits (${recorded} of ${DIALECTS.length}), \`documented\`
  ones follow its source or documentation.

${table([
  ['dialect', 'recognised by', 'input', 'reasoning', 'billed from', 'evidence'],
  ...DIALECTS.map((d) => [`\`${d.id}\``, recognisedBy(d), conventionOf(d), reasoningOf(d), billedFrom(d), d.evidence]),
])}
## Versions, limits, sources

${DIALECTS.map(notesOf).join('\n')}
`
}

const code = (text: string): string => `\`${text}\``
const list = (texts: readonly string[]): string => texts.map(code).join(', ')

function recognisedBy(d: Dialect): string {
  const parts: string[] = []
  if (d.scopes.length > 0) parts.push(`scope ${list(d.scopes)}`)
  if (d.services !== undefined) parts.push(`service ${list(d.services)}`)
  if (d.markers.length > 0) parts.push(`${d.needsMarker === true ? 'and' : 'or'} attribute ${list(d.markers)}`)
  return parts.join('; ').replace(/^or /, '')
}

function conventionOf({ input }: Dialect): string {
  if (input === undefined) return 'by proof'
  const entries = Object.entries(input)
  if (entries.length === 1 && entries[0]?.[0] === '*') return entries[0][1]
  const rest = input['*']
  return [
    ...entries.filter(([provider]) => provider !== '*').map(([provider, convention]) => `${provider}: ${convention}`),
    `others: ${rest ?? 'by proof'}`,
  ].join('; ')
}

function reasoningOf({ reasoningOutside }: Dialect): string {
  if (reasoningOutside === undefined) return 'in output'
  return reasoningOutside === true ? 'beside output' : `beside output for ${reasoningOutside.join(', ')}`
}

const ROLLUPS: Readonly<Record<NonNullable<Dialect['rollups']>, string>> = {
  grace: '',
  bill: ', agent spans',
  never: ', never agent spans',
}

const billedFrom = (d: Dialect): string =>
  `${d.record === 'logs' ? `log events ${list(d.events ?? [])}` : 'spans'}${ROLLUPS[d.rollups ?? 'grace']}`

const RUNS_OVER: Readonly<Record<NonNullable<Dialect['cumulative']>, string>> = {
  parent: 'Its calls report the running total of all calls below the same span; what it grew by is billed.',
  trace: 'Its calls report the running total of their trace; what it grew by is billed.',
  conversation: 'Its calls report the running total of their conversation; what it grew by is billed.',
}

function notesOf(d: Dialect): string {
  const notes = [
    d.versions === undefined ? undefined : `Versions: ${d.versions}.`,
    d.cumulative === undefined ? undefined : RUNS_OVER[d.cumulative],
    d.limits === undefined ? undefined : d.limits,
    (d.blobs ?? []).length === 0 ? undefined : `Also read: ${list((d.blobs ?? []).map(({ key }) => key))}.`,
    `Source: ${d.source}.`,
  ]
  return `- **${d.id}** — ${notes.filter((note) => note !== undefined).join(' ')}`
}

const table = (rows: readonly (readonly string[])[]): string =>
  rows.map((row, i) => `| ${row.join(' | ')} |\n${i === 0 ? `|${row.map(() => ' --- ').join('|')}|\n` : ''}`).join('')
