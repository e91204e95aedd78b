import type { Consumers, Receiver } from '../../pipeline/component.ts'
import type { Host } from '../../pipeline/host.ts'
import { Admission } from './admission.ts'
import type { Config } from './config.ts'
import { GrpcListener } from './grpc/server.ts'
import { HttpListener } from './http/server.ts'
import type { Listener } from './listen.ts'

/** Longer than any request of a healthy sender takes, and far below the 30 s that Kubernetes gives a pod to end. */
const DRAIN_MS = 5000

/** One receiver, all its protocols, all signals. */
export class OtlpReceiver implements Receiver {
  private readonly host: Host
  private readonly listeners: readonly Listener[]

  constructor(config: Config, host: Host, next: Consumers) {
    const { grpc, http } = config.protocols
    const admission = new Admission(config.admission.request_limit_mib * 1024 * 1024)
    this.host = host
    this.listeners = [
      ...(grpc === undefined ? [] : [new GrpcListener(grpc, host, next, admission)]),
      ...(http === undefined ? [] : [new HttpListener(http, host, next, admission)]),
    ]
  }

  /** Where each protocol listens, e.g. `{ grpc: '127.0.0.1:4317' }`; empty before `start`. */
  get addresses(): Readonly<Partial<Record<Listener['protocol'], string>>> {
    return Object.fromEntries(this.listeners.filter((l) => l.address !== '').map((l) => [l.protocol, l.address]))
  }

  /** All listeners or none. */
  async start(): Promise<void> {
    try {
      for (const listener of this.listeners) await listener.start()
    } catch (error) {
      await this.shutdown()
      throw error
    }
    this.host.log.debug('receiving OTLP', this.addresses)
  }

  async shutdown(): Promise<void> {
    await Promise.all(this.listeners.map((listener) => listener.shutdown(DRAIN_MS)))
  }
}
