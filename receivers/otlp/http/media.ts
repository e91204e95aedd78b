/** The two encodings of OTLP over HTTP. */
export type Media = 'protobuf' | 'json'

export const MEDIA_TYPE: Readonly<Record<Media, string>> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
}

/** Parameters (`; charset=utf-8`) and upper case do not matter; undefined = neither. */
export function mediaOf(contentType: string | undefined): Media | undefined {
  // What nearly every sender writes, to spare the others' work.
  if (contentType === 'application/x-protobuf') return 'protobuf'
  if (contentType === 'application/json') return 'json'
  switch (contentType?.split(';', 1)[0]?.trim().toLowerCase()) {
    case 'application/x-protobuf':
    case 'application/protobuf':
      return 'protobuf'
    case 'application/json':
      return 'json'
    default:
      return undefined
  }
}
