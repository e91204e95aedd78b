import type { ItemBatch } from '../../otlp/batch.ts'
import { ByNumber } from '../../otlp/byte-numbers.ts'
import type { Recogniser, ScopeState } from './recognise.ts'

/** One instrumentation scope of one service. */
export interface SourceScope {
  readonly scope: ScopeState
  /** `service.name` of its resource. */
  readonly service: string | undefined
}

/** Which source the items of a batch come from. A sender's scopes are the same in every request and worked out once. */
export class Sources {
  private readonly recogniser: Recogniser
  private readonly known = new ByNumber<SourceScope>()
  private serviceName = -1
  /** By scope of the batch at hand. */
  private scopes: (SourceScope | undefined)[] = []

  constructor(recogniser: Recogniser) {
    this.recogniser = recogniser
  }

  /** @param serviceName the number of the key */
  bind(serviceName: number): void {
    this.serviceName = serviceName
  }

  /** To be called with every batch. */
  enter(): void {
    this.scopes = []
  }

  /** Scopes of the batch at hand that something was read from. */
  get seen(): readonly (SourceScope | undefined)[] {
    return this.scopes
  }

  of(items: ItemBatch, item: number): SourceScope {
    const place = items.index.itemScope[item] as number
    const met = this.scopes[place]
    if (met !== undefined) return met
    const number = items.scopeNumberOf(item)
    const source = this.known.get(number) ?? this.read(items, item, number)
    this.scopes[place] = source
    return source
  }

  private read(items: ItemBatch, item: number, number: number): SourceScope {
    const hit = items.findInResource(item, this.serviceName)
    const service = hit < 0 ? undefined : items.textOf(hit)
    const scope = this.recogniser.scope(items.scopeNameOf(item), items.scopeVersionOf(item), service ?? '')
    const source = { scope, service }
    this.known.set(number, source)
    return source
  }
}
