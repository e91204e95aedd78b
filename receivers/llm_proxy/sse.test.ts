import fc from '../../test/support/property.ts'
import { parseSseEvent, SseSplitter } from './sse.ts'

/** Events, and the bytes behind the last one, of a stream that arrives in these pieces. */
function split(chunks: readonly Buffer[], maxBytes?: number): { events: string[]; oversize: string; rest: string } {
  const events: string[] = []
  let oversize = ''
  const splitter = new SseSplitter(
    (raw) => events.push(raw.toString('utf8')),
    (raw) => {
      oversize += raw.toString('utf8')
    },
    maxBytes,
  )
  for (const chunk of chunks) splitter.push(chunk)
  return { events, oversize, rest: splitter.rest().toString('utf8') }
}

const STREAMS: readonly (readonly [what: string, stream: string, events: readonly string[]])[] = [
  ['LF', 'data: a\n\nevent: e\ndata: b\n\n', ['data: a\n\n', 'event: e\ndata: b\n\n']],
  ['CRLF', 'data: a\r\n\r\ndata: b\r\n\r\n', ['data: a\r\n\r\n', 'data: b\r\n\r\n']],
  ['CR', 'data: a\r\rdata: b\r\r', ['data: a\r\r', 'data: b\r\r']],
  ['mixed', 'data: a\r\n\ndata: b\n\r\n', ['data: a\r\n\n', 'data: b\n\r\n']],
  ['blank lines before and between', '\n\ndata: a\n\n\ndata: b\n\n', ['\n\ndata: a\n\n', '\ndata: b\n\n']],
  ['comments', ': ping\n\ndata: é€😀\n\n', [': ping\n\n', 'data: é€😀\n\n']],
]

test.each(STREAMS)(
  'events with %s line ends come out whole, wherever the stream is cut in two',
  (_what, stream, events) => {
    const bytes = Buffer.from(stream)
    for (let at = 0; at <= bytes.length; at++) {
      const { events: found, rest } = split([bytes.subarray(0, at), bytes.subarray(at)])
      // The last event of a CR stream ends with the stream: only the next byte would tell that no LF follows.
      expect(rest === '' ? found : [...found, rest]).toEqual(events)
    }
  },
)

test('any cutting into chunks yields the same events, and no byte is lost', () => {
  const stream = fc.array(fc.constantFrom('data: x', 'event: y', '\n', '\r\n', '\r', '\n\n', ': c', 'ü'), {
    maxLength: 40,
  })
  fc.assert(
    fc.property(stream, fc.array(fc.nat(200), { maxLength: 10 }), (parts, cuts) => {
      const bytes = Buffer.from(parts.join(''))
      const at = [0, ...cuts.filter((c) => c < bytes.length).sort((a, b) => a - b), bytes.length]
      const chunks = at.slice(1).map((end, i) => bytes.subarray(at[i], end))
      const whole = split([bytes])
      const cut = split(chunks)
      expect(cut).toEqual(whole)
      expect(cut.events.join('') + cut.rest).toBe(bytes.toString('utf8'))
    }),
  )
})

test('an event beyond the limit goes through piece by piece, and those behind it are read again', () => {
  const long = `data: ${'x'.repeat(100)}\n\n`
  const bytes = Buffer.from(`data: a\n\n${long}data: b\n\n`)
  const chunks = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, i) => bytes.subarray(i * 7, i * 7 + 7))
  expect(split(chunks, 32)).toEqual({ events: ['data: a\n\n', 'data: b\n\n'], oversize: long, rest: '' })
})

test('fields are read as the standard says', () => {
  const check = (raw: string, event: string, data: string): void =>
    expect(parseSseEvent(Buffer.from(raw))).toEqual({ event, data })
  check('data: one\ndata: two\n\n', '', 'one\ntwo')
  check('event: e\r\ndata:x\r\nid: 3\r\n\r\n', 'e', 'x')
  check('data:  two blanks\n\n', '', ' two blanks')
  check('data\n\n', '', '')
  check('\ufeffdata: bom\n\n', '', 'bom')
  check(': only a comment\n\n', '', '')
  check('database: no\n\n', '', '')
})
