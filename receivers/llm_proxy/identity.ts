import type { IncomingHttpHeaders } from 'node:http'
import type { Subject } from '../../pipeline/services.ts'

/** Longest tag value; longer ones are cut, here and in what is settled, so that both name the same counter. */
const VALUE_MAX = 256
/** Tags beyond the six known ones that a call may bring. */
const EXTRA_TAGS_MAX = 16
const BAGGAGE_BYTES_MAX = 8192
const BAGGAGE_MEMBERS_MAX = 64

/** The tags that every part of the product knows, with the attribute and baggage key of each. */
export const KNOWN_TAGS: Readonly<Record<string, string>> = {
  run: 'tokenfuse.run.id',
  agent: 'tokenfuse.agent',
  workflow: 'tokenfuse.workflow',
  step: 'tokenfuse.step',
  customer: 'tokenfuse.customer',
  business_unit: 'tokenfuse.business_unit',
}
const TAG_PREFIX = 'tokenfuse.tag.'

/** Whom a call is for and where it belongs in a trace. */
export interface Identity {
  /** 32 hex digits; made up when the client sent none. */
  readonly traceId: string
  /** 16 hex digits, '' for a root. */
  readonly parentId: string
  /** The flags byte of traceparent. */
  readonly traceFlags: number
  readonly spanId: string
  /** The client takes part in tracing, so that our span becomes the parent of the provider's. */
  readonly traced: boolean
  readonly subject: Subject
  readonly session: string | undefined
  readonly user: string | undefined
}

export interface IdentityRules {
  /** Tag to header name, lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly defaults: Readonly<Record<string, string>>
  random(): number
}

/**
 * Precedence per tag: `x-tokenfuse-*`, configured headers, baggage, Helicone's headers, then the trace (for the run),
 * then defaults.
 */
export function identify(headers: IncomingHttpHeaders, rules: IdentityRules): Identity {
  const trace = parseTraceparent(text(headers['traceparent']))
  const baggage = parseBaggage(text(headers['baggage']))
  const tags = new Map<string, string>()
  const session = baggage.get('session.id') ?? text(headers['helicone-session-id'])
  addOwnHeaders(tags, headers)
  for (const [tag, header] of Object.entries(rules.headers)) add(tags, tag, text(headers[header]))
  addBaggage(tags, baggage)
  addHelicone(tags, headers)
  add(tags, 'run', trace?.traceId ?? text(headers['helicone-session-id']))
  for (const [tag, value] of Object.entries(rules.defaults)) add(tags, tag, value)
  const traceId = trace?.traceId ?? randomHex(32, rules.random)
  add(tags, 'run', traceId)
  return {
    traceId,
    parentId: trace?.parentId ?? '',
    traceFlags: trace?.flags ?? 1,
    spanId: randomHex(16, rules.random),
    traced: trace !== undefined,
    subject: Object.fromEntries(tags),
    session: bounded(session),
    user: bounded(baggage.get('user.id') ?? text(headers['helicone-user-id'])),
  }
}

/** The span attribute of a tag. */
export const tagAttribute = (tag: string): string => KNOWN_TAGS[tag] ?? TAG_PREFIX + tag

function addOwnHeaders(tags: Map<string, string>, headers: IncomingHttpHeaders): void {
  for (const tag of Object.keys(KNOWN_TAGS)) add(tags, tag, text(headers[`x-tokenfuse-${tag.replaceAll('_', '-')}`]))
  addPrefixed(tags, headers, 'x-tokenfuse-tag-')
}

function addHelicone(tags: Map<string, string>, headers: IncomingHttpHeaders): void {
  addPrefixed(tags, headers, 'helicone-property-')
}

function addPrefixed(tags: Map<string, string>, headers: IncomingHttpHeaders, prefix: string): void {
  for (const name in headers)
    if (name.startsWith(prefix)) add(tags, tagName(name.slice(prefix.length)), text(headers[name]))
}

function addBaggage(tags: Map<string, string>, baggage: ReadonlyMap<string, string>): void {
  for (const [tag, key] of Object.entries(KNOWN_TAGS)) add(tags, tag, baggage.get(key))
  add(tags, 'run', baggage.get('tokenfuse.run'))
  add(tags, 'agent', baggage.get('gen_ai.agent.name'))
  for (const [key, value] of baggage)
    if (key.startsWith(TAG_PREFIX)) add(tags, tagName(key.slice(TAG_PREFIX.length)), value)
}

/** The first source that names a tag wins. */
function add(tags: Map<string, string>, tag: string, value: string | undefined): void {
  const clean = bounded(value)
  if (clean === undefined || tag === '' || tags.has(tag)) return
  if (KNOWN_TAGS[tag] === undefined && extras(tags) >= EXTRA_TAGS_MAX) return
  tags.set(tag, clean)
}

const extras = (tags: Map<string, string>): number =>
  [...tags.keys()].filter((tag) => KNOWN_TAGS[tag] === undefined).length

const tagName = (raw: string): string => raw.toLowerCase().replaceAll('-', '_').slice(0, 64)

function bounded(value: string | undefined): string | undefined {
  const trimmed = value?.trim()
  return trimmed === undefined || trimmed === '' ? undefined : trimmed.slice(0, VALUE_MAX)
}

const text = (value: string | string[] | undefined): string | undefined =>
  typeof value === 'string' ? value : value?.[0]

interface TraceParent {
  readonly traceId: string
  readonly parentId: string
  readonly flags: number
}

/** W3C Trace Context, https://www.w3.org/TR/trace-context/#traceparent-header; undefined when it must be ignored. */
function parseTraceparent(value: string | undefined): TraceParent | undefined {
  const match = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/.exec(value?.trim() ?? '')
  const [, version, traceId = '', parentId = '', flags = '', more] = match ?? []
  if (version === undefined || version === 'ff' || (version === '00' && more !== undefined)) return undefined
  if (/^0+$/.test(traceId) || /^0+$/.test(parentId)) return undefined
  return { traceId, parentId, flags: Number.parseInt(flags, 16) }
}

/** W3C Baggage, https://www.w3.org/TR/baggage/. Members that are not readable are left out. */
function parseBaggage(value: string | undefined): ReadonlyMap<string, string> {
  const members = new Map<string, string>()
  for (const member of baggageMembers(value)) {
    const [pair = ''] = member.split(';', 1)
    const at = pair.indexOf('=')
    if (at < 1) continue
    const key = pair.slice(0, at).trim()
    if (!members.has(key)) members.set(key, percentDecode(pair.slice(at + 1).trim()))
  }
  return members
}

function baggageMembers(value: string | undefined): readonly string[] {
  if (value === undefined || value.length > BAGGAGE_BYTES_MAX) return []
  return value.split(',', BAGGAGE_MEMBERS_MAX)
}

function percentDecode(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}

/** What of the trace context goes on to the provider: our span as the parent, and no tag that is meant for us. */
export function outgoingContext(headers: IncomingHttpHeaders, identity: Identity): Record<string, string | undefined> {
  const flags = identity.traceFlags.toString(16).padStart(2, '0')
  const kept = baggageMembers(text(headers['baggage'])).filter((member) => !member.trim().startsWith('tokenfuse.'))
  return {
    traceparent: identity.traced ? `00-${identity.traceId}-${identity.spanId}-${flags}` : undefined,
    baggage: kept.length === 0 ? undefined : kept.join(','),
  }
}

function randomHex(digits: number, random: () => number): string {
  let out = ''
  while (out.length < digits)
    out += Math.floor(random() * 0x1_0000_0000)
      .toString(16)
      .padStart(8, '0')
  // An id of zeros only means "no id".
  return /^0+$/.test(out) ? `${out.slice(1)}1` : out
}
