import type { Factory } from '../../pipeline/component.ts'
import { decode } from '../../pipeline/config/decode.ts'
import { nodeOf } from '../../pipeline/config/located.ts'
import { Report } from '../../pipeline/config/report.ts'

/** What a component gets when its configuration says this much: defaults for the rest. Throws when it is not good. */
export function settingsOf<C>(factory: Factory<C>, value: unknown = {}): C {
  const report = new Report()
  const place = { source: 'test', line: 1, column: 1 }
  const decoded = decode(factory.config, nodeOf(value, place), { path: [factory.type], place }, report)
  if (decoded.ok) return decoded.value
  throw new Error(report.problems.map((problem) => problem.message).join('\n'))
}
