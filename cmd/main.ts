import { readFileSync } from 'node:fs'
import { type CommandIo, FAILED, WRONG_USAGE } from './config-args.ts'
import { putHelpersBehind } from './helping-threads.ts'
import { keepHeapSmall } from './small-heap.ts'

type Run = (args: readonly string[], io: CommandIo) => Promise<number> | number

interface SubCommand {
  readonly summary: string
  load(): Promise<Run>
}

/** Loaded only when asked for: `tokenfuse price` need not read what `tokenfuse run` needs. */
const COMMANDS: Readonly<Record<string, SubCommand>> = {
  run: {
    summary: 'runs the sidecar',
    load: async () => {
      keepHeapSmall()
      putHelpersBehind()
      return (await import('./run.ts')).run
    },
  },
  validate: {
    summary: 'checks a configuration without starting anything',
    load: async () => {
      const [{ validate }, { components }] = await Promise.all([import('./validate.ts'), import('./components.ts')])
      return (args, io) => validate({ args, factories: components, io })
    },
  },
  'print-config': {
    summary: 'prints the configuration as it would be used',
    load: async () => {
      const [{ printConfig }, { components }] = await Promise.all([
        import('./print-config.ts'),
        import('./components.ts'),
      ])
      return (args, io) => printConfig({ args, factories: components, io })
    },
  },
  components: {
    summary: 'lists the components of this build',
    load: async () => {
      const [{ listComponents }, { components }] = await Promise.all([
        import('./components-list.ts'),
        import('./components.ts'),
      ])
      return (args, io) => listComponents({ args, factories: components, io })
    },
  },
  schema: {
    summary: 'prints the JSON schema of the configuration file',
    load: async () => {
      const [{ schema }, { components }] = await Promise.all([import('./schema.ts'), import('./components.ts')])
      return (args, io) => schema({ args, factories: components, io })
    },
  },
  price: {
    summary: 'prices usage: JSON lines in, JSON lines out',
    load: async () => {
      const { price } = await import('./price.ts')
      return (args, io) => price({ args, io: { ...io, stdin: process.stdin } })
    },
  },
  prices: {
    summary: 'looks into price books, checks price files, re-prices calls',
    load: async () => {
      const { prices } = await import('./prices.ts')
      return (args, io) => prices({ args, io })
    },
  },
  report: {
    summary: 'reports spend from the warehouse',
    load: async () => {
      const { report } = await import('./report.ts')
      return (args, io) => report({ args, io })
    },
  },
  replay: {
    summary: 'runs captured telemetry through the processors again',
    load: async () => {
      const [{ replay }, { components }] = await Promise.all([import('./replay.ts'), import('./components.ts')])
      return (args, io) => replay({ args, factories: components, io })
    },
  },
  status: {
    summary: 'shows budgets and kills of a running sidecar',
    load: async () => {
      const { status } = await import('./status.ts')
      return (args, io) => status({ args, io })
    },
  },
  kill: {
    summary: 'stops a run, an agent, or everything',
    load: async () => {
      const { kill } = await import('./kill.ts')
      return (args, io) => kill({ args, io })
    },
  },
  resume: {
    summary: 'lifts a kill',
    load: async () => {
      const { resume } = await import('./resume.ts')
      return (args, io) => resume({ args, io })
    },
  },
}

const usage = (): string =>
  `tokenfuse <command> [options]\n\n${Object.entries(COMMANDS)
    .map(([name, { summary }]) => `  ${name.padEnd(14)}${summary}\n`)
    .join('')}\nEach command explains itself with --help.\n`

async function main(argv: readonly string[]): Promise<number> {
  const io: CommandIo = {
    readFile: (path) => readFileSync(path, 'utf8'),
    env: process.env,
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
  }
  const [name = '', ...args] = argv
  if (name === '' || name === 'help' || name === '--help' || name === '-h') {
    io.stdout(usage())
    return name === '' ? WRONG_USAGE : 0
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (command === undefined) {
    io.stderr(`tokenfuse: no command "${name}"\n\n${usage()}`)
    return WRONG_USAGE
  }
  try {
    const run = await command.load()
    return await run(args, io)
  } catch (error) {
    io.stderr(`tokenfuse ${name}: ${error instanceof Error ? error.message : String(error)}\n`)
    return FAILED
  }
}

// `tokenfuse price … | head`: whoever reads has seen enough, and nothing is wrong.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : FAILED))

process.exitCode = await main(process.argv.slice(2))
