import { boolean, duration, type Infer, integer, object, string } from '../../pipeline/config/spec.ts'
import { auth, checkCommon, dialer, includeMetadata, middlewares, tls, transport } from './config-shared.ts'

const keepalive = object(
  {
    server_parameters: object(
      {
        max_connection_idle: duration({
          doc: 'A connection without calls for this long is asked to go (GOAWAY). 0 = never.',
          default: '0',
        }),
        max_connection_age: duration({
          doc: 'A connection of this age, give or take a tenth, is asked to go (GOAWAY), so that clients spread anew over servers. 0 = never.',
          default: '0',
        }),
        max_connection_age_grace: duration({
          doc: 'How long calls under way may go on after `max_connection_age`; then the connection is cut. 0 = as long as they take.',
          default: '0',
        }),
        time: duration({ doc: 'A connection that said nothing for this long is pinged. 0 = never.', default: '2h' }),
        timeout: duration({ doc: 'A ping that is not answered within this time ends the connection.', default: '20s' }),
      },
      { doc: 'When connections are pinged and when they are ended.' },
    ),
    enforcement_policy: object(
      {
        min_time: duration({ doc: 'Least time between two pings of a client.', default: '5m' }),
        permit_without_stream: boolean({
          doc: 'Whether a client may ping while it has no call under way.',
          default: false,
        }),
      },
      {
        doc: 'Ends connections of clients that ping too often (GOAWAY `too_many_pings`, at the third such ping). Without this block pings are not limited.',
        optional: true,
      },
    ),
  },
  { doc: 'How long connections live and how they are watched.' },
)
export type Keepalive = Infer<typeof keepalive>

export const grpc = object(
  {
    endpoint: string({
      doc: 'Where to listen: `host:port`, `[::1]:port`, `:port` for all interfaces, or a path or `unix:///path` for a unix socket. Port 0 takes a free one.',
      default: '127.0.0.1:4317',
      examples: ['0.0.0.0:4317'],
    }),
    transport,
    max_recv_msg_size_mib: integer({
      doc: 'Largest message in mebibytes, also after decompression. A larger one is answered RESOURCE_EXHAUSTED, which senders do not retry. Raise it, here and at the sender, when spans carry whole prompts. 0 = the default.',
      default: 4,
      min: 0,
      max: 1024,
    }),
    max_concurrent_streams: integer({
      doc: 'Calls that one connection may have under way; clients hold further ones back. 0 = the default.',
      default: 1000,
      min: 0,
      max: 1_000_000,
    }),
    read_buffer_size: integer({
      doc: 'Accepted for compatibility; the runtime chooses its own buffers.',
      default: 524_288,
      min: 0,
    }),
    write_buffer_size: integer({
      doc: 'Accepted for compatibility; the runtime chooses its own buffers.',
      default: 32_768,
      min: 0,
    }),
    keepalive,
    tls,
    include_metadata: includeMetadata,
    dialer,
    auth,
    middlewares,
  },
  { doc: 'OTLP over gRPC: the unary Export methods of the trace, logs and metrics services.', optional: true },
  checkCommon,
)
export type GrpcConfig = NonNullable<Infer<typeof grpc>>
