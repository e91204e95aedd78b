import type { PriceKey, Resolution } from './resolve.ts'

interface Variant {
  readonly serviceTier: string | undefined
  readonly speed: string | undefined
  readonly inferenceGeo: string | undefined
  readonly region: string | undefined
  readonly resolution: Resolution
}

const LIMIT = 10_000
/** Tiers, speeds, geographies and regions of one model; more than this is somebody's mistake. */
const VARIANT_LIMIT = 64

/**
 * Remembers what every combination of names resolved to, unknown ones too. Nested maps on the span's own (interned)
 * strings, so that a look-up makes no garbage. At 10,000 combinations it forgets everything and starts again: names
 * that never repeat cost a resolution each, and memory stays bounded.
 */
export class ResolutionMemo {
  private readonly resolve: (key: PriceKey) => Resolution
  private byProvider = new Map<string, Map<string | undefined, Map<string | undefined, Variant[]>>>()
  private size = 0

  constructor(resolve: (key: PriceKey) => Resolution) {
    this.resolve = resolve
  }

  get(key: PriceKey): Resolution {
    const variants = this.byProvider.get(key.provider)?.get(key.responseModel)?.get(key.requestModel)
    if (variants !== undefined) {
      for (const v of variants) {
        if (
          v.serviceTier === key.serviceTier &&
          v.speed === key.speed &&
          v.inferenceGeo === key.inferenceGeo &&
          v.region === key.region
        )
          return v.resolution
      }
    }
    return this.add(key)
  }

  private add(key: PriceKey): Resolution {
    if (this.size >= LIMIT) {
      this.byProvider = new Map()
      this.size = 0
    }
    this.size++
    const { serviceTier, speed, inferenceGeo, region } = key
    const resolution = this.resolve(key)
    const variants = this.slot(key)
    if (variants.length >= VARIANT_LIMIT) variants.length = 0
    variants.push({ serviceTier, speed, inferenceGeo, region, resolution })
    return resolution
  }

  private slot(key: PriceKey): Variant[] {
    const byResponse = at(this.byProvider, key.provider, () => new Map<Name, Map<Name, Variant[]>>())
    const byRequest = at(byResponse, key.responseModel, () => new Map<Name, Variant[]>())
    return at(byRequest, key.requestModel, () => [])
  }
}

type Name = string | undefined

function at<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}
