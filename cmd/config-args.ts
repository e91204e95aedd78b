import { parseArgs } from 'node:util'
import type { AnyFactory } from '../pipeline/component.ts'
import type { ConfigIo } from '../pipeline/config/io.ts'
import { formatProblem, type Problem } from '../pipeline/config/report.ts'
import type { Sources } from '../pipeline/config/sources.ts'

/** What a sub-command gets of the outside. */
export interface CommandIo extends ConfigIo {
  stdout(text: string): void
  stderr(text: string): void
}

export interface Command {
  /** What stands behind the name of the sub-command. */
  readonly args: readonly string[]
  readonly factories: readonly AnyFactory[]
  readonly io: CommandIo
}

export const DONE = 0
export const FAILED = 1
export const WRONG_USAGE = 2

/** Options of a sub-command besides `--config`, `--set` and `--help`: their permitted values, the default first. */
export type Choices = Readonly<Record<string, readonly [string, ...string[]]>>

export type ParsedArgs<C extends Choices> =
  | { readonly kind: 'run'; readonly sources: Sources; readonly chosen: { readonly [K in keyof C]: C[K][number] } }
  | { readonly kind: 'exit'; readonly code: number }

export const CONFIG_USAGE = `  --config SOURCE   file name, file:PATH, env:NAME or yaml:TEXT; may be repeated, later ones win
  --set PATH=VALUE  one value, e.g. service.telemetry.logs.level=debug; wins over all --config
`

/** Parses `--config` and `--set`, as all sub-commands that read a configuration take them. Prints what is wrong. */
export function parseConfigArgs<const C extends Choices>(command: Command, usage: string, choices: C): ParsedArgs<C> {
  const parsed = parse(command, usage, choices, { config: true })
  if (parsed.kind === 'exit' || parsed.sources.configs.length > 0) return parsed
  command.io.stderr(`no configuration: add --config FILE\n\n${usage}`)
  return { kind: 'exit', code: WRONG_USAGE }
}

/** For sub-commands without a configuration. */
export function parsePlainArgs(command: Command, usage: string): ParsedArgs<Record<never, never>> {
  return parse(command, usage, {}, { config: false })
}

function parse<const C extends Choices>(
  { args, io }: Command,
  usage: string,
  choices: C,
  { config }: { readonly config: boolean },
): ParsedArgs<C> {
  const wrong = (message: string): ParsedArgs<C> => {
    io.stderr(`${message}\n\n${usage}`)
    return { kind: 'exit', code: WRONG_USAGE }
  }
  const values = tryParse(args, Object.keys(choices), config)
  if (typeof values === 'string') return wrong(values)
  if (values.help) {
    io.stdout(usage)
    return { kind: 'exit', code: DONE }
  }
  const chosen: Record<string, string> = {}
  for (const [name, permitted] of Object.entries(choices)) {
    const value = values.chosen[name] ?? permitted[0]
    if (!permitted.includes(value)) return wrong(`--${name} must be one of ${permitted.join(', ')}`)
    chosen[name] = value
  }
  // Each value was just found in the list that its type is made of.
  const typed = chosen as { readonly [K in keyof C]: C[K][number] }
  return { kind: 'run', sources: values.sources, chosen: typed }
}

interface Values {
  readonly help: boolean
  readonly sources: Sources
  readonly chosen: Readonly<Record<string, string>>
}

/** The values, or the message of node's parser, which says what to do. */
function tryParse(args: readonly string[], names: readonly string[], config: boolean): Values | string {
  const strings = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]))
  const lists = { config: { type: 'string', multiple: true }, set: { type: 'string', multiple: true } } as const
  try {
    const options = { ...strings, ...(config ? lists : {}), help: { type: 'boolean', short: 'h' } } as const
    const { values } = parseArgs({ args: [...args], options, strict: true, allowPositionals: false })
    const texts = (name: string): string[] =>
      [values[name as keyof typeof values]].flat().filter((v) => typeof v === 'string')
    const chosen = Object.fromEntries(names.flatMap((name) => texts(name).map((text) => [name, text])))
    return { help: values.help === true, sources: { configs: texts('config'), sets: texts('set') }, chosen }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const SHOWN_MAX = 100

/** One line each, on stderr. */
export function printProblems(io: CommandIo, problems: readonly Problem[], prefix = ''): void {
  for (const problem of problems.slice(0, SHOWN_MAX)) io.stderr(`${prefix}${formatProblem(problem)}\n`)
  if (problems.length > SHOWN_MAX) io.stderr(`${prefix}… and ${problems.length - SHOWN_MAX} more\n`)
}
