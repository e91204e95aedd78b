import type { PriceKey, Resolution } from './resolve.ts'

interface Variant extends PriceKey {
  readonly resolution: Resolution
}

const LIMIT = 10_000
/** Providers, tiers, speeds, geographies, regions and names asked for of one model; more is somebody's mistake. */
const VARIANT_LIMIT = 64

/**
 * Remembers what every combination of names resolved to, unknown ones too. One look-up by the model's own (interned)
 * string and a short comparison, so that it makes no garbage. At 10,000 combinations it forgets everything and starts
 * again: names that never repeat cost a resolution each, and memory stays bounded.
 */
export class ResolutionMemo {
  private readonly resolve: (key: PriceKey) => Resolution
  private byModel = new Map<string | undefined, Variant[]>()
  private size = 0

  constructor(resolve: (key: PriceKey) => Resolution) {
    this.resolve = resolve
  }

  get(key: PriceKey): Resolution {
    const variants = this.byModel.get(key.responseModel ?? key.requestModel)
    if (variants !== undefined) {
      for (let i = 0; i < variants.length; i++) {
        const v = variants[i] as Variant
        if (isSame(v, key)) return v.resolution
      }
    }
    return this.add(key)
  }

  private add(key: PriceKey): Resolution {
    if (this.size >= LIMIT) {
      this.byModel = new Map()
      this.size = 0
    }
    this.size++
    const { provider, requestModel, responseModel, serviceTier, speed, inferenceGeo, region } = key
    const resolution = this.resolve(key)
    const variant = { provider, requestModel, responseModel, serviceTier, speed, inferenceGeo, region, resolution }
    const name = responseModel ?? requestModel
    const variants = this.byModel.get(name)
    if (variants === undefined || variants.length >= VARIANT_LIMIT) this.byModel.set(name, [variant])
    else variants.push(variant)
    return resolution
  }
}

const isSame = (a: PriceKey, b: PriceKey): boolean =>
  a.requestModel === b.requestModel &&
  a.provider === b.provider &&
  a.responseModel === b.responseModel &&
  a.serviceTier === b.serviceTier &&
  a.speed === b.speed &&
  a.inferenceGeo === b.inferenceGeo &&
  a.region === b.region
