import type { Dialect, Upstream } from './upstreams.ts'

/** The form of an answer, which is what usage readers and stream errors go by. */
export type Form = 'chat' | 'completions' | 'responses' | 'embeddings' | 'messages' | 'media' | 'unknown'

/** What one request asks of a provider. */
export interface Api {
  /** Free calls (lists, files, token counting) are forwarded and nothing else. */
  readonly billable: boolean
  /** `gen_ai.operation.name`. */
  readonly operation: string
  readonly form: Form
  /** Where the path names the model. */
  readonly model?: string | undefined
}

export type Route =
  | { readonly kind: 'call'; readonly upstream: Upstream; readonly path: string; readonly api: Api }
  | { readonly kind: 'unknown'; readonly message: string }

const FREE: Api = { billable: false, operation: '', form: 'unknown' }

const api = (operation: string, form: Form): Api => ({ billable: true, operation, form })

const OPENAI: readonly (readonly [RegExp, Api])[] = [
  [/\/chat\/completions$/, api('chat', 'chat')],
  [/\/completions$/, api('text_completion', 'completions')],
  [/\/responses(\/compact)?$/, api('chat', 'responses')],
  [/\/embeddings$/, api('embeddings', 'embeddings')],
  [/\/images\/(generations|edits|variations)$/, api('image', 'media')],
  [/\/audio\/speech$/, api('text_to_speech', 'media')],
  [/\/audio\/(transcriptions|translations)$/, api('speech_to_text', 'media')],
  [/\/responses\/(input_tokens|[^/]+\/cancel)$/, FREE],
  // What batches and fine-tuning cost is billed later and elsewhere; starting them is free.
  [
    /\/(models|files|uploads|batches|vector_stores|moderations|fine_tuning|evals|containers|conversations|realtime)(\/|$)/,
    FREE,
  ],
]

const ANTHROPIC: readonly (readonly [RegExp, Api])[] = [
  [/\/messages$/, api('chat', 'messages')],
  [/\/(messages\/(count_tokens|batches)|files|models|skills|organizations)(\/|$)/, FREE],
]

const GEMINI: readonly (readonly [RegExp, Api])[] = [
  [/:(embedContent|batchEmbedContents)$/, api('embeddings', 'unknown')],
  [/:(generateContent|streamGenerateContent)$/, api('generate_content', 'unknown')],
  [/:(countTokens|computeTokens)$|\/(cachedContents|files)(\/|$)/, FREE],
]

const TABLES: Readonly<Record<Dialect, readonly (readonly [RegExp, Api])[]>> = {
  openai: OPENAI,
  anthropic: ANTHROPIC,
  gemini: GEMINI,
  bedrock: [[/\/count-tokens$/, FREE]],
  passthrough: [],
}

/** Gemini `/models/<model>:verb`, Bedrock `/model/<model>/verb`. */
const MODEL_IN_PATH = /\/models?\/([^/:]+(?::\d+)?)[:/][a-zA-Z-]+$/

/** Finds the upstream by the first path segment and says what is asked of it. */
export function route(method: string, target: string, upstreams: ReadonlyMap<string, Upstream>): Route {
  const match = /^\/([^/?#]+)(\/[^#]*|\?[^#]*|)$/.exec(target)
  const upstream = upstreams.get(match?.[1] ?? '')
  if (match === null || upstream === undefined) {
    return {
      kind: 'unknown',
      message: `no upstream for this path; known: ${[...upstreams.keys()].map((n) => `/${n}`).join(' ')}`,
    }
  }
  const rest = match[2] ?? ''
  const path = rest.split('?', 1)[0] ?? ''
  if (/[^\x21-\x7e]/.test(rest))
    return { kind: 'unknown', message: 'the path has characters that must be percent-encoded' }
  // Keys in `upstreams` must not be usable above the base path that they were meant for.
  if (/(^|\/|%2f|\\)(\.|%2e){1,2}(\/|%2f|\\|$)/i.test(path))
    return { kind: 'unknown', message: 'dot segments are not forwarded' }
  const base = upstream.url.pathname.replace(/\/+$/, '')
  return { kind: 'call', upstream, path: `${base}${rest}` || '/', api: classify(upstream.dialect, method, path) }
}

/** A POST that no table knows is taken as billable: an unknown cost is to be seen, not to be missed. */
export function classify(dialect: Dialect, method: string, path: string): Api {
  if (method !== 'POST') return FREE
  const known = TABLES[dialect].find(([pattern]) => pattern.test(path))?.[1]
  if (known !== undefined && !known.billable) return known
  const model = dialect === 'gemini' || dialect === 'bedrock' ? MODEL_IN_PATH.exec(path)?.[1] : undefined
  const found = known ?? { billable: true, operation: 'chat', form: 'unknown' as const }
  return model === undefined ? found : { ...found, model: decode(model) }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
