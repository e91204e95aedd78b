import { jsonSchema } from '../pipeline/config/json-schema.ts'
import { type Command, DONE, parsePlainArgs } from './config-args.ts'

const USAGE = `tokenfuse schema

Prints one JSON Schema for the whole configuration file, for completion and checks in editors.
`

export function schema(command: Command): number {
  const parsed = parsePlainArgs(command, USAGE)
  if (parsed.kind === 'exit') return parsed.code
  command.io.stdout(`${JSON.stringify(jsonSchema(command.factories), null, 2)}\n`)
  return DONE
}
