import { components } from '../cmd/components.ts'
import { dialectsPage } from '../genai/dialects/page.ts'
import { CODES } from '../pipeline/config/codes.ts'
import { jsonSchema } from '../pipeline/config/json-schema.ts'
import { componentPage } from '../pipeline/config/markdown.ts'

/** Every file that is made from the code, by path; test/generated.test.ts compares them with what is checked in. */
export function generatedFiles(): ReadonlyMap<string, string> {
  const files = new Map<string, string>()
  files.set('config.schema.json', `${JSON.stringify(jsonSchema(components), null, 1)}\n`)
  for (const factory of components)
    files.set(`docs/reference/${factory.kind}s/${factory.type}.md`, componentPage(factory))
  files.set('docs/reference/README.md', index())
  files.set('docs/reference/errors.md', errors())
  files.set('docs/reference/dialects.md', dialectsPage())
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
