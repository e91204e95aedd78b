import type { Signal } from '../../pipeline/component.ts'
import { equivalentOf, mutantOf } from './forms.ts'
import { checkAlike, checkPipeline, checkScan } from './invariants.ts'
import { Random } from './random.ts'
import type { Seed } from './seeds.ts'
import type { InProcess } from './target.ts'

/** What one round did, for the report. */
export interface Round {
  readonly kind: 'mutant' | 'equivalent' | 'live' | 'live JSON'
  readonly signal: Signal
  readonly outcome: string
}

/** An invariant did not hold; with what it takes to see it again. */
export class Found extends Error {
  readonly inputs: readonly Buffer[]
  readonly signal: Signal
  constructor(seed: number, name: string, signal: Signal, inputs: readonly Buffer[], cause: unknown) {
    super(`seed ${seed}, from ${name}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
    this.inputs = inputs
    this.signal = signal
  }
}

export interface Targets {
  /** Sees mutants only. */
  readonly wild: InProcess
  /** See the two forms of each request, and so must always agree. */
  readonly pair: readonly [InProcess, InProcess]
}

/** One input in this process, made from the seed number alone. */
export function round(number: number, seeds: readonly Seed[], targets: Targets): Round {
  const random = new Random(number)
  const seed = random.pick(seeds)
  const { name, signal } = seed
  if (random.chance(0.3) && seed.identified) {
    const [one, other] = equivalentOf(seed, random)
    return guarded(number, name, signal, [one, other], () => {
      if (signal !== 'metrics') for (const form of [one, other]) checkScan(form, signal)
      checkAlike(one, other, signal, targets.pair)
      return { kind: 'equivalent', signal, outcome: 'alike' }
    })
  }
  const mutant = mutantOf(seed, random.pick(seeds), random)
  return guarded(number, name, signal, [mutant], () => {
    if (signal !== 'metrics') checkScan(mutant, signal)
    return { kind: 'mutant', signal, outcome: checkPipeline(mutant, signal, targets.wild) }
  })
}

function guarded(number: number, name: string, signal: Signal, inputs: readonly Buffer[], check: () => Round): Round {
  try {
    return check()
  } catch (error) {
    throw new Found(number, name, signal, inputs, error)
  }
}
