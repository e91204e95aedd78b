import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { components } from '../cmd/components.ts'
import { dialectsPage } from '../genai/dialects/page.ts'
import { CODES } from '../pipeline/config/codes.ts'
import { jsonSchema } from '../pipeline/config/json-schema.ts'
import { componentPage } from '../pipeline/config/markdown.ts'
import { coverageTable } from '../processors/gen_ai_usage/testing/coverage.ts'
import { root } from './steps.ts'

/** Every file that is made from the code, by path; test/generated.test.ts compares them with what is checked in. */
export function generatedFiles(): ReadonlyMap<string, string> {
  const files = new Map<string, string>()
  files.set('config.schema.json', `${JSON.stringify(jsonSchema(components), null, 1)}\n`)
  for (const factory of components)
    files.set(`docs/reference/${factory.kind}s/${factory.type}.md`, componentPage(factory))
  files.set('docs/reference/README.md', index())
  files.set('docs/reference/errors.md', errors())
  files.set('docs/reference/dialects.md', dialectsPage())
  const readme = 'processors/gen_ai_usage/README.md'
  files.set(readme, withSection(readFileSync(join(root, readme), 'utf8'), 'coverage', coverageTable()))
  return files
}

function index(): string {
  const rows = components.map(
    ({ kind, type, stability, summary }) => `| ${kind} | [${type}](${kind}s/${type}.md) | ${stability} | ${summary} |`,
  )
  return `# Reference\n\nMade by \`npm run docs\` from the components themselves.\n\n| kind | type | stability | what it does |\n|---|---|---|---|\n${rows.join('\n')}\n\nWhat instrumentations write and how it is read: [dialects.md](dialects.md). Problems in a configuration: [errors.md](errors.md).\n`
}

function errors(): string {
  const rows = Object.entries(CODES).map(([code, text]) => `| \`${code}\` | ${text} |`)
  return `# Configuration problems\n\nEach is printed as \`file:line:column path: what, and what to do [code]\`; the command then exits with 2.\n\n| code | what |\n|---|---|\n${rows.join('\n')}\n`
}

/** A text that a person wrote, with what stands between its marks written anew. */
function withSection(text: string, name: string, section: string): string {
  const [before, , after] = text.split(`<!-- ${name} -->\n`)
  if (before === undefined || after === undefined) throw new Error(`no section ${name} between two marks`)
  return [before, `\n${section}\n`, after].join(`<!-- ${name} -->\n`)
}
