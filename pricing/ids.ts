/** What a model id says, without looking anything up. */
export interface ModelId {
  /** Spellings to look for, exact first, each next one with less decoration. All lower case. */
  readonly candidates: readonly string[]
  /** Bedrock profiles name it; others do not. */
  readonly endpoint: 'global' | 'regional' | undefined
  /** The geography of a Bedrock profile, `eu`. */
  readonly geography: string | undefined
  /** From an ARN, or from a path of Google's. */
  readonly region: string | undefined
  /** An id that names no model, such as an application inference profile: only a configured alias can tell. */
  readonly isOpaque: boolean
  /** OpenRouter's `:online` adds search that is billed apart. */
  readonly addsSearch: boolean
}

const ARN = /^arn:aws[\w-]*:bedrock:([\w-]*):\d*:([\w-]+)\/(.+)$/
const OPAQUE_RESOURCES: ReadonlySet<string> = new Set([
  'application-inference-profile',
  'provisioned-model',
  'custom-model',
  'custom-model-deployment',
  'imported-model',
  'prompt-router',
  'default-prompt-router',
])
const GEOGRAPHY = /^(us-gov|us|eu|apac|jp|au|in|ca)\./
const PATHS = /^(?:projects\/[^/]+\/locations\/[^/]+\/)?(?:publishers\/[^/]+\/)?(?:models|endpoints)\//
const LOCATION = /^projects\/[^/]+\/locations\/([^/]+)\//
/** What gateways put before an id. */
const BEDROCK_PATH = /^(?:bedrock\/)?(?:converse|invoke)\//
const NOTHING = /^$/
const ROUTE = /:(?:thinking|nitro|floor|online|free|extended|beta|exacto)$/
/** Each takes one decoration off; the order is that in which providers put them on. */
const DECORATIONS: readonly RegExp[] = [
  /@(?:default|latest|\d{8}|\d{3})$/,
  /-v\d+:\d+(?::\d+k)?$/,
  /:\d+$/,
  /-20\d{2}-\d{2}-\d{2}$/,
  /-20\d{6}$/,
  /@20\d{2}-\d{2}-\d{2}$/,
]
const BEDROCK_DECORATIONS: readonly RegExp[] = [/-v\d+$/, ...DECORATIONS]
/** Google writes versions as `-001` and previews by month and day, or month and year. */
const GOOGLE_DECORATIONS: readonly RegExp[] = [/-\d{2}-\d{2}$/, /-\d{2}-20\d{2}$/, /-00\d$/]

export function modelIdOf(model: string, provider: string): ModelId {
  const text = model
    .trim()
    .toLowerCase()
    .replace(provider === 'aws.bedrock' ? BEDROCK_PATH : NOTHING, '')
  const arn = ARN.exec(text)
  const isOpaque = arn !== null && OPAQUE_RESOURCES.has(arn[2] ?? '')
  const tail = arn === null ? text : (arn[3] ?? '')
  const bedrock = tail.startsWith('global.') || GEOGRAPHY.test(tail)
  const plain = bedrock ? tail.replace(/^global\./, '').replace(GEOGRAPHY, '') : tail
  return {
    candidates: isOpaque ? [text] : [...new Set([tail, ...spellings(plain, provider)])],
    endpoint: bedrock ? (tail.startsWith('global.') ? 'global' : 'regional') : undefined,
    geography: GEOGRAPHY.exec(tail)?.[1],
    region: arn?.[1] || LOCATION.exec(text)?.[1],
    isOpaque,
    addsSearch: text.endsWith(':online'),
  }
}

function spellings(id: string, provider: string): string[] {
  const out = [id]
  const add = (next: string): string => {
    if (next !== '' && !out.includes(next)) out.push(next)
    return next
  }
  if (id.startsWith('ft:')) return fineTuned(id, add, out)
  const deployed = /^(.+\.ft-)[\da-f]+$/.exec(id)?.[1]
  if (deployed !== undefined) return [id, deployed]
  let rest = add(id.replace(PATHS, '').replace(/^accounts\/fireworks\/(?:models|routers)\//, ''))
  rest = add(rest.replace(ROUTE, ''))
  for (const rule of decorations(provider)) rest = add(rest.replace(rule, ''))
  return out
}

function decorations(provider: string): readonly RegExp[] {
  if (provider === 'aws.bedrock') return BEDROCK_DECORATIONS
  return provider.startsWith('gcp.') ? [...DECORATIONS, ...GOOGLE_DECORATIONS] : DECORATIONS
}

/** `ft:gpt-4o-mini-2024-07-18:org:name:id` has prices of its own; the base model's would be wrong. Azure: `….ft-0e208c`. */
function fineTuned(id: string, add: (next: string) => string, out: string[]): string[] {
  const base = add(`ft:${id.split(':')[1] ?? ''}`)
  for (const rule of DECORATIONS) add(base.replace(rule, ''))
  return out
}

/** `azure/gpt-4o` → `['azure', 'gpt-4o']`: the routing prefix that gateways put before an id. */
export function routingPrefix(model: string): readonly [string, string] | undefined {
  const slash = model.indexOf('/')
  return slash <= 0 || slash === model.length - 1 ? undefined : [model.slice(0, slash), model.slice(slash + 1)]
}
