import type {
  AnyFactory,
  ExporterFactory,
  ExtensionFactory,
  ProcessorFactory,
  ReceiverFactory,
  Signal,
} from '../component.ts'
import type { Place } from './report.ts'
import type { ServiceSection } from './service-spec.ts'

/** A component as configured. */
export interface Configured<F extends AnyFactory = AnyFactory> {
  /** As written, `type` or `type/name`; the type may be an alias. */
  readonly id: string
  readonly factory: F
  /** What `factory.config` describes. */
  readonly config: unknown
  /** Of its id in the configuration. */
  readonly place: Place
}

export interface PipelineConfig {
  /** `traces`, `logs/audit` … */
  readonly id: string
  readonly signal: Signal
  readonly receivers: readonly string[]
  readonly processors: readonly string[]
  readonly exporters: readonly string[]
}

/** A whole configuration that was found good: every reference in it resolves. Maps are by id, in the order written. */
export interface ServiceConfig {
  readonly receivers: ReadonlyMap<string, Configured<ReceiverFactory<unknown>>>
  readonly processors: ReadonlyMap<string, Configured<ProcessorFactory<unknown>>>
  readonly exporters: ReadonlyMap<string, Configured<ExporterFactory<unknown>>>
  readonly extensions: ReadonlyMap<string, Configured<ExtensionFactory<unknown>>>
  readonly pipelines: readonly PipelineConfig[]
  readonly service: ServiceSection
}
