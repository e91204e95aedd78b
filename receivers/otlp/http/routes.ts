import { type Consumer, type Consumers, SIGNALS, type Signal } from '../../../pipeline/component.ts'
import type { HttpConfig } from '../config-http.ts'

export interface Route {
  readonly signal: Signal
  readonly consumer: Consumer
}

/** Paths to signals. A signal that no pipeline takes has no path. */
export class Routes {
  private readonly byPath = new Map<string, Route>()

  constructor(config: HttpConfig, next: Consumers) {
    for (const signal of SIGNALS) {
      const consumer = next[signal]
      if (consumer === undefined) continue
      const paths = [config[`${signal}_url_path`], ...config.alias_base_paths.map((base) => `${base}/v1/${signal}`)]
      for (const path of paths) this.byPath.set(cleaned(path), { signal, consumer })
    }
  }

  find(url: string): Route | undefined {
    return this.byPath.get(url) ?? this.byPath.get(cleaned(url))
  }
}

/** Query strings say nothing to us, and base URLs are often joined with a slash too many or too few. */
function cleaned(url: string): string {
  const query = url.indexOf('?')
  const path = (query < 0 ? url : url.slice(0, query)).replace(/\/{2,}/g, '/').replace(/(.)\/$/, '$1')
  return path.startsWith('/') ? path : `/${path}`
}
