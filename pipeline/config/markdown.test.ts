import { componentPage } from './markdown.ts'
import { FACTORIES } from './testing/fakes.ts'

const page = (type: string): string => {
  const factory = FACTORIES.find((one) => one.type === type)
  return factory === undefined ? '' : componentPage(factory)
}

test('a page has the facts, one row per key, and the metrics', () => {
  expect(page('otlp_http')).toBe(`# otlp_http

Sends OTLP.

- Kind: exporter
- Stability: stable
- Signals: traces, logs, metrics
- Also known as: \`otlphttp\`

## Configuration

OTLP over HTTP.

| Key | Type | Default | Description |
| --- | --- | --- | --- |
| \`endpoint\` | string | **required** | Where to. Examples: \`"https://otel.example:4318"\`. |
| \`headers\` | map of string |  | Headers. |
| \`api_key\` | string | absent | A key. Secret: never printed. |
| \`timeout\` | duration | \`"30s"\` | Longest wait. |
| \`tls\` | object |  | TLS. |
| \`tls.insecure\` | boolean | \`false\` | No TLS. |
| \`tls.ca_file\` | string | absent | CA. |

## Metrics

| Name | Type | Labels | Description |
| --- | --- | --- | --- |
| \`sent_total\` | counter, {span} | \`exporter\` | Sent. |
`)
})

test('keys of list items and maps have paths of their own; bars do not break the table', () => {
  const rows = page('budget')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
  expect(rows).toEqual([
    '| `budgets` | list of object |  | The budgets. |',
    '| `budgets[].id` | string | **required** | Name. Examples: `"per_run"`. |',
    '| `budgets[].limit_usd` | USD | absent | Limit in USD. |',
    '| `budgets[].throttle_at` | number, at least 0, at most 1 | `0.8` | Share of the limit. |',
    '| `budgets[].period` | `lifetime`, `hour`, `day` | `"lifetime"` | Period. |',
    '| `budgets[].scope` | list of string | `["run"]` | Subject keys. |',
    '| `enforce` | boolean | `false` | Whether calls are refused. |',
    '| `dry_run` | boolean | absent | Old name. **Deprecated:** use enforce: false |',
    '| `window` | duration, at least 1s, at most 1d | `"1h"` | How long. |',
    '| `slots` | integer, at least 1, at most 1000 | `10` | How many \\| most. |',
    '| `extra` | any |  | Anything. |',
    '| `labels` | map of string |  | Labels. |',
  ])
})

test('an example of the whole component is shown as YAML', () => {
  expect(page('otlp')).toContain('## Example\n\n```yaml\nreceivers:\n  otlp:\n    protocols:\n      grpc: {}\n```')
  expect(page('debug')).toContain('It has no configuration keys.')
})
