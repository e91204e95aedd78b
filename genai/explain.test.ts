import { BILL_STATUSES, Call } from './call.ts'
import { FLAGS } from './dialects/flags.ts'
import { billInWords, notesInWords } from './explain.ts'

const call = (more: Partial<Call>): Call =>
  Object.assign(new Call('span', 0, { bytes: Buffer.alloc(0), trace: -1, span: -1, parent: -1 }), more)

test('every status and every flag has words, of its own or as the reason for a status', () => {
  for (const bill of BILL_STATUSES) expect(billInWords(call({ bill }))).toMatch(/^(not )?billed/)
  const silent = FLAGS.filter(
    (flag) =>
      notesInWords(call({ flags: [flag] })) === '' &&
      BILL_STATUSES.every((bill) => billInWords(call({ bill, flags: [flag] })) === billInWords(call({ bill }))),
  )
  // Corrections are told by what they correct; a cost that the span already had is no reason for anything.
  expect(silent).toEqual(['correction', 'has_usage_cost'])
})

test('flags of others, the proxy or the price book, are left to whoever knows them', () => {
  expect(notesInWords(call({ flags: ['estimated', 'toString'] }))).toBe('')
})
