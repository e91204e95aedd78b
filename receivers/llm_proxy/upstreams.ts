import type { Config } from './config.ts'

/** How a provider writes answers and errors. */
export const DIALECTS = ['openai', 'anthropic', 'gemini', 'bedrock', 'passthrough'] as const
export type Dialect = (typeof DIALECTS)[number]

/** Where calls of one path prefix go. */
export interface Upstream {
  readonly name: string
  readonly url: URL
  readonly dialect: Dialect
  /** Canonical billing provider. */
  readonly provider: string
  readonly headers: Readonly<Record<string, string>>
  readonly injectUsage: boolean
}

interface BuiltIn {
  readonly base_url: string
  readonly dialect: Dialect
  readonly provider: string
}

export const BUILT_IN_UPSTREAMS: Readonly<Record<string, BuiltIn | undefined>> = {
  openai: { base_url: 'https://api.openai.com', dialect: 'openai', provider: 'openai' },
  anthropic: { base_url: 'https://api.anthropic.com', dialect: 'anthropic', provider: 'anthropic' },
  gemini: { base_url: 'https://generativelanguage.googleapis.com', dialect: 'gemini', provider: 'gcp.gemini' },
  bedrock: { base_url: 'https://bedrock-runtime.us-east-1.amazonaws.com', dialect: 'bedrock', provider: 'aws.bedrock' },
}

/** What is built in, with the user's entries over it. */
export function resolveUpstreams(configured: Config['upstreams']): ReadonlyMap<string, Upstream> {
  const names = new Set([...Object.keys(BUILT_IN_UPSTREAMS), ...Object.keys(configured)])
  const out = new Map<string, Upstream>()
  for (const name of names) {
    const own = configured[name]
    const builtIn = BUILT_IN_UPSTREAMS[name]
    const base = own?.base_url ?? builtIn?.base_url
    if (base === undefined) continue
    out.set(name, {
      name,
      url: new URL(base),
      dialect: own?.dialect ?? builtIn?.dialect ?? 'openai',
      provider: own?.provider ?? builtIn?.provider ?? name,
      headers: lowerCaseNames(own?.headers ?? {}),
      injectUsage: own?.inject_usage ?? true,
    })
  }
  return out
}

function lowerCaseNames(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}
