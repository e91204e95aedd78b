import { type Infer, integer, object } from '../../pipeline/config/spec.ts'

export const config = object(
  {
    max_entries: integer({
      doc: 'How many calls are remembered for billing each of them once, per table and generation; between one and two times this many are known. About 48 bytes each. When more calls than that lie between two reports of the same call, the second one is billed again.',
      default: 131_072,
      min: 1024,
      max: 16_777_216,
    }),
  },
  {
    doc: 'Recognises provider calls and agent steps in spans, takes their token usage apart and bills each call once.',
  },
)

export type Config = Infer<typeof config>
