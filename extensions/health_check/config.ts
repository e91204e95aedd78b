import { type Infer, object, string } from '../../pipeline/config/spec.ts'

export const config = object(
  {
    endpoint: string({
      doc: 'Where to listen, `host:port`. In Kubernetes, where the kubelet asks from outside the pod, `0.0.0.0:13133`.',
      default: '127.0.0.1:13133',
    }),
    path: string({
      doc: 'The path that is answered; every other one is 404.',
      default: '/',
      pattern: /^\/[^\s?#]*$/,
    }),
  },
  { doc: 'Says over HTTP whether the sidecar takes telemetry: 200 when it does, 503 while it starts or stops.' },
)
export type Config = Infer<typeof config>
