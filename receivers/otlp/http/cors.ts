import type { CorsConfig } from '../config-http.ts'

/** What OTLP needs, which a browser asks for because none of it is on its own safe list. */
const ALWAYS_ALLOWED = ['content-type', 'content-encoding', 'accept', 'x-requested-with', 'traceparent', 'tracestate']

type Headers = string[]

/** Answers of https://fetch.spec.whatwg.org/#http-cors-protocol as flat name-value lists. */
export class Cors {
  private readonly config: CorsConfig
  private readonly origins: readonly RegExp[]
  private readonly anyOrigin: boolean

  constructor(config: CorsConfig) {
    this.config = config
    this.origins = config.allowed_origins.map(wildcard)
    this.anyOrigin = config.allowed_origins.includes('*')
  }

  /** For a real request. */
  headers(origin: string | undefined): Headers {
    if (origin === undefined || !this.allows(origin)) return ['Vary', 'Origin']
    const exposed = this.config.exposed_headers
    return [
      ...this.allowed(origin),
      'Vary',
      'Origin',
      ...(exposed.length > 0 ? ['Access-Control-Expose-Headers', exposed.join(', ')] : []),
    ]
  }

  /** For OPTIONS. Nothing is allowed unless everything asked for is. */
  preflight(origin: string | undefined, method: string | undefined, asked: string | undefined): Headers {
    const vary = ['Vary', 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers']
    const names = (asked ?? '').split(',').flatMap((name) => (name.trim() === '' ? [] : [name.trim().toLowerCase()]))
    if (origin === undefined || method !== 'POST' || !this.allows(origin)) return vary
    if (!names.every((name) => this.allowsHeader(name))) return vary
    return [
      ...this.allowed(origin),
      ...vary,
      ...['Access-Control-Allow-Methods', 'POST'],
      ...(names.length > 0 ? ['Access-Control-Allow-Headers', names.join(', ')] : []),
      ...(this.config.max_age > 0 ? ['Access-Control-Max-Age', String(this.config.max_age)] : []),
    ]
  }

  /** Credentials only where origins are named: with `*` any page could use the visitor's. */
  private allowed(origin: string): Headers {
    const credentials = this.anyOrigin ? [] : ['Access-Control-Allow-Credentials', 'true']
    return ['Access-Control-Allow-Origin', origin, ...credentials]
  }

  private allows(origin: string): boolean {
    return this.origins.some((pattern) => pattern.test(origin))
  }

  private allowsHeader(name: string): boolean {
    const allowed = this.config.allowed_headers
    return (
      ALWAYS_ALLOWED.includes(name) || allowed.includes('*') || allowed.some((other) => other.toLowerCase() === name)
    )
  }
}

function wildcard(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 'i')
}
