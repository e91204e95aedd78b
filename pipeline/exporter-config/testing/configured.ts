import { decode } from '../../config/decode.ts'
import { readYaml } from '../../config/read-yaml.ts'
import { formatProblem, Report } from '../../config/report.ts'
import type { ObjectSpec } from '../../config/spec.ts'

/** What a component gets for a text of YAML, or the problems in it; warnings either way. */
export function configured<T>(
  spec: ObjectSpec<T>,
  yaml: string,
): { value: T | undefined; problems: string[]; warnings: string[] } {
  const report = new Report()
  const place = { source: 'c.yaml', line: 1, column: 1 }
  const decoded = decode(spec, readYaml(yaml, { source: 'c.yaml' }, report), { path: [], place }, report)
  return {
    value: decoded.ok && report.problems.length === 0 ? decoded.value : undefined,
    problems: report.problems.map(formatProblem),
    warnings: report.warnings.map(formatProblem),
  }
}

/** The same for a text that must be right. */
export function valid<T>(spec: ObjectSpec<T>, yaml: string): T {
  const { value, problems } = configured(spec, yaml)
  if (value === undefined) throw new Error(problems.join('\n'))
  return value
}
