import { choice, duration, integer, map, object, string } from '../config/spec.ts'

export const headers = map(string({ doc: 'The value of the header.', secret: true }), {
  doc: 'Headers sent with every request, e.g. the key of the far end. Values are never shown.',
})

export const compression = (choices: readonly ('gzip' | 'zstd' | 'none')[]) =>
  choice(choices, {
    doc: 'How requests are compressed. `none` saves most of the processor time of an exporter; use it towards the same machine.',
    default: 'gzip',
  })

export const compressionParams = object(
  {
    level: integer({
      doc: 'Effort: 1 is fastest. Higher levels cost several times as much and save little on telemetry. For gzip at most 9.',
      default: 1,
      min: 1,
      max: 19,
    }),
  },
  { doc: 'Details of the compression.' },
)

export const timeout = (byDefault: string) =>
  duration({
    doc: 'How long one attempt may take. When it is over, the attempt has failed and is made again.',
    default: byDefault,
    min: 1,
  })
