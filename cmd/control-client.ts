import { type IncomingMessage, request } from 'node:http'
import { parseArgs } from 'node:util'
import { type CommandIo, DONE, WRONG_USAGE } from './config-args.ts'

/** A sub-command that talks to a running sidecar. */
export interface ControlCommand {
  /** What stands behind the name of the sub-command. */
  readonly args: readonly string[]
  readonly io: CommandIo
}

export const CONTROL_USAGE = `  --endpoint WHERE   where the control API is: host:port, http://host:port or unix:/path
                     (default: $TOKENFUSE_CONTROL_ENDPOINT, else 127.0.0.1:4319)
  --token TOKEN      bearer token (default: $TOKENFUSE_CONTROL_TOKEN)
  --token-file FILE  file with the token (default: ./data/control-token)
  --json             prints the API's answer instead of text
`

const COMMON = {
  endpoint: { type: 'string' },
  token: { type: 'string' },
  'token-file': { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

const ENDPOINT = '127.0.0.1:4319'
const TOKEN_FILE = 'data/control-token'
const TIMEOUT_MS = 10_000
const ANSWER_MAX = 16 * 1024 * 1024

/** Options of one sub-command, besides the common ones: with a value, or without. */
export type Options = Readonly<Record<string, { readonly type: 'string' | 'boolean' }>>

export interface Parsed {
  readonly kind: 'run'
  readonly client: ControlClient
  readonly json: boolean
  readonly positionals: readonly string[]
  option(name: string): string | undefined
  flag(name: string): boolean
}

/** Parses the arguments; prints what is wrong, or the help. */
export function parseControlArgs(
  command: ControlCommand,
  usage: string,
  options: Options,
): Parsed | { kind: 'exit'; code: number } {
  const { io } = command
  let parsed: ReturnType<typeof parseArgs>
  try {
    parsed = parseArgs({
      args: [...command.args],
      options: { ...COMMON, ...options },
      allowPositionals: true,
      strict: true,
    })
  } catch (error) {
    return wrongUsage(io, messageOf(error), usage)
  }
  const { values, positionals } = parsed
  if (values['help'] === true) {
    io.stdout(usage)
    return { kind: 'exit', code: DONE }
  }
  const option = (name: string): string | undefined => {
    const value = values[name]
    return typeof value === 'string' ? value : undefined
  }
  const where = option('endpoint') ?? (io.env['TOKENFUSE_CONTROL_ENDPOINT'] || ENDPOINT)
  const target = targetOf(where)
  if (target === undefined)
    return wrongUsage(io, `--endpoint "${where}" is not host:port, http://host:port or unix:/path`, usage)
  const token = (): string | undefined => tokenOf(io, option('token'), option('token-file'))
  const client = new ControlClient(where, target, token)
  return {
    kind: 'run',
    client,
    json: values['json'] === true,
    positionals,
    option,
    flag: (name) => values[name] === true,
  }
}

export function wrongUsage(io: CommandIo, message: string, usage: string): { kind: 'exit'; code: number } {
  io.stderr(`${message}\n\n${usage}`)
  return { kind: 'exit', code: WRONG_USAGE }
}

function tokenOf(io: CommandIo, token: string | undefined, file: string | undefined): string | undefined {
  const given = token ?? (file === undefined ? io.env['TOKENFUSE_CONTROL_TOKEN'] : undefined)
  if (given !== undefined && given !== '') return given
  try {
    return io.readFile(file ?? TOKEN_FILE).trim()
  } catch (error) {
    if (file === undefined) return undefined
    throw new Error(`--token-file ${file} cannot be read: ${messageOf(error)}`)
  }
}

type Target = { readonly socketPath: string } | { readonly host: string; readonly port: number }

function targetOf(where: string): Target | undefined {
  if (where.startsWith('unix:')) return where.length > 5 ? { socketPath: where.slice(5) } : undefined
  const match = /^(?:http:\/\/)?(?:\[([0-9a-fA-F:.]+)\]|([^:/[\]]+)):(\d{1,5})\/?$/.exec(where)
  if (match === null) return undefined
  return { host: match[1] ?? match[2] ?? '', port: Number(match[3]) }
}

/** An answer of the API, or why there is none, in words for a person. */
export type Answer =
  | { readonly ok: true; readonly body: Record<string, unknown> }
  | { readonly ok: false; readonly why: string }

/** Speaks to the control API; every failure comes back as a sentence. */
export class ControlClient {
  private readonly where: string
  private readonly target: Target
  private readonly token: () => string | undefined

  constructor(where: string, target: Target, token: () => string | undefined) {
    this.where = where
    this.target = target
    this.token = token
  }

  async ask(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<Answer> {
    const text = body === undefined ? undefined : JSON.stringify(body)
    const token = method === 'GET' ? undefined : this.token()
    const headers = {
      ...(text === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    }
    try {
      return await this.exchange(method, path, headers, text)
    } catch (error) {
      return {
        ok: false,
        why: `no sidecar answers at ${this.where} (${reasonOf(error)}); is it running, with kill_switch in a pipeline?`,
      }
    }
  }

  private exchange(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    text: string | undefined,
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const options = { ...this.target, method, path, headers, timeout: TIMEOUT_MS }
      const outgoing = request(options, (response) => {
        collect(response).then((content) => resolve(answerOf(response.statusCode ?? 0, content)), reject)
      })
      outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)))
      outgoing.on('error', reject)
      outgoing.end(text)
    })
  }
}

const reasonOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : messageOf(error)

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

async function collect(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response) {
    const bytes = chunk as Buffer
    size += bytes.length
    if (size > ANSWER_MAX) throw new Error('the answer is too long')
    chunks.push(bytes)
  }
  return Buffer.concat(chunks).toString()
}

function answerOf(status: number, content: string): Answer {
  let body: unknown
  try {
    body = JSON.parse(content)
  } catch {
    return { ok: false, why: `the answer (status ${status}) is not JSON; is that the control API?` }
  }
  if (typeof body !== 'object' || body === null)
    return { ok: false, why: `the answer (status ${status}) is not an object` }
  const record = body as Record<string, unknown>
  if (status >= 200 && status < 300) return { ok: true, body: record }
  const error = (record['error'] ?? {}) as { readonly message?: unknown; readonly next?: unknown }
  return {
    ok: false,
    why: `${String(error.message ?? `status ${status}`)}${error.next === undefined ? '' : `; ${String(error.next)}`}`,
  }
}

/** `run=r1 agent=a` as an object; a sentence when it is not that. */
export function parseScope(words: readonly string[]): Record<string, string> | string {
  const scope = new Map<string, string>()
  for (const word of words) {
    const at = word.indexOf('=')
    if (at <= 0 || at === word.length - 1) return `"${word}" is not TAG=VALUE, for example run=${word}`
    if (scope.has(word.slice(0, at))) return `${word.slice(0, at)} is given twice`
    scope.set(word.slice(0, at), word.slice(at + 1))
  }
  return Object.fromEntries(scope)
}

/** Who is at the keyboard, as far as one can tell. */
export function actorOf(io: CommandIo): string {
  const user = (io.env['USER'] ?? io.env['LOGNAME'] ?? 'unknown').replace(/[^\x20-\x7e]/g, '?')
  return `cli:${user.slice(0, 64)}`
}

/** Control characters in what came from spans must not reach a terminal. */
export const printable = (value: unknown): string => String(value ?? '').replace(/\p{Cc}/gu, '?')

export const scopeText = (scope: unknown): string => {
  const entries = Object.entries(scope as Record<string, unknown>)
  if (entries.length === 0 || entries.some(([key]) => key === 'all')) return 'everything'
  return printable(entries.map(([key, value]) => `${key}=${String(value)}`).join(' '))
}
