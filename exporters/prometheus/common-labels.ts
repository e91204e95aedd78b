import type { Call } from '../../genai/call.ts'
import { BoundedLabel } from '../../pipeline/telemetry/bounded-label.ts'
import type { TableLabel } from '../../pipeline/telemetry/series-table.ts'
import type { LabelsConfig } from './config.ts'

export type CommonLabel = keyof LabelsConfig

const VALUE_OF: Readonly<Record<CommonLabel, (call: Call) => string | undefined>> = {
  provider: (call) => call.provider,
  model: (call) => call.model,
  agent: (call) => call.tags.agent,
  workflow: (call) => call.tags.workflow,
  step: (call) => call.tags.step,
  business_unit: (call) => call.tags.businessUnit,
  customer: (call) => call.tags.customer,
}

/** The labels that are switched on, in one order for all families, each with its bound. */
export class CommonLabels {
  readonly all: readonly (TableLabel & { readonly name: CommonLabel })[]
  private readonly readers: readonly ((call: Call) => string | undefined)[]
  private readonly values: (string | undefined)[]

  constructor(config: LabelsConfig) {
    const names: readonly CommonLabel[] = [
      'provider',
      'model',
      'agent',
      'workflow',
      'step',
      'business_unit',
      'customer',
    ]
    this.all = names
      .filter((name) => config[name].enabled)
      .map((name) => ({ name, bound: new BoundedLabel(name, config[name].max) }))
    this.readers = this.all.map(({ name }) => VALUE_OF[name])
    this.values = this.all.map(() => undefined)
  }

  /** The values of one call in the order of `all`. The array is used again for the next call. */
  valuesOf(call: Call): readonly (string | undefined)[] {
    for (let i = 0; i < this.readers.length; i++) this.values[i] = this.readers[i]?.(call)
    return this.values
  }

  has(name: CommonLabel): boolean {
    return this.all.some((label) => label.name === name)
  }

  /** Those of these labels that are switched on. */
  of(...names: readonly CommonLabel[]): readonly (TableLabel & { readonly name: CommonLabel })[] {
    return this.all.filter(({ name }) => names.includes(name))
  }
}
