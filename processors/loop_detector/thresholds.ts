import type { Config } from './config.ts'

/** Everything that the detectors of tool calls compare with. `Infinity` = never. */
export interface Thresholds {
  readonly maxPeriod: number
  readonly cycleWarn: number
  readonly cycleOne: number
  readonly cycleLonger: number
  readonly cycleOneBlind: number
  readonly cycleLongerBlind: number
  readonly errorWarn: number
  readonly errorCritical: number
  readonly errorWindow: number
  readonly duplicateWarn: number
  readonly duplicateCritical: number
  readonly duplicateWindow: number
  readonly duplicateClose: number
  readonly duplicateCloseWindow: number
  readonly rounds: number
  readonly maxDistinct: number
  readonly resultWarn: number
  readonly resultCritical: number
  readonly resultWindow: number
  readonly longResult: number
  readonly argsWarn: number
  readonly argsCritical: number
  readonly actingWarn: number
  readonly actingCritical: number
  readonly failingWarn: number
  readonly failingCritical: number
  readonly failingWindow: number
  readonly genericCritical: number
  readonly genericWindow: number
  readonly barrenWarn: number
  readonly barrenCritical: number
  readonly barrenWindow: number
  readonly barrenResult: number
  readonly sizeWarn: number
  readonly sizeOne: number
  readonly sizeSmallOne: number
  readonly sizeLonger: number
  readonly sizeErrors: number
  readonly sizeErrorsWindow: number
  readonly sizeDuplicates: number
  readonly sizeLarge: number
  readonly pollingInterval: number
  readonly pollingCritical: number
}

type Overrides = Config['tools'][number]['detectors']

const orNever = (n: number): number => (n === 0 ? Number.POSITIVE_INFINITY : n)

/** The thresholds of the configuration with those of exceptions over them, later ones first. */
export function thresholdsOf(settings: Config, ...exceptions: readonly (Overrides | undefined)[]): Thresholds {
  const replaced = (detector: string, level: 'warn' | 'critical'): number | undefined => {
    for (const overrides of exceptions.toReversed()) {
      const value = overrides?.[detector]?.[level]
      if (value !== undefined) return value
    }
    return undefined
  }
  const of = (detector: keyof Config & string, level: 'warn' | 'critical', given: number): number => {
    const section = settings[detector]
    const isOff = typeof section === 'object' && 'enabled' in section && !section.enabled
    return isOff ? Number.POSITIVE_INFINITY : orNever(replaced(detector, level) ?? given)
  }
  return { ...cyclesOf(settings, of), ...repetitionsOf(settings, of), ...habitsOf(settings, of) }
}

type Of = (detector: keyof Config & string, level: 'warn' | 'critical', given: number) => number

function cyclesOf({ exact_cycle: cycle, circling, size_cycle: size, polling }: Config, of: Of) {
  return {
    maxPeriod: cycle.max_period,
    cycleWarn: of('exact_cycle', 'warn', cycle.warn),
    cycleOne: of('exact_cycle', 'critical', cycle.critical_period_1),
    cycleLonger: of('exact_cycle', 'critical', cycle.critical),
    cycleOneBlind: of('exact_cycle', 'critical', cycle.critical_period_1_without_result),
    cycleLongerBlind: of('exact_cycle', 'critical', cycle.critical_without_result),
    rounds: of('circling', 'critical', circling.rounds),
    maxDistinct: circling.max_distinct,
    sizeWarn: of('size_cycle', 'warn', size.warn),
    sizeOne: of('size_cycle', 'critical', size.critical_period_1),
    sizeSmallOne: of('size_cycle', 'critical', size.critical_small_period_1),
    sizeLonger: of('size_cycle', 'critical', size.critical),
    sizeErrors: of('size_cycle', 'critical', size.errors),
    sizeErrorsWindow: size.errors_window,
    sizeDuplicates: of('size_cycle', 'critical', size.duplicates),
    sizeLarge: size.large_result_tokens,
    pollingInterval: polling.interval,
    pollingCritical: orNever(polling.critical),
  }
}

function repetitionsOf({ repeated_error: error, duplicate_call: duplicate, same_result: result }: Config, of: Of) {
  return {
    errorWarn: of('repeated_error', 'warn', error.warn),
    errorCritical: of('repeated_error', 'critical', error.critical),
    errorWindow: error.window,
    duplicateWarn: of('duplicate_call', 'warn', duplicate.warn),
    duplicateCritical: of('duplicate_call', 'critical', duplicate.critical),
    duplicateWindow: duplicate.window,
    duplicateClose: of('duplicate_call', 'critical', duplicate.critical_close),
    duplicateCloseWindow: duplicate.close_window,
    resultWarn: of('same_result', 'warn', result.warn),
    resultCritical: of('same_result', 'critical', result.critical),
    resultWindow: result.window,
    longResult: result.long_result_tokens,
  }
}

function habitsOf({ same_args: args, failing_tool: failing, barren_search: barren }: Config, of: Of) {
  return {
    argsWarn: of('same_args', 'warn', args.warn),
    argsCritical: of('same_args', 'critical', args.critical),
    actingWarn: of('same_args', 'warn', args.acting_warn),
    actingCritical: of('same_args', 'critical', args.acting_critical),
    failingWarn: of('failing_tool', 'warn', failing.warn),
    failingCritical: of('failing_tool', 'critical', failing.critical),
    failingWindow: failing.window,
    genericCritical: of('failing_tool', 'critical', failing.generic_critical),
    genericWindow: failing.generic_window,
    barrenWarn: of('barren_search', 'warn', barren.warn),
    barrenCritical: of('barren_search', 'critical', barren.critical),
    barrenWindow: barren.window,
    barrenResult: barren.max_result_tokens,
  }
}

/** What circling needs of the newest call. */
const FEWEST = 3

const countsOf = (t: Thresholds): readonly number[] => [
  ...[t.cycleWarn, t.cycleOne, t.cycleLonger, t.cycleOneBlind, t.cycleLongerBlind, t.errorWarn, t.errorCritical],
  ...[t.duplicateWarn, t.duplicateCritical, t.duplicateClose, t.resultWarn, t.resultCritical, t.argsWarn],
  ...[t.argsCritical, t.actingWarn, t.actingCritical, t.failingWarn, t.failingCritical, t.genericCritical],
]

/** Thresholds by agent and tool exception, made once each. */
export class Profiles {
  private readonly settings: Config
  private readonly made = new Map<number, Thresholds>()

  constructor(settings: Config) {
    this.settings = settings
  }

  /** The lowest of all thresholds, exceptions included: fewer repetitions than that are not worth a look. */
  fewest(): number {
    const { agents, tools } = this.settings
    let fewest = FEWEST
    for (let a = -1; a < agents.length; a++)
      for (let t = -1; t < tools.length; t++) for (const n of countsOf(this.of(a, t))) fewest = Math.min(fewest, n)
    return Math.max(2, fewest)
  }

  /** @param agentRule @param toolRule entries of `agents` and `tools`, -1 = none; the tool's has the last word */
  of(agentRule: number, toolRule: number): Thresholds {
    const key = (agentRule + 1) * 65_536 + toolRule + 1
    let made = this.made.get(key)
    if (made === undefined) {
      const { agents, tools } = this.settings
      made = thresholdsOf(this.settings, agents[agentRule]?.detectors, tools[toolRule]?.detectors)
      this.made.set(key, made)
    }
    return made
  }
}
