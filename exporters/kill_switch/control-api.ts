import { PICO_PER_NANO } from '../../genai/money.ts'
import type { Clock } from '../../pipeline/host.ts'
import type { Kill, Ledger, Nano, PriceReport } from '../../pipeline/services.ts'
import { BadRequest, invalid } from './bad-request.ts'
import type { Enforcer } from './enforcer.ts'
import { Fields, subjectFrom } from './fields.ts'
import type { Ask, Reply, Route } from './routes.ts'
import { auditView, budgetView, crossingView, decisionView, killView, pricesView } from './views.ts'

const KEY_MAX = 512
const LIST_MAX = 1_000
const LIST_DEFAULT = 200
const RESERVATION_MS = 120_000

const get = (path: string, answer: Route['answer']): Route => ({ method: 'GET', path, takesBody: false, answer })
const ok = (body: object, status = 200): Reply => ({ status, body })

/** What those who price calls say; nothing when there are none. */
export const pricesRoute = (reports: () => readonly PriceReport[], clock: Clock): Route =>
  get('/v1/prices', () => ok({ prices: reports().map((report) => pricesView(report, clock.now())) }))

/** The control API over a ledger, one function per route. Nothing in here knows HTTP. */
export function controlRoutes(ledger: Ledger, enforcer: Enforcer, clock: Clock): readonly Route[] {
  return [
    get('/v1/verdict', ({ query }) => ok(decisionView(ledger.check(subjectFrom(query, 'query')), ledger.epoch))),
    get('/v1/budgets', ({ query }) => listOf('budgets', ledger.budgets(), limitOf(query), budgetView)),
    get('/v1/kills', ({ query }) => listOf('kills', ledger.kills(), limitOf(query), killView)),
    get('/v1/audit', ({ query }) => ok({ entries: ledger.audit(limitOf(query)).map(auditView) })),
    { method: 'POST', path: '/v1/reserve', takesBody: true, answer: (ask) => reserve(ledger, ask) },
    { method: 'POST', path: '/v1/settle', takesBody: true, answer: (ask) => settle(ledger, enforcer, clock, ask) },
    {
      method: 'PUT',
      path: '/v1/budgets/{id}/override',
      takesBody: true,
      answer: (ask) => override(ledger, clock, ask),
    },
    { method: 'POST', path: '/v1/kill', takesBody: true, answer: (ask) => kill(ledger, enforcer, clock, ask) },
    { method: 'DELETE', path: '/v1/kill/{id}', takesBody: false, answer: (ask) => resume(ledger, ask) },
  ]
}

function limitOf(query: URLSearchParams): number {
  const text = query.get('limit')
  if (text === null) return LIST_DEFAULT
  const limit = /^\d{1,6}$/.test(text) ? Number(text) : 0
  if (limit < 1 || limit > LIST_MAX)
    throw invalid('"limit" is not a number from 1 to 1000', 'leave it out, or send limit=200')
  return limit
}

function listOf<T>(name: string, all: readonly T[], limit: number, view: (item: T) => object): Reply {
  return ok({ [name]: all.slice(0, limit).map(view), total: all.length })
}

const toNano = (pico: number | bigint): Nano => BigInt(pico) / BigInt(PICO_PER_NANO)

function reserve(ledger: Ledger, { body }: Ask): Reply {
  const fields = new Fields(body, ['subject', 'estimate_usd', 'ttl'])
  const { decision, id } = ledger.reserve(
    fields.subject(),
    toNano(fields.usd('estimate_usd')),
    fields.ttlMs() ?? RESERVATION_MS,
  )
  return ok({ ...decisionView(decision, ledger.epoch), reservation: id ?? null })
}

/** Gives the reservation back and counts what the call cost, in one step. */
function settle(ledger: Ledger, enforcer: Enforcer, clock: Clock, { body }: Ask): Reply {
  const fields = new Fields(body, ['key', 'subject', 'cost_usd', 'tokens', 'time', 'reservation'])
  const entry = {
    key: fields.text('key', KEY_MAX),
    subject: fields.subject(),
    pico: fields.usd('cost_usd'),
    tokens: fields.count('tokens'),
    timeMs: fields.timeMs('time') ?? clock.now(),
  }
  if (fields.has('reservation')) ledger.release(fields.text('reservation', KEY_MAX))
  const crossings = ledger.settle(entry)
  ledger.flush()
  for (const crossing of crossings) enforcer.crossed(crossing)
  return ok({ crossings: crossings.map(crossingView), ...decisionView(ledger.check(entry.subject), ledger.epoch) })
}

/** When it ends: `ttl` from now, or `expires`; undefined = never. */
function untilOf(fields: Fields, clock: Clock): number | undefined {
  const ttl = fields.ttlMs()
  const expires = fields.timeMs('expires')
  if (ttl !== undefined && expires !== undefined)
    throw invalid('both "ttl" and "expires" are given', 'send one of them')
  if (expires !== undefined && expires <= clock.now()) throw invalid('"expires" is in the past', 'send a time to come')
  return ttl === undefined ? expires : clock.now() + ttl
}

function override(ledger: Ledger, clock: Clock, { id, body }: Ask): Reply {
  const fields = new Fields(body, ['limit_usd', 'ttl', 'expires', 'actor'])
  const limit = toNano(fields.usd('limit_usd'))
  const until = untilOf(fields, clock)
  if (!ledger.override(id, limit, until, fields.actor())) {
    throw new BadRequest(
      404,
      'no_such_budget',
      `there is no budget "${id.slice(0, 64)}"`,
      'GET /v1/budgets shows what there is',
    )
  }
  return ok({
    budgets: ledger
      .budgets()
      .filter((status) => status.id === id)
      .slice(0, LIST_DEFAULT)
      .map(budgetView),
  })
}

function kill(ledger: Ledger, enforcer: Enforcer, clock: Clock, { body }: Ask): Reply {
  const fields = new Fields(body, ['scope', 'reason', 'ttl', 'expires', 'actor'])
  const order = {
    scope: fields.scope(),
    reason: fields.reason() || 'killed by hand',
    code: 'killed',
    actor: fields.actor(),
    untilMs: untilOf(fields, clock),
  }
  const standing = enforcer.standing(order)
  if (standing !== undefined) return ok({ kill: killView(standing), created: false })
  return ok({ kill: killView(ledger.kill(order)), created: true }, 201)
}

/** Also says whether a budget goes on to stop the same calls: a kill can be lifted, what was spent cannot. */
function resume(ledger: Ledger, { id, query }: Ask): Reply {
  const lifted: Kill | undefined = ledger.kills().find((one) => one.id === id)
  const actor = query.get('actor') ?? 'api'
  if (!/^[\x20-\x7e]{1,128}$/.test(actor))
    throw invalid('"actor" is not right', 'send printable ASCII, at most 128 characters')
  if (lifted === undefined || !ledger.resume(id, actor)) {
    throw new BadRequest(404, 'no_such_kill', `no kill "${id.slice(0, 64)}" is in force`, 'GET /v1/kills shows what is')
  }
  const subject = lifted.scope['all'] === 'true' ? {} : lifted.scope
  return ok({ resumed: killView(lifted), now: decisionView(ledger.check(subject), ledger.epoch) })
}
