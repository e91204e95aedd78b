import { type IdentityRules, identify, outgoingContext } from './identity.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const PARENT = '00f067aa0ba902b7'
const RULES: IdentityRules = { headers: {}, defaults: { agent: 'tokenfuse-proxy' }, random: () => 0.25 }

const check = (headers: Record<string, string>, want: object, rules: Partial<IdentityRules> = {}): void =>
  expect(identify(headers, { ...RULES, ...rules })).toMatchObject(want)

test('a call is for whom its headers say', () => {
  check(
    {
      'x-tokenfuse-run': ' r1 ',
      'x-tokenfuse-agent': 'planner',
      'x-tokenfuse-workflow': 'w',
      'x-tokenfuse-step': 's',
      'x-tokenfuse-customer': 'acme',
      'x-tokenfuse-business-unit': 'research',
      'x-tokenfuse-tag-Cost-Center': '42',
    },
    {
      subject: {
        run: 'r1',
        agent: 'planner',
        workflow: 'w',
        step: 's',
        customer: 'acme',
        business_unit: 'research',
        cost_center: '42',
      },
    },
  )
})

test('sources have their order: own headers, configured ones, baggage, Helicone, the trace, defaults', () => {
  const traceparent = `00-${TRACE}-${PARENT}-01`
  const baggage =
    'tokenfuse.run.id=from-baggage,tokenfuse.customer=b%20c;prop=1,session.id=s1,user.id=u1,tokenfuse.tag.team=x'
  const helicone = { 'helicone-property-customer': 'h', 'helicone-session-id': 'hs', 'helicone-user-id': 'hu' }
  check(
    { traceparent, baggage, 'x-tokenfuse-run': 'own' },
    { subject: { run: 'own', customer: 'b c', team: 'x' }, session: 's1', user: 'u1' },
  )
  check(
    { traceparent, baggage, ...helicone },
    { subject: { run: 'from-baggage', customer: 'b c' }, session: 's1', user: 'u1' },
  )
  check({ baggage, 'x-customer-id': 'c' }, { subject: { customer: 'c' } }, { headers: { customer: 'x-customer-id' } })
  check({ traceparent, ...helicone }, { subject: { run: TRACE, customer: 'h' }, session: 'hs', user: 'hu' })
  check(helicone, { subject: { run: 'hs' } })
  check({}, { subject: { run: 'pod-1', agent: 'a' } }, { defaults: { run: 'pod-1', agent: 'a' } })
})

test('a call that says nothing is a run of its own: its trace', () => {
  const identity = identify({}, RULES)
  expect(identity.traceId).toMatch(/^[0-9a-f]{32}$/)
  expect(identity.spanId).toMatch(/^[0-9a-f]{16}$/)
  expect(identity).toMatchObject({
    parentId: '',
    traced: false,
    subject: { run: identity.traceId, agent: 'tokenfuse-proxy' },
  })
})

test('traceparent is taken when it is one', () => {
  check({ traceparent: `00-${TRACE}-${PARENT}-00` }, { traceId: TRACE, parentId: PARENT, traceFlags: 0, traced: true })
  check({ traceparent: `cc-${TRACE}-${PARENT}-01-what-the-future-brings` }, { traceId: TRACE, parentId: PARENT })
  for (const wrong of [
    `ff-${TRACE}-${PARENT}-01`,
    `00-${TRACE}-${PARENT}-01-more`,
    `00-${'0'.repeat(32)}-${PARENT}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${PARENT}-01`,
    'nonsense',
    '',
  ]) {
    check({ traceparent: wrong }, { traced: false, parentId: '' })
  }
})

test('what comes in from outside is bounded', () => {
  const many = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`x-tokenfuse-tag-t${i}`, 'v']))
  expect(Object.keys(identify({ ...many, 'x-tokenfuse-customer': 'c' }, RULES).subject)).toHaveLength(16 + 3)
  expect(identify({ 'x-tokenfuse-run': 'r'.repeat(5000) }, RULES).subject['run']).toHaveLength(256)
  check({ baggage: `tokenfuse.run.id=x,${'a'.repeat(9000)}=1` }, { traced: false })
  check({ baggage: 'tokenfuse.run.id=%E0%A4%A,=novalue,,;;' }, { subject: { run: '%E0%A4%A' } })
})

test('the provider sees our span as the parent, and none of our tags', () => {
  const headers = { traceparent: `00-${TRACE}-${PARENT}-01`, baggage: 'tokenfuse.customer=acme, session.id=s1 ,x=y' }
  const identity = identify(headers, RULES)
  expect(outgoingContext(headers, identity)).toEqual({
    traceparent: `00-${TRACE}-${identity.spanId}-01`,
    baggage: ' session.id=s1 ,x=y',
  })
  expect(outgoingContext({}, identify({}, RULES))).toEqual({ traceparent: undefined, baggage: undefined })
})
