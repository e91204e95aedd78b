import { printConfig as print } from '../pipeline/config/redact.ts'
import { loadConfig } from '../pipeline/config/service.ts'
import { CONFIG_USAGE, type Command, DONE, parseConfigArgs, printProblems, WRONG_USAGE } from './config-args.ts'

const USAGE = `tokenfuse print-config --config SOURCE [--config …] [--set PATH=VALUE …] [--mode MODE] [--format FORMAT]

Prints the configuration as it takes effect: merged, substituted, with all defaults.

${CONFIG_USAGE}  --mode MODE       redacted (secrets are not shown; the default) or unredacted
  --format FORMAT   yaml (the default) or json
`

export function printConfig(command: Command): number {
  const { factories, io } = command
  const parsed = parseConfigArgs(command, USAGE, { mode: ['redacted', 'unredacted'], format: ['yaml', 'json'] })
  if (parsed.kind === 'exit') return parsed.code
  const loaded = loadConfig(parsed.sources, factories, io)
  printProblems(io, loaded.warnings, 'warning: ')
  if (!loaded.ok) {
    printProblems(io, loaded.problems)
    return WRONG_USAGE
  }
  io.stdout(print(loaded.config, parsed.chosen.mode, parsed.chosen.format))
  return DONE
}
