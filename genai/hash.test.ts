import fc from '../test/support/property.ts'
import { combine, hashBytes, hashErrorClass, hashText } from './hash.ts'

const errorClass = (text: string): number => {
  const bytes = Buffer.from(text)
  return hashErrorClass(bytes, 0, bytes.length)
}

test('the same bytes have the same hash wherever they lie; other bytes have another', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 100 }),
      fc.uint8Array({ maxLength: 10 }),
      fc.nat(255),
      (bytes, before, other) => {
        const moved = Buffer.concat([before, bytes, Buffer.from([other])])
        const hash = hashBytes(bytes, 0, bytes.length)
        expect(hashBytes(moved, before.length, bytes.length)).toBe(hash)
        expect(hashBytes(moved, before.length, bytes.length + 1)).not.toBe(hash)
        expect(Number.isSafeInteger(hash) && hash >= 0).toBe(true)
      },
    ),
  )
})

test('near texts do not meet: 200,000 of them', () => {
  const seen = new Set<number>()
  for (let i = 0; i < 100_000; i++) seen.add(hashText(`{"path":"/srv/app/file-${i}.ts"}`)).add(combine(i, 7))
  expect(seen.size).toBe(200_000)
})

test('errors that differ in numbers, addresses and white space are of one class', () => {
  const same = (a: string, b: string) => expect(errorClass(a)).toBe(errorClass(b))
  const differ = (a: string, b: string) => expect(errorClass(a)).not.toBe(errorClass(b))
  same('bash: line 62215: javac: command not found', 'bash: line 9: javac: command not found')
  same('at 0x7ffe12ab in f', 'at 0x1 in f')
  same('object deadbeefcafe gone', 'object 0123456789ab gone')
  same('a  b', 'a\n\tb')
  differ('javac: command not found', 'java: command not found')
  differ('a b', 'ab')
  differ('', 'x')
  // Short words that happen to be hex digits are words.
  differ('bad face', 'bad cafe')
})
