const AGENTS_MAX = 10_000
/** Weight of the newest minute once enough were seen. */
const NEWEST = 1 / 500
/** Spend that hardly varies would make every coin a deviation. */
const SPREAD_MIN = 0.15

interface Spend {
  minutes: number
  mean: number
  variance: number
}

/** What agents usually spend in a minute of work, learned as they go. */
export class Usual {
  private readonly learnMinutes: number
  private readonly agents = new Map<string, Spend>()

  constructor(learnMinutes: number) {
    this.learnMinutes = learnMinutes
  }

  /** How many standard deviations a minute was above usual; undefined while that is still being learned. */
  deviation(agent: string, value: number): number | undefined {
    const known = this.agents.get(agent) ?? this.add(agent)
    const deviation =
      known.minutes < this.learnMinutes
        ? undefined
        : (value - known.mean) / Math.max(SPREAD_MIN, Math.sqrt(known.variance))
    known.minutes++
    const weight = Math.max(NEWEST, 1 / known.minutes)
    const off = value - known.mean
    known.mean += weight * off
    known.variance = (1 - weight) * (known.variance + weight * off * off)
    return deviation
  }

  private add(agent: string): Spend {
    if (this.agents.size >= AGENTS_MAX) {
      const [oldest] = this.agents.keys()
      if (oldest !== undefined) this.agents.delete(oldest)
    }
    const spend = { minutes: 0, mean: 0, variance: 0 }
    this.agents.set(agent, spend)
    return spend
  }
}
