import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type MemoryDisk, memoryDisk } from '../../../extensions/ledger/testing/memory-disk.ts'
import { openLedger } from '../../../extensions/ledger/testing/open-ledger.ts'
import { type BudgetDefinition, LEDGER, type Ledger } from '../../../pipeline/services.ts'
import { type TestHost, testHost } from '../../../test/support/host.ts'
import type { Config } from '../config.ts'
import { KillSwitch } from '../kill_switch.ts'
import type { Post } from '../webhook.ts'

export const TOKEN = 'a-token-of-the-test-1234'

const settings: Config = {
  endpoint: '127.0.0.1:0',
  unix_socket: undefined,
  token: TOKEN,
  allowed_hosts: [],
  run_kill_ttl: 7 * 86_400_000,
  flag_dir: undefined,
  webhooks: [],
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  readonly json: Record<string, unknown>
}

interface Options {
  readonly config?: Partial<Config>
  readonly budgets?: readonly BudgetDefinition[]
  readonly disk?: MemoryDisk
  readonly post?: Post
}

export interface Started {
  readonly ledger: Ledger
  readonly host: TestHost
  readonly killSwitch: KillSwitch
  readonly port: number
  readonly dataDir: string
  /** `body` is sent as JSON unless it is a text. */
  ask(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>
}

const open: (() => Promise<void>)[] = []

/** Ends everything that a test started. */
export async function stopAll(): Promise<void> {
  for (const stop of open.splice(0).reverse()) await stop()
}

export function temporary(): string {
  const directory = mkdtempSync(join(tmpdir(), 'kill-switch-'))
  open.push(async () => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** A kill switch on a real port over a real ledger, as the engine starts one. */
export async function started(options: Options = {}): Promise<Started> {
  const opened = await openLedger({ disk: options.disk ?? memoryDisk() })
  const dataDir = temporary()
  const host: TestHost = { ...testHost('kill_switch', dataDir), clock: opened.host.clock }
  host.provide(LEDGER, opened.ledger)
  opened.ledger.define(options.budgets ?? [])
  const killSwitch = new KillSwitch({ ...settings, ...options.config }, host, options.post)
  await killSwitch.start()
  open.push(() => killSwitch.shutdown())
  const port = Number(killSwitch.address?.split(':').at(-1))
  const ask: Started['ask'] = (method, path, body, headers = {}) =>
    send({ host: '127.0.0.1', port }, method, path, body, headers)
  return { ledger: opened.ledger, host, killSwitch, port, dataDir, ask }
}

export function send(
  where: { readonly host: string; readonly port: number } | { readonly socketPath: string },
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body)
  const type: Readonly<Record<string, string>> = text === undefined ? {} : { 'content-type': 'application/json' }
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { ...where, method, path, headers: { ...type, authorization: `Bearer ${TOKEN}`, ...headers } },
      (response) => {
        let content = ''
        response.on('data', (chunk: Buffer) => {
          content += chunk.toString()
        })
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text: content, json: parse(content) }),
        )
      },
    )
    outgoing.on('error', reject)
    outgoing.end(text)
  })
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}
