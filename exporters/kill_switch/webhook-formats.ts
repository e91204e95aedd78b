import { createHmac } from 'node:crypto'
import type { WebhookConfig } from './config.ts'
import type { Notice } from './notices.ts'
import { toJson } from './views.ts'

export interface Prepared {
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

const DAY_MS = 86_400_000
const SUMMARY_MAX = 1_024
const iso = (ms: number): string => new Date(ms).toISOString()

/** The request body for a receiver. Does not depend on the attempt, so that a repeated one is the same request. */
export function prepare(notice: Notice, id: string, { format, secret }: WebhookConfig): Prepared {
  switch (format) {
    case 'standard':
      return {
        body: toJson({ type: `tokenfuse.${notice.type}`, timestamp: iso(notice.timeMs), data: notice.data }),
        headers: { 'webhook-id': id },
      }
    case 'slack':
      return plain({
        text: `${notice.type === 'resume' ? ':large_green_circle:' : ':octagonal_sign:'} ${notice.summary}`,
      })
    case 'pagerduty':
      return plain(pagerDuty(notice, secret ?? ''))
    case 'alertmanager':
      return plain([alert(notice)])
  }
}

const plain = (body: object): Prepared => ({ body: toJson(body), headers: {} })

function pagerDuty(notice: Notice, routingKey: string): object {
  const base = { routing_key: routingKey, dedup_key: notice.key.slice(0, 255) }
  if (notice.type === 'resume') return { ...base, event_action: 'resolve' }
  const payload = {
    summary: notice.summary.slice(0, SUMMARY_MAX),
    severity: notice.severity,
    source: 'tokenfuse',
    timestamp: iso(notice.timeMs),
    custom_details: notice.data,
  }
  return { ...base, event_action: 'trigger', payload }
}

/** With an end, so that it need not be sent again and again to stay: a kill's own, else 30 days, a verdict a day. */
function alert(notice: Notice): object {
  const lasts = notice.type === 'verdict' ? DAY_MS : 30 * DAY_MS
  const kind = notice.type === 'verdict' ? 'TokenfuseVerdict' : 'TokenfuseKill'
  return {
    labels: {
      alertname: kind,
      severity: notice.type === 'resume' ? 'critical' : notice.severity,
      key: notice.key,
      ...notice.scope,
    },
    annotations: { summary: notice.summary },
    startsAt: iso(notice.sinceMs),
    endsAt: iso(notice.untilMs ?? notice.sinceMs + lasts),
  }
}

/** Signs as Standard Webhooks describe: HMAC-SHA256 over id, time and body. The time is that of the attempt. */
export function signature(id: string, seconds: number, body: string, secret: string): string {
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret)
  return `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`
}
