import { BILL_STATUSES, type Call } from '../../genai/call.ts'
import { FLAGS } from '../../genai/dialects/flags.ts'
import { DIALECTS } from '../../genai/dialects/table.ts'
import type { MetricDeclaration } from '../../pipeline/component.ts'
import type { MetricChild, MetricRegistry } from '../../pipeline/telemetry/metrics.ts'
import { billNumber } from './annotate.ts'

const CALLS = {
  name: 'tokenfuse_gen_ai_calls_total',
  type: 'counter',
  description: 'Provider calls seen, by dialect and by what became of them.',
  labels: ['dialect', 'bill'],
} as const
const FLAGGED = {
  name: 'tokenfuse_gen_ai_usage_flags_total',
  type: 'counter',
  description: 'Notes on usage that was not as its dialect says.',
  labels: ['flag'],
} as const
const LATE = {
  name: 'tokenfuse_gen_ai_late_evidence_total',
  type: 'counter',
  description: 'Calls found under a span that was billed too long ago to be taken back.',
} as const
const RESIDUAL = {
  name: 'tokenfuse_gen_ai_rollup_residual_tokens_total',
  type: 'counter',
  description:
    'Tokens that agents and workflows reported beyond the calls of their trace: not billed, but not explained either.',
} as const
const STATE = {
  name: 'tokenfuse_gen_ai_state_bytes',
  type: 'gauge',
  description: 'Bytes of the tables that bill each call once.',
} as const
export const METRICS: readonly MetricDeclaration[] = [CALLS, FLAGGED, LATE, RESIDUAL, STATE]

/** What the processor tells of itself. */
export class UsageTelemetry {
  private readonly calls: readonly MetricChild[]
  private readonly flags: readonly MetricChild[]
  readonly late: MetricChild
  readonly residual: MetricChild

  constructor(metrics: MetricRegistry, stateBytes: () => number) {
    const calls = metrics.counter(CALLS.name, CALLS.description, CALLS.labels)
    this.calls = DIALECTS.flatMap(({ id }) => BILL_STATUSES.map((status) => calls.child(id, status)))
    const flags = metrics.counter(FLAGGED.name, FLAGGED.description, FLAGGED.labels)
    this.flags = FLAGS.map((flag) => flags.child(flag))
    this.late = metrics.counter(LATE.name, LATE.description).child()
    this.residual = metrics.counter(RESIDUAL.name, RESIDUAL.description).child()
    metrics.observe('gauge', STATE.name, STATE.description, [], () => [{ labels: [], value: stateBytes() }])
  }

  /** @param dialect its place in the table */
  count(call: Call, dialect: number, notes: number): void {
    this.calls[dialect * BILL_STATUSES.length + billNumber(call.bill)]?.add(1)
    for (let rest = notes; rest !== 0; rest &= rest - 1) this.flags[31 - Math.clz32(rest & -rest)]?.add(1)
  }

  /** Of a call whose place only its dialect's name tells. */
  countNamed(call: Call, notes: number): void {
    this.count(
      call,
      DIALECTS.findIndex(({ id }) => id === call.dialect),
      notes,
    )
  }
}
