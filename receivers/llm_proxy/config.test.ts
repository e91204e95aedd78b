import { configured, valid } from '../../pipeline/exporter-config/testing/configured.ts'
import { config } from './config.ts'
import { DEFAULTS } from './testing/harness.ts'
import { resolveUpstreams } from './upstreams.ts'

test('an empty config listens on loopback and knows four providers', () => {
  const settings = valid(config, '{}')
  expect(settings).toEqual({ ...DEFAULTS, endpoint: '127.0.0.1:4141' })
  const found = [...resolveUpstreams(settings.upstreams).values()].map(({ name, url, dialect, provider }) => [
    name,
    url.href,
    dialect,
    provider,
  ])
  expect(found).toEqual([
    ['openai', 'https://api.openai.com/', 'openai', 'openai'],
    ['anthropic', 'https://api.anthropic.com/', 'anthropic', 'anthropic'],
    ['gemini', 'https://generativelanguage.googleapis.com/', 'gemini', 'gcp.gemini'],
    ['bedrock', 'https://bedrock-runtime.us-east-1.amazonaws.com/', 'bedrock', 'aws.bedrock'],
  ])
})

test('an entry changes only what it gives; a new one speaks OpenAI and bills under its own name', () => {
  const { upstreams } = valid(
    config,
    'upstreams: { anthropic: { inject_usage: false }, acme: { base_url: "https://llm.acme.example/v9" } }',
  )
  const found = resolveUpstreams(upstreams)
  expect(found.get('anthropic')).toMatchObject({ dialect: 'anthropic', provider: 'anthropic', injectUsage: false })
  expect(found.get('acme')).toMatchObject({ dialect: 'openai', provider: 'acme', injectUsage: true })
  expect(found.get('acme')?.url.href).toBe('https://llm.acme.example/v9')
})

test('what cannot work is refused at the start, with its place', () => {
  const check = (yaml: string, ...problems: string[]): void => {
    const found = configured(config, yaml).problems
    expect(found).toHaveLength(problems.length)
    for (const [i, problem] of problems.entries()) expect(found[i]).toContain(problem)
  }
  check('upstreams: { acme: {} }', 'upstreams.acme.base_url: "acme" is not built in')
  check('upstreams: { "a/b": { base_url: "http://x" } }', 'an upstream name is a path segment')
  check('upstreams: { openai: { headers: { "bad name": v } } }', 'not a header name')
  check(
    'upstreams: { openai: { headers: { authorization: "two\\nlines" } } }',
    'upstreams.openai.headers.authorization',
  )
  check('upstreams: { openai: { base_url: "ftp://x" } }', 'upstreams.openai.base_url')
  check('endpoint: localhost', 'endpoint')
  check('idle_timeout: 5', 'idle_timeout')
  check('max_in_flight: 0', 'max_in_flight')
  check('upstream: {}', 'upstreams')
})

test('no secret shows in a problem', () => {
  const { problems } = configured(config, 'upstreams: { openai: { headers: { authorization: "Bearer s3cret\\n" } } }')
  expect(problems.join()).not.toContain('s3cret')
})
