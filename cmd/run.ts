import { totalmem } from 'node:os'
import { loadConfig } from '../pipeline/config/service.ts'
import type { ServiceConfig } from '../pipeline/config/service-config.ts'
import type { Edges } from '../pipeline/hosts.ts'
import { systemClock } from '../pipeline/runtime/clock.ts'
import { createLogger } from '../pipeline/runtime/logger.ts'
import { buildService, type Service } from '../pipeline/service.ts'
import { components } from './components.ts'
import {
  CONFIG_USAGE,
  type CommandIo,
  DONE,
  FAILED,
  parseConfigArgs,
  printProblems,
  WRONG_USAGE,
} from './config-args.ts'

const USAGE = `tokenfuse run --config SOURCE [--config …] [--set PATH=VALUE …] [--verbose]

Runs the sidecar until it is told to stop (SIGTERM or SIGINT). What it accepted is then delivered, or on disk.

${CONFIG_USAGE}  --verbose         tells how long the start took and how much memory is in use
`

/** What shutdown may take to deliver what is queued; Kubernetes kills after 30 s unless told otherwise. */
const DRAIN_MS = 5000
const MIB = 1024 * 1024

export async function run(args: readonly string[], io: CommandIo): Promise<number> {
  const verbose = args.includes('--verbose')
  const parsed = parseConfigArgs({ args: args.filter((a) => a !== '--verbose'), factories: components, io }, USAGE, {})
  if (parsed.kind === 'exit') return parsed.code
  const loaded = loadConfig(parsed.sources, components, io)
  printProblems(io, loaded.warnings, 'warning: ')
  if (!loaded.ok) {
    printProblems(io, loaded.problems)
    return WRONG_USAGE
  }
  const { config } = loaded
  const edges = edgesOf(config, io)
  let service: Service
  try {
    service = buildService(config, edges, { drainMs: DRAIN_MS })
    await service.start()
  } catch (error) {
    io.stderr(`tokenfuse: could not start: ${error instanceof Error ? error.message : String(error)}\n`)
    return FAILED
  }
  io.stdout(`tokenfuse is ready\n${listeners(config)}`)
  if (verbose)
    io.stdout(
      `  ready after ${Math.round(performance.now())} ms, ${Math.round(process.memoryUsage.rss() / MIB)} MiB resident\n`,
    )
  // Something must wait, or Node would leave as soon as no socket is open: before a signal, and while the queue drains.
  const alive = setInterval(() => {}, 1 << 30)
  const signal = await untilStopped()
  io.stderr(`tokenfuse: ${signal}, stopping\n`)
  await service.shutdown()
  clearInterval(alive)
  return DONE
}

function edgesOf(config: ServiceConfig, io: CommandIo): Edges {
  const { level, encoding } = config.service.telemetry.logs
  const constrained = process.constrainedMemory()
  return {
    clock: systemClock,
    random: Math.random,
    log: createLogger({ level, encoding, clock: systemClock, write: io.stderr }),
    memory: {
      rss: () => process.memoryUsage.rss(),
      // Without a limit of the container the system says 0, or more than there is.
      limit: constrained > 0 && constrained < totalmem() ? constrained : totalmem(),
    },
  }
}

/** Nothing but a signal ends a running sidecar; a second one ends it without waiting. */
function untilStopped(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let asked = false
    const stop = (signal: NodeJS.Signals): void => {
      if (asked) process.exit(FAILED)
      asked = true
      resolve(signal)
    }
    process.on('SIGTERM', stop)
    process.on('SIGINT', stop)
  })
}

/** Every address that some component was told to listen on, found by the key that all of them use. */
function listeners(config: ServiceConfig): string {
  const found: [string, string][] = []
  const visit = (id: string, path: string, value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    for (const [key, inner] of Object.entries(value)) {
      if (key === 'endpoint' && typeof inner === 'string' && /^[^/]*:\d+$/.test(inner))
        found.push([`${id}${path}`, inner])
      else visit(id, ` ${key}`, inner)
    }
  }
  const running = new Set([
    ...config.service.extensions,
    ...config.pipelines.flatMap((p) => [...p.receivers, ...p.exporters]),
  ])
  for (const kind of ['receivers', 'exporters', 'extensions'] as const) {
    for (const [id, { config: settings }] of config[kind]) if (running.has(id)) visit(id, '', settings)
  }
  const { level, endpoint } = config.service.telemetry.metrics
  if (level !== 'none') found.push(['own metrics', endpoint])
  const width = Math.max(0, ...found.map(([name]) => name.length))
  return found.map(([name, address]) => `  ${name.padEnd(width)}  ${address}\n`).join('')
}
