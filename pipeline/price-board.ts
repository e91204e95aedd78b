import type { PriceBoard, PriceReport } from './services.ts'

/** Who prices calls is in a pipeline, who answers questions about it is not: they meet here. */
export function priceBoard(): PriceBoard {
  const sources = new Set<() => PriceReport>()
  return {
    add(report) {
      sources.add(report)
      return () => sources.delete(report)
    },
    reports: () => [...sources].map((report) => report()),
  }
}
