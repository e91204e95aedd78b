import { StringDecoder } from 'node:string_decoder'
import { usdString } from '../genai/money.ts'
import { bundledBook } from '../pricing/book/index.ts'
import { explain } from '../pricing/explain.ts'
import { Pricer } from '../pricing/pricer.ts'
import { decodeRecord, encodeCost } from '../pricing/record.ts'

const USAGE = `tokenfuse price [--explain] [--estimate] < usage.jsonl

Prices usage: one JSON object per line in, one per line out.

in   {"id","provider","model","at":"RFC 3339","usage":{"input_tokens","output_tokens",…},
      "request_model"?,"service_tier"?,"speed"?,"inference_geo"?,"region"?,"reported_cost_usd"?}
usage  input_tokens and output_tokens are totals; cache_read_tokens, cache_write_5m_tokens, output_reasoning_tokens,
       input_audio_tokens … are parts of them; web_searches, images, seconds, characters, pages, requests,
       cache_storage_token_hours … are counts of their own; is_byok is a flag
out  {"id","status","cost_usd","lines","card","book_version","layer","flags","reason"?}

  --explain    the arithmetic and the sources in words
  --estimate   lets a nearby price stand in where the exact one is unknown; such costs say so

A line that cannot be read is unpriced too, with "error" and "line"; the exit code is 1 at the end.
`

export interface PriceCommand {
  readonly args: readonly string[]
  readonly io: {
    readonly stdin: AsyncIterable<Buffer | string>
    stdout(text: string): void
    stderr(text: string): void
  }
}

/** Lines longer than this are refused: memory stays bounded whatever is piped in. */
const LINE_MAX = 1_000_000
const [DONE, FAILED, WRONG_USAGE] = [0, 1, 2]
const OPTIONS: readonly string[] = ['--explain', '--estimate']

export async function price({ args, io }: PriceCommand): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    io.stdout(USAGE)
    return DONE
  }
  const unknown = args.find((arg) => !OPTIONS.includes(arg))
  if (unknown !== undefined) {
    io.stderr(`tokenfuse price: unknown option ${JSON.stringify(unknown)}\n\n${USAGE}`)
    return WRONG_USAGE
  }
  const pricer = new Pricer({ book: bundledBook, estimate: args.includes('--estimate') })
  const answer = answerer(pricer, args.includes('--explain'))
  let failed = 0
  for await (const lines of batchesOf(io.stdin)) {
    const answers = lines.map(({ text, number }) => answer(text, number))
    failed += answers.filter((a) => a.isError).length
    if (answers.length > 0) io.stdout(answers.map((a) => a.text).join(''))
  }
  if (failed > 0) io.stderr(`tokenfuse price: ${failed} ${failed === 1 ? 'line' : 'lines'} could not be read\n`)
  return failed > 0 ? FAILED : DONE
}

interface Answer {
  readonly text: string
  readonly isError: boolean
}

function answerer(pricer: Pricer, inWords: boolean): (text: string | undefined, line: number) => Answer {
  // As unpriced as any call without a price, so that whoever reads only the status is not misled.
  const failure = (id: unknown, error: string, line: number): Answer => {
    const unpriced = { status: 'unpriced', cost_usd: null, lines: [], card: null, book_version: pricer.bookVersion }
    const what = { layer: 'none', flags: ['unreadable'], reason: 'bad_record' }
    return {
      text: `${JSON.stringify({ id, ...unpriced, ...what, error: `line ${line}: ${error}`, line })}\n`,
      isError: true,
    }
  }
  return (text, line) => {
    if (text === undefined) return failure(null, `longer than ${LINE_MAX} characters`, line)
    const json = parse(text)
    if (json === undefined) return failure(null, 'not JSON', line)
    const record = decodeRecord(json.value)
    if ('error' in record) return failure(record.id, record.error, line)
    const cost = pricer.price(record.query)
    if (inWords) return { text: `${explain(record, cost)}\n`, isError: false }
    return { text: `${JSON.stringify(encodeCost(record, cost, usdString))}\n`, isError: false }
  }
}

function parse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

interface Line {
  /** Absent: it was too long to keep. */
  readonly text: string | undefined
  readonly number: number
}

/** The complete lines of each chunk together, so that output is written once per chunk. Empty lines are skipped. */
async function* batchesOf(stdin: AsyncIterable<Buffer | string>): AsyncGenerator<readonly Line[]> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  let isTooLong = false
  let number = 0
  const take = (text: string): Line[] => {
    const parts = (rest + text).split('\n')
    rest = parts.pop() ?? ''
    const lines = parts.flatMap((part, i) => {
      number++
      const isLost = (isTooLong && i === 0) || part.length > LINE_MAX
      return part.trim() === '' && !isLost ? [] : [{ text: isLost ? undefined : part, number }]
    })
    if (parts.length > 0) isTooLong = false
    if (rest.length > LINE_MAX) {
      isTooLong = true
      rest = ''
    }
    return lines
  }
  for await (const chunk of stdin) yield take(typeof chunk === 'string' ? chunk : decoder.write(chunk))
  yield take(`${decoder.end()}\n`)
}
