import { type Complaint, type Infer, integer, object } from '../../pipeline/config/spec.ts'
import { grpc } from './config-grpc.ts'
import { http } from './config-http.ts'

export const config = object(
  {
    protocols: object(
      { grpc, http },
      { doc: 'Which protocols to serve. Naming one is enough: an empty `grpc:` or `http:` takes all its defaults.' },
      (protocols): readonly Complaint[] =>
        protocols.grpc === undefined && protocols.http === undefined
          ? [
              {
                path: [],
                message: 'must specify at least one protocol when using the OTLP receiver; add "grpc:" or "http:"',
              },
            ]
          : [],
    ),
    admission: object(
      {
        request_limit_mib: integer({
          doc: 'Mebibytes of requests that may be on their way in at once, over both protocols: received bytes plus what they unpack to, until they are answered. A request beyond it is refused with 503 or UNAVAILABLE and may be sent again.',
          default: 128,
          min: 1,
        }),
      },
      {
        doc: 'Bounds the memory that senders can make the receiver use. Not a key of the OpenTelemetry Collector’s own receiver.',
      },
    ),
  },
  { doc: 'Receives traces, logs and metrics as OTLP over gRPC and HTTP, in protobuf and JSON.' },
  ({ protocols, admission }): readonly Complaint[] => {
    const limit = admission.request_limit_mib * 1024 * 1024
    const largest = Math.max(
      (protocols.grpc?.max_recv_msg_size_mib ?? 0) * 1024 * 1024,
      protocols.http?.max_request_body_size ?? 0,
    )
    const message = `less than the largest request allowed (${largest} bytes); raise it to ${Math.ceil(largest / 1048576)} or more`
    return largest > limit ? [{ path: ['admission', 'request_limit_mib'], message }] : []
  },
)

export type Config = Infer<typeof config>
