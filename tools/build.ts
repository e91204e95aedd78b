/**
 * Bundles the command into dist/: one file to load at start instead of some hundred, and what is only loaded when it is
 * configured (gRPC, Parquet) in files of its own.
 *
 *   node tools/build.ts [--if-stale]
 */
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'

const root = join(import.meta.dirname, '..')
const SOURCES = [
  'cmd',
  'pipeline',
  'otlp',
  'genai',
  'pricing',
  'receivers',
  'processors',
  'exporters',
  'extensions',
  'package.json',
  'tools/build.ts',
]
/** Programs of their own: the command, and what runs in worker threads. */
const ENTRIES: Readonly<Record<string, string>> = {
  tokenfuse: 'cmd/main.ts',
  'warehouse-worker': 'exporters/warehouse/worker.ts',
}

function newest(path: string): number {
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.mtimeMs
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))))
}

const target = join(root, 'dist', 'tokenfuse.mjs')
const sourceTime = Math.max(...SOURCES.map((path) => newest(join(root, path))))
if (process.argv.includes('--if-stale') && existsSync(target) && statSync(target).mtimeMs > sourceTime) process.exit(0)

const load = (path: string): string => `process.getBuiltinModule(${path})`
/**
 * Not even at start, but with the first use of something in them: HTTP/2, TLS and cryptography take some 8 MB together,
 * and many sidecars on loopback use none. Never for what is used on the hot path, since every use asks.
 */
const ON_FIRST_USE = new Set([
  'node:http2',
  'node:tls',
  'node:https',
  'node:crypto',
  'node:child_process',
  'node:worker_threads',
])
/** The bundler looks names up on an object with this one's prototype, and asks once whether it is an ES module. */
const lazy = (path: string): string =>
  `module.exports = Object.create(new Proxy({}, { get: (_, name) => name === '__esModule' ? undefined : ${load(path)}[name] }))`

/**
 * Node's own modules are asked for at run time instead of imported: importing one makes Node read every property that it
 * exports, and reading `WebSocket` of node:http alone loads a second HTTP client, for 40 ms and 8 MB.
 */
const builtinsOnDemand: Plugin = {
  name: 'builtins-on-demand',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path, kind }) =>
      kind === 'import-statement' ? { path, namespace: 'builtin' } : undefined,
    )
    onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: ON_FIRST_USE.has(path) ? lazy(JSON.stringify(path)) : `module.exports = ${load(JSON.stringify(path))}`,
      loader: 'js',
    }))
  },
}

/**
 * The price book's texts stand in files beside the bundle and are read when a provider's prices are asked for: inside of it
 * they would be held twice, as source and as texts, by every sidecar for prices that it never looks up.
 */
const bookOnDemand: Plugin = {
  name: 'book-on-demand',
  setup({ onLoad }) {
    onLoad({ filter: /pricing[/\\]book[/\\]\w+\.ts$/ }, async ({ path }) => {
      if (path.endsWith('index.ts')) return undefined
      const texts = (await import(pathToFileURL(path).href)) as Readonly<Record<string, string>>
      mkdirSync(join(root, 'dist', 'book'), { recursive: true })
      const declared = Object.entries(texts).map(([name, text]) => {
        writeFileSync(join(root, 'dist', 'book', `${name}.json`), text)
        return `export const ${name} = { toString: () => readText('${name}') }`
      })
      return { contents: [READ_TEXT, ...declared].join('\n'), loader: 'js' }
    })
  },
}
/** A text is where a string is expected, and is turned into one by whoever parses it. */
const READ_TEXT = `
const readText = (name) => process.getBuiltinModule('node:fs').readFileSync(
  new URL((import.meta.url.includes('/chunks/') ? '../book/' : './book/') + name + '.json', import.meta.url), 'utf8')`

rmSync(join(root, 'dist'), { recursive: true, force: true })
await build({
  absWorkingDir: root,
  entryPoints: Object.entries(ENTRIES)
    .filter(([, source]) => existsSync(join(root, source)))
    .map(([name, source]) => ({ in: source, out: name })),
  outdir: 'dist',
  outExtension: { '.js': '.mjs' },
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'warning',
  plugins: [builtinsOnDemand, bookOnDemand],
  // Packages in CommonJS ask for `require`, which an ES module does not have.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
})
process.stderr.write('built dist/tokenfuse.mjs\n')
