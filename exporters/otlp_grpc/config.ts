import { boolean, choice, duration, type Infer, object, string } from '../../pipeline/config/spec.ts'
import {
  auth,
  bufferSize,
  compression,
  dialerMiddleware,
  headers,
  middlewares,
  retryOnFailure,
  sendingQueue,
  timeout,
  tls,
  unsupported,
} from '../../pipeline/exporter-config/index.ts'
import { targetOf } from './target.ts'

export const config = object(
  {
    endpoint: string({
      doc: 'Address of the far end: `host:port`, `dns:///host:port`, `unix:///path`, or a URL whose scheme decides about TLS (`http://` is plain text).',
      examples: ['collector:4317', 'https://otlp.example.com:443', 'unix:///run/otlp.sock'],
    }),
    compression: compression(['gzip', 'none']),
    headers,
    timeout: timeout('5s'),
    tls,
    keepalive: object(
      {
        time: duration({
          doc: 'A connection that is silent for this long is asked for a sign of life.',
          default: '10s',
          min: 1000,
        }),
        timeout: duration({
          doc: 'Without an answer for this long, the connection is given up.',
          default: '10s',
          min: 1,
        }),
        permit_without_stream: boolean({ doc: 'Asks also while no request is under way.', default: false }),
      },
      { doc: 'Finds out about dead connections. Servers may refuse clients that ask too often.', optional: true },
    ),
    balancer_name: choice(['round_robin', 'pick_first'], {
      doc: 'With several addresses behind one name: use all of them in turn, or the first that answers.',
      default: 'round_robin',
    }),
    wait_for_ready: boolean({
      doc: 'Whether an attempt waits, up to `timeout`, for a connection that is not there yet, instead of failing at once.',
      default: false,
    }),
    authority: string({ doc: 'Value of the `:authority` header, instead of the endpoint.', optional: true }),
    user_agent: string({ doc: 'What stands first in the user agent.', default: 'tokenfuse' }),
    read_buffer_size: bufferSize,
    write_buffer_size: bufferSize,
    auth,
    middlewares,
    dialer_middleware: dialerMiddleware,
    sending_queue: sendingQueue,
    retry_on_failure: retryOnFailure,
  },
  { doc: 'Sends telemetry to anything that speaks OTLP over gRPC.' },
  (value) => [
    ...unsupported(value),
    ...(targetOf(value.endpoint, value.tls.insecure) === undefined
      ? [{ path: ['endpoint'], message: 'is no address; write for example collector:4317' }]
      : []),
  ],
)

export type Config = Infer<typeof config>
