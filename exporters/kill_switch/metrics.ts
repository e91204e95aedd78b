const counter = (name: string, description: string, labels: readonly string[]) =>
  ({ name, type: 'counter', description, labels }) as const

export const metrics = {
  enforced: counter(
    'tokenfuse_kill_switch_verdicts_total',
    'Verdicts, by the action they ask for and what came of it.',
    ['action', 'outcome'],
  ),
  requests: counter('tokenfuse_control_requests_total', 'Requests to the control API.', ['path', 'status']),
  deliveries: counter('tokenfuse_webhook_notices_total', 'Notices to webhooks, by what became of them.', [
    'format',
    'outcome',
  ]),
  flagErrors: counter('tokenfuse_flag_errors_total', 'Flag files that could not be written or removed.', []),
  watchers: { name: 'tokenfuse_control_watchers', type: 'gauge', description: 'Connections that watch events.' },
} as const
