import type { Result } from './suite.ts'

/** The results as a page of the documentation. */
export function reportOf(results: readonly Result[]): string {
  const count = (status: Result['status']): number => results.filter((r) => r.status === status).length
  const rows = results.map(
    ({ number, status, title, reason }) =>
      `| ${number} | ${status} | ${title}${reason === undefined ? '' : ` — ${reason.replaceAll(/\s+/g, ' ')}`} |`,
  )
  return `# OTLP conformance

Written by \`npm run conformance -- --report docs/internals/conformance.md\`: the built sidecar as a process of its own, a
backend behind it, and 50 checks from outside. What each of them does: [test/conformance/otlp](../../test/conformance/otlp/README.md).

${count('pass')} passed, ${count('fail')} failed, ${count('skip')} skipped, of ${results.length}.

| number | | what must hold |
| -----: | ---- | -------------- |
${rows.join('\n')}
`
}
