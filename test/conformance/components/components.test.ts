import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { components } from '../../../cmd/components.ts'
import type { AnyFactory, Component, Consumers } from '../../../pipeline/component.ts'
import { loadConfig } from '../../../pipeline/config/service.ts'
import type { Configured, ServiceConfig } from '../../../pipeline/config/service-config.ts'
import type { Field } from '../../../pipeline/config/spec.ts'
import { Hosts } from '../../../pipeline/hosts.ts'
import { createLogger } from '../../../pipeline/runtime/logger.ts'
import { manualClock } from '../../../pipeline/runtime/manual-clock.ts'
import { HEALTH, MEMORY } from '../../../pipeline/services.ts'

/** What every component in the list must keep, whatever it does. Adding one to the list is enough to have it checked. */

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tokenfuse-conformance-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

/** The least that a component needs to be told; everything else has a default. Ports are free ones. */
const LEAST: Readonly<Record<string, () => object>> = {
  otlp: () => ({ protocols: { grpc: { endpoint: '127.0.0.1:0' }, http: { endpoint: '127.0.0.1:0' } } }),
  llm_proxy: () => ({ endpoint: '127.0.0.1:0' }),
  otlp_http: () => ({ endpoint: 'http://127.0.0.1:9' }),
  otlp_grpc: () => ({ endpoint: '127.0.0.1:9', tls: { insecure: true } }),
  file: () => ({ path: join(directory, 'out.jsonl') }),
  warehouse: () => ({ directory: join(directory, 'warehouse') }),
  prometheus: () => ({ endpoint: '127.0.0.1:0' }),
  kill_switch: () => ({ endpoint: '127.0.0.1:0' }),
  health_check: () => ({ endpoint: '127.0.0.1:0' }),
}

/** A configuration with this one component in it, beside what it cannot do without. */
function configured(factory: AnyFactory): { config: ServiceConfig; entry: Configured } {
  const settings = LEAST[factory.type]?.() ?? {}
  const sections: Record<string, Record<string, object | null>> = {
    receivers: { otlp: LEAST['otlp']?.() ?? {} },
    exporters: { debug: {} },
    extensions: { ledger: {} },
    processors: {},
  }
  const section = sections[`${factory.kind}s`] ?? {}
  section[factory.type] = settings
  const text = JSON.stringify({
    ...sections,
    service: {
      data_directory: directory,
      extensions: Object.keys(sections['extensions'] ?? {}),
      pipelines: { traces: { receivers: ['otlp'], exporters: ['debug'] } },
    },
  })
  const loaded = loadConfig({ configs: [`yaml:${text}`], sets: [] }, components, { readFile: () => '', env: {} })
  if (!loaded.ok) throw new Error(loaded.problems.map((p) => p.message).join('\n'))
  const entry = loaded.config[`${factory.kind}s`].get(factory.type)
  if (entry === undefined) throw new Error(`${factory.type} was not configured`)
  return { config: loaded.config, entry }
}

function hosts(config: ServiceConfig): Hosts {
  const clock = manualClock()
  const all = new Hosts(
    {
      clock,
      random: () => 0.5,
      log: createLogger({ level: 'error', encoding: 'console', clock, write: () => {} }),
      memory: { rss: () => 0, limit: 1 },
    },
    directory,
  )
  all.provide(MEMORY, { rss: () => 0, limit: 1 })
  all.provide(HEALTH, { ready: () => true, state: () => 'ready', detail: () => ({}) })
  const ledger = config.extensions.get('ledger')
  ledger?.factory.create(ledger.config, all.of('ledger'))
  return all
}

const nothing: Consumers = Object.fromEntries(
  ['traces', 'logs', 'metrics'].map((signal) => [
    signal,
    { admit: () => undefined, consume: () => ({ kind: 'accepted' as const }) },
  ]),
)

function create(factory: AnyFactory): Component {
  const { config, entry } = configured(factory)
  if (factory.kind === 'extension' && factory.type === 'ledger')
    return factory.create(
      entry.config,
      new Hosts(
        {
          clock: manualClock(),
          random: () => 0.5,
          log: createLogger({ level: 'error', encoding: 'console', clock: manualClock(), write: () => {} }),
          memory: { rss: () => 0, limit: 1 },
        },
        directory,
      ).of('ledger'),
    )
  const host = hosts(config).of(factory.type)
  return factory.kind === 'receiver' ? factory.create(entry.config, host, nothing) : factory.create(entry.config, host)
}

const named = components.map((factory) => [`${factory.kind} ${factory.type}`, factory] as const)

function docsOf(field: Field<unknown>, path: string): [string, string][] {
  const inner = Object.entries(field.fields ?? {}).flatMap(([key, child]) => docsOf(child, `${path}.${key}`))
  return [[path, field.options.doc], ...inner, ...(field.item === undefined ? [] : docsOf(field.item, `${path}[]`))]
}

test.each(named)('%s: named, described, every key documented in sentences', (_name, factory) => {
  expect(factory.type).toMatch(/^[a-z][a-z0-9_]*$/)
  expect(factory.summary).toMatch(/^[A-Z].*\.$/)
  const undocumented = docsOf(factory.config, factory.type).filter(([, doc]) => doc.length < 8)
  expect(undocumented).toEqual([])
})

test.each(named)('%s: shutdown is safe before start, and twice', async (_name, factory) => {
  const component = create(factory)
  await component.shutdown()
  await component.shutdown()
})

test.each(named)('%s: starts, and stops twice', async (_name, factory) => {
  const component = create(factory)
  await component.start()
  await component.shutdown()
  await component.shutdown()
})

test('types and aliases are unique within their kind', () => {
  const names = components.flatMap((f) => [f.type, ...(f.aliases ?? [])].map((name) => `${f.kind} ${name}`))
  expect(new Set(names).size).toBe(names.length)
})
