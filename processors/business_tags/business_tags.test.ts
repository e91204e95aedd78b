import { testHost } from '../../test/support/host.ts'
import fc from '../../test/support/property.ts'
import { settingsOf } from '../../test/support/settings.ts'
import { type AttributeValues, runner, type SpanSpec, traceRequest } from '../../test/support/spans.ts'
import { factory as usage } from '../gen_ai_usage/index.ts'
import type { Config } from './config.ts'
import { factory } from './index.ts'

const settings = (
  tags: Record<string, { from?: string[]; value?: string; default?: string }> = {},
  max = 256,
): Config => ({
  tags: Object.fromEntries(
    Object.entries(tags).map(([name, t]) => [name, { from: t.from ?? [], value: t.value, default: t.default }]),
  ),
  max_value_length: max,
})

function send(config: Config, attributes: AttributeValues, span: SpanSpec = {}, host = testHost()) {
  const run = runner([usage.create(settingsOf(usage), host), factory.create(config, host)])
  const chat = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.request.model': 'm',
    'gen_ai.usage.input_tokens': 1,
    'gen_ai.usage.output_tokens': 1,
  }
  const out = run(traceRequest([{ ...span, attributes: { ...chat, ...attributes } }]))
  return { tags: out.calls[0]?.tags, attributes: out.attributes[0] ?? {}, host }
}

test('built-in tags come from the span first, then from the resource; the run falls back to the trace', () => {
  const { tags, attributes } = send(
    settings(),
    { 'gen_ai.agent.name': 'triage', 'tenant.id': 42 },
    { trace: 'ab', resource: { 'service.name': 'svc', 'tenant.id': 'from-resource', department: 'support' } },
  )
  expect(tags).toMatchObject({
    run: 'ab'.padStart(32, '0'),
    agent: 'triage',
    customer: '42',
    businessUnit: 'support',
    workflow: undefined,
  })
  expect(attributes).toMatchObject({
    'tokenfuse.run.id': 'ab'.padStart(32, '0'),
    'tokenfuse.agent': 'triage',
    'tokenfuse.customer': '42',
    'tokenfuse.business_unit': 'support',
  })
  expect(send(settings(), {}, { resource: { 'service.name': 'svc' } }).tags?.agent).toBe('svc')
})

test('what the sender said about itself is taken and stands once', () => {
  const { tags, attributes } = send(settings(), { 'tokenfuse.run.id': 'run-7', 'tokenfuse.agent': '' })
  expect(tags?.run).toBe('run-7')
  expect(attributes['tokenfuse.run.id']).toBe('run-7')
  expect(tags?.agent).toBe('test-agent')
})

test('configured tags: own names, fixed values, defaults, resource only', () => {
  const config = settings({
    customer: { from: ['acct'] },
    cost_center: { from: ['resource.cost_center'], default: 'unassigned' },
    region: { value: 'eu' },
  })
  const first = send(config, { acct: 'A1', cost_center: 'on the span' })
  expect(first.tags).toMatchObject({ customer: 'A1', extra: { cost_center: 'unassigned', region: 'eu' } })
  expect(first.attributes).toMatchObject({ 'tokenfuse.tag.cost_center': 'unassigned', 'tokenfuse.tag.region': 'eu' })
  expect(send(config, {}, { resource: { cost_center: 'cc-9' } }).tags?.extra).toMatchObject({ cost_center: 'cc-9' })
})

test('long values are cut and counted', () => {
  const { tags, host } = send(settings({}, 32), { 'gen_ai.agent.name': 'x'.repeat(40) })
  expect(tags?.agent).toBe('x'.repeat(32))
  expect(host.metric('tokenfuse_tag_values_cut_total')).toBe(1)
})

test('what is remembered of other spans changes nothing', () => {
  const pick = (...values: (string | number | undefined)[]) => fc.constantFrom(undefined, ...values)
  const subject = fc.record({
    'gen_ai.agent.name': pick('a', 'agent-1', 'agent-2', 'agent-é', 'x'.repeat(70), ''),
    'tenant.id': pick('tenant-1', 'tenant-2', 42, 'y'.repeat(40)),
    'tokenfuse.agent': pick(undefined, undefined, 'agent-1', ''),
    team: pick('team-1', 'team-2'),
  })
  const span = fc.record({
    subject: fc.nat(2),
    trace: fc.constantFrom('', 'a1', 'b2', 'c3'),
    service: fc.constantFrom('svc', 'svc', 'other'),
    run: pick(undefined, undefined, 'run-1', 'a1'.padStart(32, '0'), 'z'.repeat(40), 7),
  })
  const config = settings({ team: { from: ['team'], default: 'none' } }, 32)
  const start = () => runner([usage.create(settingsOf(usage), testHost()), factory.create(config, testHost())])
  const subjects = fc.array(subject, { minLength: 3, maxLength: 3 })
  const property = fc.property(subjects, fc.array(span, { minLength: 10, maxLength: 25 }), (subjects, spans) => {
    const together = start()
    for (const [i, { subject, trace, service, run }] of spans.entries()) {
      const given = { ...subjects[subject], 'tokenfuse.run.id': run }
      const attributes = {
        'gen_ai.operation.name': 'chat',
        'gen_ai.request.model': 'm',
        'gen_ai.response.id': `id-${i}`,
        'gen_ai.usage.input_tokens': 1,
        ...Object.fromEntries(
          Object.entries(given).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
        ),
      }
      const request = traceRequest([{ trace, attributes, resource: { 'service.name': service } }])
      const after = together(request)
      const alone = start()(request)
      expect(after.calls).toHaveLength(1)
      expect(after.calls.map(({ tags }) => tags)).toEqual(alone.calls.map(({ tags }) => tags))
      expect(after.attributes).toEqual(alone.attributes)
    }
  })
  fc.assert(property, { numRuns: 12 })
})
