import { Call } from '../../genai/call.ts'
import { hashKey } from '../../genai/call-key.ts'
import { testHost } from '../../test/support/host.ts'
import fc from '../../test/support/property.ts'
import { Keys } from './keys.ts'

const ID = 32
const count = fc.oneof(fc.nat(30), fc.nat({ max: Number.MAX_SAFE_INTEGER }), fc.integer(), fc.double())

test('a key hashed from bytes is the hash of the key as text, whatever the call', () => {
  const keys = new Keys(testHost('budget'))
  const property = fc.property(
    fc.uint8Array({ minLength: ID, maxLength: ID }),
    fc.oneof(fc.string(), fc.string({ unit: 'binary' })),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('', 'ids', 'no trace', 'no span', 'zero span'),
    fc.constantFrom('bytes', 'text', 'none'),
    count,
    count,
    (ids, response, provider, kind, form, input, output) => {
      const text = Buffer.from(response)
      const bytes = Buffer.concat([ids, text])
      if (kind === 'zero span') bytes.fill(0, 16, 24)
      const trace = kind === 'no trace' ? -1 : 0
      const call = new Call('span', 0, { bytes, trace, span: kind === 'no span' ? -1 : 16, parent: -1 })
      call.provider = provider.toWellFormed()
      if (form === 'bytes') {
        call.responseIdAt = ID
        call.responseIdLength = text.length
      } else if (form === 'text') {
        call.responseId = text.toString()
      }
      const key = keys.of(call, input, output)
      if (typeof key === 'string') {
        if (!key.startsWith('anonymous')) expect(key).toBe(keys.text(call, input, output))
      } else {
        expect({ ...key }).toEqual(hashKey(keys.text(call, input, output)))
      }
    },
  )
  fc.assert(property, { numRuns: 2_000 })
})

test('the usual calls need no text', () => {
  const keys = new Keys(testHost('budget'))
  const bytes = Buffer.concat([Buffer.alloc(ID, 7), Buffer.from('chatcmpl-1')])
  const call = new Call('span', 0, { bytes, trace: 0, span: 16, parent: 24 })
  expect(typeof keys.of(call, 1, 2)).toBe('object')
  call.responseIdAt = ID
  call.responseIdLength = 10
  expect(typeof keys.of(call, 1, 2)).toBe('object')
})
