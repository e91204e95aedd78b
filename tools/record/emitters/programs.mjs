// One question to a real coding agent, without a terminal and with its telemetry switched on; which is said by CASE. HOME is a
// folder of its own, beside the `node_modules` that has the program.

import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const { CASE, HOME, PATH, PROVIDER_URL: provider, MORE_URL: more, OTEL_EXPORTER_OTLP_ENDPOINT: sink } = process.env
const QUESTION = 'weather?'
const work = join(HOME, 'work')
mkdirSync(work)

const write = (path, content) => {
  const file = join(HOME, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
}

function run(program, args, env) {
  const child = spawn(join(HOME, '../node_modules/.bin', program), args, {
    cwd: work,
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  process.once('SIGTERM', () => child.kill('SIGKILL'))
  return new Promise((resolve) => child.on('close', resolve))
}

const claudeCode = (signals) =>
  run('claude', ['-p', QUESTION, '--model', 'claude-sonnet-4-5', '--allowedTools', 'Bash,Task,Agent'], {
    ANTHROPIC_BASE_URL: provider,
    ANTHROPIC_API_KEY: 'test',
    CLAUDE_CODE_ENABLE_TELEMETRY: '1',
    CLAUDE_CODE_ENHANCED_TELEMETRY_BETA: '1',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
    OTEL_LOGS_EXPORTER: signals.includes('logs') ? 'otlp' : 'none',
    OTEL_TRACES_EXPORTER: signals.includes('traces') ? 'otlp' : 'none',
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    OTEL_EXPORTER_OTLP_ENDPOINT: sink,
  })

function codex(signals) {
  const to = (signal) => `{ otlp-http = { endpoint = "${sink}/v1/${signal}", protocol = "binary" } }`
  write(
    '.codex/config.toml',
    `model = "gpt-5"
model_provider = "standin"
approval_policy = "never"
sandbox_mode = "danger-full-access"
[model_providers.standin]
name = "standin"
base_url = "${provider}/v1"
env_key = "OPENAI_API_KEY"
wire_api = "responses"
[otel]
environment = "test"
exporter = ${signals.includes('logs') ? to('logs') : '"none"'}
trace_exporter = ${signals.includes('traces') ? to('traces') : '"none"'}
metrics_exporter = "none"
`,
  )
  return run('codex', ['exec', '--skip-git-repo-check', QUESTION], { OPENAI_API_KEY: 'test' })
}

function geminiCli() {
  write('.gemini/settings.json', {
    security: { auth: { selectedType: 'gemini-api-key' } },
    telemetry: { enabled: true, target: 'local', useCollector: true, otlpProtocol: 'http', logPrompts: false },
    privacy: { usageStatisticsEnabled: false },
    general: { enableAutoUpdate: false },
  })
  return run('gemini', ['-p', QUESTION, '-m', 'gemini-2.5-pro', '--yolo'], {
    GEMINI_API_KEY: 'test',
    GOOGLE_GEMINI_BASE_URL: more,
    GEMINI_TELEMETRY_OTLP_ENDPOINT: sink,
    GEMINI_CLI_TRUST_WORKSPACE: 'true',
  })
}

/** Its providers are packages of the Vercel AI SDK. */
function opencode(vendor) {
  const model = `${vendor}/${vendor === 'anthropic' ? 'claude-sonnet-4-5' : 'gpt-5'}`
  write('.config/opencode/opencode.json', {
    autoupdate: false,
    share: 'disabled',
    experimental: { openTelemetry: true },
    model,
    small_model: model,
    enabled_providers: [vendor],
    provider: { [vendor]: { options: { baseURL: `${provider}/v1`, apiKey: 'test' } } },
  })
  return run('opencode', ['run', '--title', 'weather', QUESTION], {
    OTEL_EXPORTER_OTLP_ENDPOINT: sink,
    // It leaves before its last batch is due.
    OTEL_BSP_SCHEDULE_DELAY: '50',
    OPENCODE_DISABLE_MODELS_FETCH: '1',
    OPENCODE_DISABLE_AUTOUPDATE: '1',
  })
}

/** With a provider of one's own it wants no login. */
const copilot = (vendor) =>
  run('copilot', ['-p', QUESTION, '--allow-all-tools'], {
    COPILOT_MODEL: vendor === 'anthropic' ? 'claude-sonnet-4.5' : 'gpt-5',
    COPILOT_PROVIDER_WIRE_MODEL: vendor === 'anthropic' ? 'claude-sonnet-4-5' : 'gpt-5',
    COPILOT_PROVIDER_TYPE: vendor,
    COPILOT_PROVIDER_WIRE_API: 'responses',
    COPILOT_PROVIDER_BASE_URL: vendor === 'anthropic' ? provider : `${provider}/v1`,
    COPILOT_PROVIDER_API_KEY: 'test',
    OTEL_EXPORTER_OTLP_ENDPOINT: sink,
  })

const cases = {
  'claude-code': () => claudeCode('logs traces'),
  'claude-code-traces': () => claudeCode('traces'),
  codex: () => codex('logs traces'),
  'codex-traces': () => codex('traces'),
  'gemini-cli': geminiCli,
  'copilot-openai': () => copilot('openai'),
  'copilot-anthropic': () => copilot('anthropic'),
  'opencode-openai': () => opencode('openai'),
  'opencode-anthropic': () => opencode('anthropic'),
}
await cases[CASE]()
