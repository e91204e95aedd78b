import { DONE, FAILED } from './config-args.ts'
import {
  actorOf,
  CONTROL_USAGE,
  type ControlCommand,
  parseControlArgs,
  parseScope,
  scopeText,
  wrongUsage,
} from './control-client.ts'

const USAGE = `tokenfuse kill TAG=VALUE [TAG=VALUE ...] | --all

Refuses every further model call with all of these tags, and cuts their streams, until it is lifted.

  tokenfuse kill run=4f2a9c                 one run
  tokenfuse kill agent=triage --ttl 2h      an agent, for two hours
  tokenfuse kill --all --reason "incident"  everything

  --all              everything
  --reason TEXT      why; shown to whoever is refused
  --ttl DURATION     how long, e.g. 90s, 2h, 7d (default: until lifted with "tokenfuse resume")
${CONTROL_USAGE}`

const OPTIONS = { all: { type: 'boolean' }, reason: { type: 'string' }, ttl: { type: 'string' } } as const

export async function kill(command: ControlCommand): Promise<number> {
  const { io } = command
  const parsed = parseControlArgs(command, USAGE, OPTIONS)
  if (parsed.kind === 'exit') return parsed.code
  const scope = parseScope(parsed.positionals)
  if (typeof scope === 'string') return wrongUsage(io, scope, USAGE).code
  const isEmpty = Object.keys(scope).length === 0
  if (isEmpty !== parsed.flag('all')) {
    return wrongUsage(io, isEmpty ? 'say whom to stop, or --all' : 'either tags or --all, not both', USAGE).code
  }
  const reason = parsed.option('reason')
  const ttl = parsed.option('ttl')
  const answer = await parsed.client.ask('POST', '/v1/kill', {
    scope: isEmpty ? { all: true } : scope,
    actor: actorOf(io),
    ...(reason === undefined ? {} : { reason }),
    ...(ttl === undefined ? {} : { ttl }),
  })
  if (!answer.ok) {
    io.stderr(`tokenfuse kill: ${answer.why}\n`)
    return FAILED
  }
  const { kill: made, created } = answer.body as {
    kill: { id: string; scope: object; until: string | null }
    created: boolean
  }
  const until = made.until === null ? 'until it is lifted' : `until ${made.until}`
  const words = created ? 'stopped' : 'already stopped:'
  if (parsed.json) io.stdout(`${JSON.stringify(answer.body, null, 2)}\n`)
  else io.stdout(`${words} ${scopeText(made.scope)} ${until}\nlift with: tokenfuse resume ${made.id}\n`)
  return DONE
}
