import protobuf from 'protobufjs'

const { root } = protobuf.parse(`
  syntax = "proto3"; package google.rpc;
  message Any { string type_url = 1; bytes value = 2; }
  message Status { int32 code = 1; string message = 2; repeated Any details = 3; }
  message Duration { int64 seconds = 1; int32 nanos = 2; }
  message RetryInfo { Duration retry_delay = 1; }
`)

export interface Status {
  readonly code: number
  readonly message: string
  readonly retryAfterMs: number | undefined
}

/** google.rpc.Status by a codec that shares nothing with the product's. */
export function decodeStatus(bytes: Uint8Array): Status {
  const type = root.lookupType('google.rpc.Status')
  const status = type.toObject(type.decode(bytes), { defaults: true, bytes: Buffer }) as {
    code: number
    message: string
    details: { type_url?: string; typeUrl?: string; value: Buffer }[]
  }
  const info = status.details.find((d) => (d.typeUrl ?? d.type_url) === 'type.googleapis.com/google.rpc.RetryInfo')
  return {
    code: status.code,
    message: status.message,
    retryAfterMs: info === undefined ? undefined : delayOf(info.value),
  }
}

function delayOf(bytes: Uint8Array): number {
  const type = root.lookupType('google.rpc.RetryInfo')
  const { retryDelay } = type.toObject(type.decode(bytes), { longs: Number, defaults: true }) as {
    retryDelay: { seconds: number; nanos: number } | null
  }
  return retryDelay === null ? 0 : retryDelay.seconds * 1000 + retryDelay.nanos / 1e6
}
