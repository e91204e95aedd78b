import { DONE, FAILED } from './config-args.ts'
import {
  actorOf,
  CONTROL_USAGE,
  type ControlClient,
  type ControlCommand,
  parseControlArgs,
  parseScope,
  printable,
  scopeText,
  wrongUsage,
} from './control-client.ts'

const USAGE = `tokenfuse resume KILL_ID ... | TAG=VALUE [TAG=VALUE ...] | --all

Lifts kills: those with these ids, or those whose tags are exactly these, or with --all the kill of everything.
What a budget stopped goes on only when its limit is raised as well.

  --all              the kill of everything; other kills stay
${CONTROL_USAGE}`

const OPTIONS = { all: { type: 'boolean' } } as const

type Scope = Readonly<Record<string, unknown>>

export async function resume(command: ControlCommand): Promise<number> {
  const { io } = command
  const parsed = parseControlArgs(command, USAGE, OPTIONS)
  if (parsed.kind === 'exit') return parsed.code
  const words = parsed.positionals
  if ((words.length === 0) !== parsed.flag('all')) {
    return wrongUsage(io, words.length === 0 ? 'say which kill to lift' : 'either kills or --all, not both', USAGE).code
  }
  const areIds = words.length > 0 && words.every((word) => !word.includes('='))
  const scope = areIds ? {} : parsed.flag('all') ? { all: 'true' } : parseScope(words)
  if (typeof scope === 'string') return wrongUsage(io, scope, USAGE).code
  const ids = areIds ? words : await findIds(parsed.client, scope)
  if (typeof ids === 'string') {
    io.stderr(`tokenfuse resume: ${ids}\n`)
    return FAILED
  }
  return lift(command, parsed.client, ids, parsed.json)
}

/** Ids of the kills of exactly this scope; a sentence when there are none. */
async function findIds(client: ControlClient, scope: Scope): Promise<readonly string[] | string> {
  const answer = await client.ask('GET', '/v1/kills?limit=1000')
  if (!answer.ok) return answer.why
  const kills = answer.body['kills'] as readonly { readonly id: string; readonly scope: Scope }[]
  const ids = kills.filter((kill) => isSame(kill.scope, scope)).map(({ id }) => id)
  return ids.length > 0 ? ids : `no kill of exactly ${scopeText(scope)} is in force; "tokenfuse status" shows what is`
}

function isSame(a: Scope, b: Scope): boolean {
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key])
}

async function lift(
  { io }: ControlCommand,
  client: ControlClient,
  ids: readonly string[],
  json: boolean,
): Promise<number> {
  let code: number = DONE
  for (const id of ids) {
    const query = new URLSearchParams({ actor: actorOf(io) }).toString()
    const answer = await client.ask('DELETE', `/v1/kill/${encodeURIComponent(id)}?${query}`)
    if (!answer.ok) {
      io.stderr(`tokenfuse resume: ${answer.why}\n`)
      code = FAILED
    } else io.stdout(json ? `${JSON.stringify(answer.body)}\n` : text(answer.body))
  }
  return code
}

function text(body: Readonly<Record<string, unknown>>): string {
  const { scope } = body['resumed'] as { readonly scope: object }
  const now = body['now'] as { readonly verdict: string; readonly reason: string; readonly budget: string | null }
  if (now.verdict !== 'kill') return `${scopeText(scope)} may go on\n`
  const way = now.budget === null ? '' : `; raise its limit with PUT /v1/budgets/${printable(now.budget)}/override`
  return `lifted, but ${scopeText(scope)} is still stopped: ${printable(now.reason)}${way}\n`
}
