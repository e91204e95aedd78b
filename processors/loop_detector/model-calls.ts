import type { Call } from '../../genai/call.ts'
import { parseUsd, usdString } from '../../genai/money.ts'
import type { Batch } from '../../pipeline/batch.ts'
import type { Config } from './config.ts'
import type { Detector } from './detectors.ts'
import { levelOf } from './finding.ts'
import * as layout from './layout.ts'
import { beginningOf } from './mix.ts'
import type { Run } from './run.ts'
import { toTicks } from './ticks.ts'
import { Usual } from './usual.ts'
import type { Verdicts } from './verdicts.ts'

const { DOUBLE, SEEN, WORD } = layout

const MINUTE_MS = 60_000
const MINUTE_TICKS = MINUTE_MS * 8
const MICRO_PER_USD = 1_000_000
const PICO_PER_MICRO = 1_000_000
const CUSUM_SCALE = 1000
const TYPES_MAX = 10_000
const TYPE_LENGTH_MAX = 128
const RETRYABLE =
  /rate.?limit|too.?many|throttl|overload|time.?out|timed.?out|unavailable|connect|reset|refused|internal.?server|server.?error|bad.?gateway|api_error/i

const orNever = (n: number): number => (n === 0 ? Number.POSITIVE_INFINITY : n)

interface Seen {
  readonly detector: Detector
  /** Word of the run in which the level that was told is kept. */
  readonly told: number
  readonly count: number
  readonly warn: number
  readonly critical: number
  readonly reason: string
  readonly evidence: Readonly<Record<string, unknown>>
}

/** What model calls tell without any tool call: retries, growth of the context, speed. */
export class ModelCalls {
  private readonly settings: Config
  private readonly verdicts: Verdicts
  private readonly statuses: ReadonlySet<number>
  private readonly retryableTypes = new Map<string, boolean>()
  private readonly usual: Usual
  private readonly microUsdPerMinute: number

  constructor(settings: Config, verdicts: Verdicts) {
    this.settings = settings
    this.verdicts = verdicts
    this.statuses = new Set(settings.retry_storm.status)
    this.usual = new Usual(settings.velocity.learn_minutes)
    this.microUsdPerMinute = orNever(Number(parseUsd(settings.velocity.usd_per_minute) ?? 0) / PICO_PER_MICRO)
  }

  /** @param status HTTP status of the answer, 0 = not said; @param output tokens of the answer, UNKNOWN_COUNT = not said */
  seen(batch: Batch, call: Call, run: Run, status: number, pico: number, output: number): void {
    const { retry_storm: retry, context_growth: growth, velocity } = this.settings
    const mayBeRetry = call.errorType !== undefined || call.resendCount !== 0
    if (mayBeRetry && retry.enabled) this.retries(batch, call, run, status)
    if (growth.enabled && call.errorType === undefined) this.growth(batch, call, run, output)
    if (velocity.enabled) this.speed(batch, call, run, pico)
  }

  private retries(batch: Batch, call: Call, run: Run, status: number): void {
    const attempts = this.attemptsOf(call, status)
    if (attempts === 0) return
    const now = toTicks(call.endMs)
    const age = (now - run.get(WORD.retryStart)) | 0
    if (run.get(WORD.retryNow) === 0 || age >= MINUTE_TICKS) {
      run.set(WORD.retryBefore, age < 2 * MINUTE_TICKS ? run.get(WORD.retryNow) : 0)
      run.set(WORD.retryStart, now)
      run.set(WORD.retryNow, 0)
    }
    run.set(WORD.retryNow, run.get(WORD.retryNow) + attempts)
    // The minute before counts as far as it still lies within the last sixty seconds.
    const share = 1 - Math.max(0, (now - run.get(WORD.retryStart)) | 0) / MINUTE_TICKS
    const count = run.get(WORD.retryNow) + Math.floor(run.get(WORD.retryBefore) * Math.max(0, share))
    const { warn, critical } = this.settings.retry_storm
    this.tell(batch, call, run, {
      ...{ detector: 'retry_storm', told: WORD.retryLevel, count, warn, critical },
      reason: `${count} model calls failed and were tried again within a minute`,
      evidence: { status, error_type: call.errorType ?? '', reset_by: 'a quiet minute' },
    })
  }

  /** Failed attempts that a call stands for. The proxy sees each attempt of a client; a client reports all of its own. */
  private attemptsOf(call: Call, status: number): number {
    const failed = call.errorType !== undefined && this.isRetryable(call.errorType, status)
    const inside = call.dialect === 'tokenfuse_proxy' ? 0 : call.resendCount
    return inside + (failed ? 1 : 0)
  }

  private isRetryable(type: string, status: number): boolean {
    if (status !== 0) return this.statuses.has(status)
    const head = beginningOf(type, TYPE_LENGTH_MAX)
    let known = this.retryableTypes.get(head)
    if (known === undefined) {
      known = this.statuses.has(Number(head)) || RETRYABLE.test(head)
      if (this.retryableTypes.size >= TYPES_MAX) this.retryableTypes.clear()
      this.retryableTypes.set(head, known)
    }
    return known
  }

  /** Only where the tool calls say nothing: growth by equal steps is also what a batch of equal items looks like. */
  private growth(batch: Batch, call: Call, run: Run, output: number): void {
    const content = SEEN.arguments | SEEN.results
    const step = run.lastGrowth()
    const isSame = step > 0 && step === run.get(WORD.growthStep) && output === run.get(WORD.growthOutput)
    const count = isSame ? run.get(WORD.growthCount) + 1 : 0
    run.set(WORD.growthStep, step)
    run.set(WORD.growthOutput, output)
    run.set(WORD.growthCount, count)
    if (count < 2 || (run.get(WORD.seen) & content) === content) return
    const { warn, critical } = this.settings.context_growth
    this.tell(batch, call, run, {
      ...{ detector: 'context_growth', told: WORD.growthLevel, count: count + 1, warn, critical },
      reason: `the context grew by exactly ${step} tokens ${count + 1} times in a row, with answers of the same size`,
      evidence: { step_tokens: step, output_tokens: output, reset_by: 'a step of another size' },
    })
  }

  private speed(batch: Batch, call: Call, run: Run, pico: number): void {
    const minute = Math.floor(call.endMs / MINUTE_MS) >>> 0
    const before = run.get(WORD.minute)
    if (minute > before) this.endMinute(batch, call, run, minute)
    const micro = pico / PICO_PER_MICRO
    run.set(WORD.minuteMicroUsd, Math.max(0, Math.min(0xffffffff, run.get(WORD.minuteMicroUsd) + Math.round(micro))))
    run.set(WORD.minuteCalls, run.get(WORD.minuteCalls) + 1)
    const { model_calls_per_minute: calls } = this.settings.velocity
    const spent = run.get(WORD.minuteMicroUsd)
    const count = run.get(WORD.minuteCalls)
    if (spent < this.microUsdPerMinute && count < orNever(calls)) return
    this.tell(batch, call, run, {
      ...{ detector: 'velocity', told: WORD.velocityLevel, count: 1, warn: 1, critical: 0 },
      reason: `${usdString(spent * PICO_PER_MICRO)} USD and ${count} model calls within a minute`,
      evidence: {
        ...{ rule: 'ceiling', usd_per_minute: spent / MICRO_PER_USD, model_calls_per_minute: count },
        reset_by: 'a slower minute',
      },
    })
  }

  /** A minute of work is over: is the run drifting away from what its agent usually spends? */
  private endMinute(batch: Batch, call: Call, run: Run, minute: number): void {
    const spent = run.get(WORD.minuteMicroUsd)
    const wasBusy = run.get(WORD.minuteCalls) > 0
    run.set(WORD.minute, minute)
    run.set(WORD.minuteMicroUsd, 0)
    run.set(WORD.minuteCalls, 0)
    if (!wasBusy) return
    const { drift, limit } = this.settings.velocity
    const deviation = this.usual.deviation(call.tags.agent ?? '', Math.log10(1 + spent))
    if (deviation === undefined) return
    const sum = Math.max(0, run.get(WORD.cusum) / CUSUM_SCALE + deviation - drift)
    run.set(WORD.cusum, Math.min(0xffffffff, Math.round(sum * CUSUM_SCALE)))
    if (sum < orNever(limit)) {
      if (spent < this.microUsdPerMinute) run.set(WORD.velocityLevel, 0)
      return
    }
    this.tell(batch, call, run, {
      ...{ detector: 'velocity', told: WORD.velocityLevel, count: 1, warn: 1, critical: 0 },
      reason: 'the run spends more per minute than its agent usually does, and keeps doing so',
      evidence: {
        ...{ rule: 'drift', usd_per_minute: spent / MICRO_PER_USD, drift_deviations: Math.round(sum * 100) / 100 },
        reset_by: 'minutes of usual spend',
      },
    })
  }

  private tell(batch: Batch, call: Call, run: Run, seen: Seen): void {
    const level = levelOf(seen.count, orNever(seen.warn), orNever(seen.critical))
    const now = level === 'critical' ? 2 : level === 'warn' ? 1 : 0
    const told = run.get(seen.told)
    run.set(seen.told, now === 0 ? 0 : Math.max(told, now))
    if (level === undefined || told >= now) return
    this.verdicts.tell(batch, call, {
      ...{ detector: seen.detector, level, reason: seen.reason, wastedPico: run.double(DOUBLE.pico) },
      evidence: {
        ...{ count: seen.count, threshold: level === 'critical' ? seen.critical : seen.warn },
        ...{ model_calls: run.get(WORD.modelCalls), last_span_id: call.spanId },
        ...seen.evidence,
      },
    })
  }
}
