import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

/** The house rules that a machine can check. Each failure names file, line and rule. */
const root = join(import.meta.dirname, '..')
const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
const files = listed.split('\n').filter((f) => f !== '' && existsSync(join(root, f)))
const text = (file: string): string => readFileSync(join(root, file), 'utf8')
const isTest = (file: string): boolean => /\.test\.ts$|(^|\/)(testing|testdata)\/|^test\/|^bench\//.test(file)
const sources = files.filter(
  (f) =>
    f.endsWith('.ts') &&
    /^(cmd|pipeline|otlp|genai|pricing|receivers|processors|exporters|extensions)\//.test(f) &&
    !isTest(f),
)

const componentOf = (file: string): string | undefined =>
  /^((?:receivers|processors|exporters|extensions)\/[^/]+)\//.exec(file)?.[1]
const roomOf = (file: string): string => componentOf(file)?.split('/')[0] ?? file.split('/')[0] ?? ''

/** Which rooms a room may import from, besides its own folder. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  otlp: [],
  genai: [],
  pricing: ['genai'],
  pipeline: ['otlp', 'genai'],
  processors: ['pipeline', 'otlp', 'genai', 'pricing'],
  receivers: ['pipeline', 'otlp', 'genai', 'pricing'],
  exporters: ['pipeline', 'otlp', 'genai', 'pricing'],
  extensions: ['pipeline', 'otlp', 'genai', 'pricing'],
  cmd: ['pipeline', 'otlp', 'genai', 'pricing', 'receivers', 'processors', 'exporters', 'extensions', 'cmd'],
}
const IO_MODULES = /^node:(fs|net|http|https|http2|tls|dgram|child_process|worker_threads|cluster|dns|sqlite|inspector)/
const NO_IO = ['otlp', 'genai', 'pricing', 'processors']

function importsOf(file: string): { readonly line: number; readonly target: string }[] {
  return text(file)
    .split('\n')
    .flatMap((line, i) => {
      const target = /(?:^import\s|^export\s.*\sfrom\s|^}\s*from\s|\sfrom\s|import\()\s*['"]([^'"]+)['"]/.exec(
        line,
      )?.[1]
      return target === undefined ? [] : [{ line: i + 1, target }]
    })
}

/** All violations of a rule at once, so that one run shows the whole list. */
const none = (violations: readonly string[]): void => expect(violations).toEqual([])

test('folders import downwards only, and no component imports a sibling', () => {
  const violations: string[] = []
  for (const file of sources) {
    for (const { line, target } of importsOf(file)) {
      if (!target.startsWith('.')) continue
      const imported = relative(root, join(root, dirname(file), target))
      const from = roomOf(file)
      const to = roomOf(imported)
      const say = (why: string) => violations.push(`${file}:${line} imports ${imported}: ${why}`)
      if (
        componentOf(imported) !== undefined &&
        componentOf(imported) !== componentOf(file) &&
        file !== 'cmd/components.ts'
      ) {
        if (from !== 'cmd') say('components are only imported by cmd/components.ts')
      } else if (from !== to && !(MAY_IMPORT[from] ?? []).includes(to)) say(`${from} may not import ${to}`)
      if (!target.endsWith('.ts') && !target.endsWith('.json')) say('relative imports end in .ts')
    }
  }
  none(violations)
})

test('pure folders and processors do no I/O', () => {
  const violations = sources
    .filter((file) => NO_IO.includes(roomOf(file)))
    .flatMap((file) =>
      importsOf(file)
        .filter(({ target }) => IO_MODULES.test(target))
        .map(({ line, target }) => `${file}:${line} imports ${target}`),
    )
  none(violations)
})

test('time, chance, environment and exit are arguments', () => {
  const ambient =
    /\b(Date\.now\(|Math\.random\(|setTimeout\(|setInterval\(|process\.env\b|process\.exit\(|new Date\(\))/
  const allowed = (file: string): boolean => file.startsWith('cmd/') || file.startsWith('pipeline/runtime/')
  const violations = sources
    .filter((file) => !allowed(file))
    .flatMap((file) =>
      text(file)
        .split('\n')
        .flatMap((line, i) =>
          ambient.test(line.replace(/\/\/.*|^\s*\*.*/, '')) && !/\.(setTimeout|setInterval)\(/.test(line)
            ? [`${file}:${i + 1} ${line.trim()}`]
            : [],
        ),
    )
  none(violations)
})

test('every component folder has the same shape', () => {
  const violations: string[] = []
  for (const kind of ['receivers', 'processors', 'exporters', 'extensions']) {
    for (const name of readdirSync(join(root, kind))) {
      const folder = `${kind}/${name}`
      if (!statSync(join(root, folder)).isDirectory()) continue
      for (const file of ['index.ts', 'config.ts', `${name}.ts`, `${name}.test.ts`, 'README.md']) {
        if (!existsSync(join(root, folder, file))) violations.push(`${folder} has no ${file}`)
      }
      if (!/^[a-z][a-z0-9_]*$/.test(name)) violations.push(`${folder}: component types are lower_snake_case`)
    }
  }
  none(violations)
})

test('no file holds more than one idea: at most 400 lines', () => {
  none(
    sources
      .filter((file) => !file.includes('/book/'))
      .flatMap((file) => {
        const lines = text(file).split('\n').length
        return lines > 400 ? [`${file} has ${lines} lines`] : []
      }),
  )
})

test('types are not talked out of checking', () => {
  const banned = /(@ts-ignore|@ts-expect-error|@ts-nocheck|biome-ignore|eslint-disable)/
  none(
    files
      .filter((f) => f.endsWith('.ts') && f !== 'test/tidy.test.ts')
      .flatMap((file) =>
        text(file)
          .split('\n')
          .flatMap((line, i) => (banned.test(line) ? [`${file}:${i + 1} ${line.trim()}`] : [])),
      ),
  )
})

test('the repository speaks of the product alone', () => {
  const banned = /(\/work\/|\/root\/|\/home\/[a-z]+\/|\/farm\/|registry\.npmjs\.org|shared\/reference)/
  none(
    files
      .filter((f) => f !== 'test/tidy.test.ts' && !/\.(png|gz|bin|parquet|woff2?)$/.test(f))
      .flatMap((file) =>
        text(file)
          .split('\n')
          .flatMap((line, i) => (banned.test(line) ? [`${file}:${i + 1} ${line.trim().slice(0, 160)}`] : [])),
      ),
  )
})

test('no unfinished marks, no tests that are switched off, no blobs', () => {
  const marks = /\b(TODO|FIXME|XXX|HACK)\b/
  const off = /\b((it|test|describe)\.(skip|only|todo)\(|xit\(|xdescribe\()/
  const violations = files
    .filter((f) => f.endsWith('.ts') && f !== 'test/tidy.test.ts')
    .flatMap((file) =>
      text(file)
        .split('\n')
        .flatMap((line, i) => (marks.test(line) || off.test(line) ? [`${file}:${i + 1} ${line.trim()}`] : [])),
    )
  const big = files
    .filter((f) => f !== 'package-lock.json' && statSync(join(root, f)).size > 600_000)
    .map((f) => `${f} is over 600 kB`)
  none([...violations, ...big])
})
