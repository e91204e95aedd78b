export interface Campaign {
  readonly first: number
  readonly last: number
  readonly minutes: number
  readonly seeds: number
  /** How often, by kind of input and what became of it. */
  readonly counts: ReadonlyMap<string, number>
  readonly sent: Readonly<Record<'http' | 'grpc' | 'odd', number>>
  /** Of the sidecar, at the end. */
  readonly residentMib: number
  /** What broke an invariant. */
  readonly found: readonly string[]
}

/** A campaign as a page of the documentation. */
export function reportOf({ first, last, minutes, seeds, counts, sent, residentMib, found }: Campaign): string {
  const rows = [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([what, times]) => `| ${what} | ${times} |`)
  const total = [...counts.values()].reduce((sum, n) => sum + n, 0)
  return `# Fuzzing

Written by \`npm run fuzz -- --minutes ${Math.round(minutes)} --report docs/internals/fuzz.md\`. What is made and what must hold:
[test/fuzz](../../test/fuzz/README.md).

${total.toLocaleString('en')} inputs, numbers ${first} to ${last}, in ${minutes.toFixed(1)} minutes from ${seeds} payloads. To the process: ${sent.http.toLocaleString('en')}
requests over HTTP, ${sent.grpc.toLocaleString('en')} over gRPC, ${sent.odd.toLocaleString('en')} broken on the way; it had ${residentMib.toFixed(0)} MiB resident at the end.

Found: ${found.length === 0 ? 'nothing.' : ''}
${found.map((line) => `- ${line.split('\n')[0]}`).join('\n')}

| input, signal, outcome | times |
| ---------------------- | ----: |
${rows.join('\n')}
`
}
