import type { VerdictLevel } from '../../genai/verdict.ts'
import type { Detector } from './detectors.ts'

/** What a detector has seen. */
export interface Finding {
  readonly detector: Detector
  readonly level: VerdictLevel
  /** Calls of one round; 1 when no cycle is meant. */
  readonly period: number
  /** Rounds, or calls that count. */
  readonly repeats: number
  /** The threshold that was crossed. */
  readonly threshold: number
  /** In how many of the last calls. */
  readonly window: number
  /** Position of the first call that was for nothing. */
  readonly onset: number
  /** One clause for a person, to which the tools are added. */
  readonly what: string
}

/** Positions in a history that a detector counts together, the newest first. */
export class Hits {
  length = 0
  readonly at = new Int32Array(64)

  clear(): void {
    this.length = 0
  }
  add(index: number): void {
    this.at[this.length++] = index
  }
  /** The second oldest: the first one was no repetition yet. */
  get onset(): number {
    return this.at[Math.max(0, this.length - 2)] as number
  }
}

/** The level that a count reaches; undefined = none. */
export function levelOf(count: number, warn: number, critical: number): VerdictLevel | undefined {
  if (count >= critical) return 'critical'
  return count >= warn ? 'warn' : undefined
}
