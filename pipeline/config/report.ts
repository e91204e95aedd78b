import type { ProblemCode } from './codes.ts'

/** Where something was written. `source` is a file name, `env:NAME`, `yaml`, or `--set` (then `line` counts the flags). */
export interface Place {
  readonly source: string
  /** From 1. */
  readonly line: number
  /** From 1, in UTF-16 units. */
  readonly column: number
}

export type Path = readonly (string | number)[]

export interface Problem {
  readonly code: ProblemCode
  readonly place: Place
  /** `processors.budget.budgets[0].limit_usd`; '' for the whole file. */
  readonly path: string
  /** What is wrong, and what to do. Never contains the value of a secret. */
  readonly message: string
}

const PATH_MAX = 200

/** `processors.budget.budgets[0].limit_usd`; keys that would be ambiguous are quoted. Long paths lose their end. */
export function pathText(path: Path): string {
  const whole = path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`
    if (!/^[^\s.[\]"]+$/.test(step)) return `${text}[${JSON.stringify(step)}]`
    return text === '' ? step : `${text}.${step}`
  }, '')
  return whole.length > PATH_MAX ? `${whole.slice(0, PATH_MAX)}…` : whole
}

/** `config.yaml:12:7 processors.budget.budgets[0].limit_usd: expected a number, got "ten" [wrong_type]` */
export function formatProblem(problem: Problem): string {
  const { source, line, column } = problem.place
  const path = problem.path === '' ? '' : ` ${problem.path}`
  return `${source}:${line}:${column}${path}: ${problem.message} [${problem.code}]`
}

/** Collects everything that is wrong, so that the user sees it all at once. */
export class Report {
  readonly problems: Problem[] = []
  readonly warnings: Problem[] = []
  private readonly order = new Map<string, number>()

  problem(code: ProblemCode, place: Place, path: Path, message: string): void {
    this.problems.push({ code, place, path: pathText(path), message })
  }

  warning(code: ProblemCode, place: Place, path: Path, message: string): void {
    this.warnings.push({ code, place, path: pathText(path), message })
  }

  /** Declares a source; problems are listed in the order in which their sources were read. */
  source(name: string): void {
    if (!this.order.has(name)) this.order.set(name, this.order.size)
  }

  sorted(problems: readonly Problem[]): Problem[] {
    const rank = (p: Problem) => this.order.get(p.place.source) ?? this.order.size
    return problems.toSorted(
      (a, b) => rank(a) - rank(b) || a.place.line - b.place.line || a.place.column - b.place.column,
    )
  }
}
