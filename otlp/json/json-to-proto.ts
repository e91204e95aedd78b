import { fail, input } from './input.ts'
import { OPEN_BRACE, skipSpace } from './marks.ts'
import { copyMessage } from './message.ts'
import { REQUEST } from './model.ts'
import type { OtlpSignal } from './schema.ts'
import { ProtoSink } from './sink.ts'

const sink = new ProtoSink()

/**
 * An OTLP/JSON Export*ServiceRequest as protobuf. Throws {@link OtlpJsonError} at anything that is not one.
 *
 * Accepts what the specification asks for and what senders are known to write besides: names of enum values, snake_case
 * keys, ids in either case, 64-bit numbers bare or in quotes, a byte order mark. Unknown keys are ignored, `null` means
 * absent. A key that stands twice follows the rules of protobuf: the last scalar counts, messages merge, lists join.
 */
export function jsonToProto(signal: OtlpSignal, body: Buffer): Buffer {
  input.load(body)
  // Protobuf is about half as long.
  sink.reset(body.length >>> 1)
  const { view } = input
  const marked = body.length >= 3 && body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf
  const at = skipSpace(view, marked ? 3 : 0)
  if (view.getUint8(at) !== OPEN_BRACE) fail('expected an object', at)
  const rest = skipSpace(view, copyMessage(view, sink, REQUEST[signal], at, 0))
  if (rest < input.end) fail('unexpected text behind the document', rest)
  return sink.finish()
}
