import { loadConfig } from '../pipeline/config/service.ts'
import { CONFIG_USAGE, type Command, DONE, parseConfigArgs, printProblems, WRONG_USAGE } from './config-args.ts'

const USAGE = `tokenfuse validate --config SOURCE [--config …] [--set PATH=VALUE …]

Checks a configuration without starting anything. Exits with 0 when it is good, with 2 when it is not.

${CONFIG_USAGE}`

export function validate(command: Command): number {
  const { factories, io } = command
  const parsed = parseConfigArgs(command, USAGE, {})
  if (parsed.kind === 'exit') return parsed.code
  const loaded = loadConfig(parsed.sources, factories, io)
  printProblems(io, loaded.warnings, 'warning: ')
  if (!loaded.ok) {
    printProblems(io, loaded.problems)
    return WRONG_USAGE
  }
  const { pipelines, receivers, processors, exporters, extensions } = loaded.config
  const counts = [
    count(pipelines.length, 'pipeline'),
    count(receivers.size, 'receiver'),
    count(processors.size, 'processor'),
    count(exporters.size, 'exporter'),
    count(extensions.size, 'extension'),
  ]
  io.stdout(`The configuration is good: ${counts.join(', ')}.\n`)
  return DONE
}

const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`
