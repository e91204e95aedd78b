import {
  boolean,
  type Complaint,
  choice,
  duration,
  type Infer,
  list,
  object,
  string,
} from '../../pipeline/config/spec.ts'

const webhook = object(
  {
    url: string({
      doc: 'Where to POST. Redirects are not followed. For PagerDuty `https://events.pagerduty.com/v2/enqueue`, for Alertmanager `http://…/api/v2/alerts`.',
      secret: true,
      pattern: /^https?:\/\/\S+$/,
    }),
    format: choice(['standard', 'slack', 'pagerduty', 'alertmanager'], {
      doc: 'Shape of the body. `standard` is signed as Standard Webhooks describe when there is a secret.',
      default: 'standard',
    }),
    secret: string({
      doc: 'For `standard` the signing secret (`whsec_…`, or any text), for `pagerduty` the routing key.',
      secret: true,
      optional: true,
    }),
    resumes: boolean({ doc: 'Also tell when a kill is lifted or runs out.', default: true }),
    verdicts: boolean({
      doc: 'Also tell of verdicts that stop nobody: warnings, throttling, observed budgets.',
      default: true,
    }),
  },
  { doc: 'One receiver of notices.' },
  checkWebhook,
)
export type WebhookConfig = Infer<typeof webhook>

export const config = object(
  {
    endpoint: string({
      doc: 'Where the control API listens, `host:port`. Reading is open to whoever reaches it, so keep it on loopback or behind a network policy.',
      default: '127.0.0.1:4319',
    }),
    unix_socket: string({
      doc: 'Path of a unix socket that serves the same API. A socket left behind by a process that is gone is replaced.',
      optional: true,
      examples: ['/var/run/tokenfuse/control.sock'],
    }),
    token: string({
      doc: 'Bearer token for everything that changes something. Absent: a random one is made at each start and written, readable for its owner only, to `control-token` in the data directory, where the commands on the same machine find it.',
      secret: true,
      optional: true,
      pattern: /^[\x21-\x7e]{16,512}$/,
    }),
    allowed_hosts: list(string({ doc: 'A host name, without port.' }), {
      doc: 'Names besides `localhost` and IP addresses by which the API may be called. Any other `Host` is refused, so that no web page can reach it through a name that it controls.',
      examples: [['tokenfuse.agents.svc']],
    }),
    run_kill_ttl: duration({
      doc: 'How long a run stays killed that a loop or a lifetime budget killed. A run does not come back, so its kill need not stay for ever.',
      default: '7d',
      min: 60_000,
    }),
    flag_dir: string({
      doc: 'Directory, best in memory, with one file per kill: `run/<id>`, `agent/<name>`, `ALL`. Names are percent-encoded. Files go when the kill does, and are restored at start.',
      optional: true,
      examples: ['/var/run/tokenfuse/kill'],
    }),
    webhooks: list(webhook, { doc: 'Who is told of kills, by HTTP.' }),
  },
  { doc: 'Turns verdicts into kills, and serves the control API: verdicts, reservations, kills, budgets, audit.' },
)
export type Config = Infer<typeof config>

function checkWebhook(value: { readonly format: string; readonly secret: string | undefined }): readonly Complaint[] {
  if (value.format !== 'pagerduty' || value.secret !== undefined) return []
  return [{ path: ['secret'], message: 'pagerduty needs its routing key here' }]
}
