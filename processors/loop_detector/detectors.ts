/** Every detector by its number; the name goes into verdicts, metrics and configuration. */
export const DETECTORS = [
  'exact_cycle',
  'repeated_error',
  'duplicate_call',
  'circling',
  'same_result',
  'same_args',
  'failing_tool',
  'barren_search',
  'size_cycle',
  'retry_storm',
  'context_growth',
  'velocity',
  'fan_out',
  'depth',
  'caps',
  'conversation_repeat',
] as const

export type Detector = (typeof DETECTORS)[number]

/** Those that look at the tool calls of one agent, and whose thresholds may differ by tool and agent. */
export const OVERRIDABLE: readonly string[] = DETECTORS.slice(0, 9)
