import {
  boolean,
  type Complaint,
  choice,
  duration,
  type Infer,
  integer,
  map,
  object,
  string,
  usd,
} from '../../pipeline/config/spec.ts'
import { BUILT_IN_UPSTREAMS, DIALECTS } from './upstreams.ts'

const upstream = object(
  {
    base_url: string({
      doc: 'Where calls go: scheme, host, optional port and path. `/<name>/rest` is forwarded to `<base_url>/rest`. Required for every name that is not built in.',
      optional: true,
      pattern: /^https?:\/\/[^\s?#]+$/,
      examples: ['https://api.openai.com'],
    }),
    dialect: choice(DIALECTS, {
      doc: 'How answers are read and in whose shape refusals are written. The usage of `openai` and `anthropic` answers is read. Calls of the other dialects are forwarded, refused and counted all the same, but their usage is unknown and they show up as unpriced. Default: what is built in under this name, else `openai`.',
      optional: true,
    }),
    provider: string({
      doc: 'Who bills: the `gen_ai.provider.name` that prices are looked up by, e.g. `openai`, `azure.ai.openai`, `groq`. Default: what is built in under this name, else the name itself.',
      optional: true,
    }),
    headers: map(string({ doc: 'A header value, without line breaks.', secret: true, pattern: /^[\t\x20-\x7e]*$/ }), {
      doc: 'Headers that are set on every forwarded call, over what the client sent, so that agents need not hold the key.',
      examples: [{ authorization: `Bearer \${env:OPENAI_API_KEY}` }],
    }),
    inject_usage: boolean({
      doc: 'Ask for `stream_options.include_usage` on chat and completion streams of the `openai` dialect whose client did not, and keep the additional chunk from that client. Turn it off for a server that refuses the option: its streams are then counted by an estimate.',
      default: true,
    }),
  },
  { doc: 'One provider.' },
)

export const config = object(
  {
    endpoint: string({
      doc: 'Address and port to listen on, plain HTTP/1.1. Anyone who can reach it can make calls, with the keys in `upstreams` if there are any: keep it on loopback or inside the pod.',
      default: '127.0.0.1:4141',
      pattern: /^.*:\d{1,5}$/,
    }),
    upstreams: map(upstream, {
      doc: 'Providers by the first segment of the path. `openai`, `anthropic`, `gemini` and `bedrock` are built in; an entry of the same name changes only the keys that it gives.',
      examples: [{ groq: { base_url: 'https://api.groq.com/openai', provider: 'groq' } }],
    }),
    service_name: string({ doc: '`service.name` of the spans that the proxy emits.', default: 'tokenfuse-proxy' }),
    identity_headers: map(string({ doc: 'Name of a request header.' }), {
      doc: 'Further request headers that say whom a call is for, by tag (`run`, `agent`, `workflow`, `step`, `customer`, `business_unit`, or a tag of your own). They are read after `x-tokenfuse-*` and before baggage, and forwarded.',
      examples: [{ customer: 'x-customer-id' }],
    }),
    defaults: map(string({ doc: 'A tag value.' }), {
      doc: 'Tags of calls that say nothing themselves. Without a default, the run of a call that names none is its trace, and a call without a trace is a run of its own.',
      examples: [{ run: `\${env:POD_NAME}`, business_unit: 'research' }],
    }),
    estimate_usd: usd({
      doc: 'USD held back from every budget while a call is in flight, until its real cost is known. Calls made in parallel overshoot a cap by at most what they cost above this estimate.',
      default: '0.05',
    }),
    reservation_ttl: duration({
      doc: 'How long money stays held back when a call never ends. Should exceed `idle_timeout`.',
      default: '15m',
      min: 1000,
    }),
    cut_streams: boolean({
      doc: 'End streams in flight with an error event when their run is killed or one of their budgets is spent. Off: streams run to their end and the next call is refused.',
      default: true,
    }),
    stream_check_interval: duration({
      doc: 'How often streams in flight are checked against the ledger, besides at once on every kill and verdict.',
      default: '500ms',
      min: 10,
    }),
    max_in_flight: integer({
      doc: 'Calls under way at once, counting those whose span the pipeline has not taken yet. Beyond it calls are answered 429 with `Retry-After: 1`.',
      default: 1024,
      min: 1,
    }),
    max_header_bytes: integer({
      doc: 'Size of all headers of a request together. Beyond it the answer is 431.',
      default: 65536,
      min: 1024,
    }),
    allow_browser: boolean({
      doc: 'Accept requests with an `Origin` header. Off by default: a web page that a developer visits could otherwise spend through this port. Refused ones are answered 403.',
      default: false,
    }),
    idle_timeout: duration({
      doc: 'Longest silence of a provider, before and within its answer. Then the call is answered 504, or its stream is cut.',
      default: '10m',
      min: 1000,
    }),
    drain_timeout: duration({
      doc: 'How long calls in flight may go on after a shutdown began. Then streams end with an error event and other calls with 503.',
      default: '10s',
    }),
  },
  {
    doc: 'An HTTP reverse proxy for model providers. Point a provider SDK at it (`OPENAI_BASE_URL=http://127.0.0.1:4141/openai/v1`, `ANTHROPIC_BASE_URL=http://127.0.0.1:4141/anthropic`): it asks the ledger before each call, refuses with HTTP 402, cuts streams, reads the usage from the answer and emits one span per call.',
  },
  checkUpstreams,
)

export type Config = Infer<typeof config>

interface NamedUpstreams {
  readonly upstreams: Readonly<Record<string, NamedUpstream>>
}
interface NamedUpstream {
  readonly base_url: string | undefined
  readonly headers: Readonly<Record<string, string>>
}

const HEADER_NAME = /^[a-z0-9!#$%&'*+.^_`|~-]+$/i

function checkUpstreams(value: NamedUpstreams): readonly Complaint[] {
  const complaints: Complaint[] = []
  for (const [name, { base_url, headers }] of Object.entries(value.upstreams)) {
    if (!/^[a-z0-9][a-z0-9_.-]*$/i.test(name)) {
      complaints.push({
        path: ['upstreams', name],
        message: 'an upstream name is a path segment: letters, digits, `.`, `_`, `-`',
      })
    }
    if (base_url === undefined && BUILT_IN_UPSTREAMS[name] === undefined) {
      complaints.push({
        path: ['upstreams', name, 'base_url'],
        message: `"${name}" is not built in: say where its calls go`,
      })
    }
    for (const header of Object.keys(headers)) {
      if (HEADER_NAME.test(header)) continue
      complaints.push({ path: ['upstreams', name, 'headers', header], message: 'not a header name' })
    }
  }
  return complaints
}
