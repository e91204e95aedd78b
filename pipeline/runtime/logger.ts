import type { Clock, Logger } from '../host.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
const RANK: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 }

/** After this many lines of one text within a window, only every hundredth is written. */
const BURST = 10
const WINDOW_MS = 10_000
const REPEAT = 100
/** Distinct texts remembered for sampling; beyond it the memory starts anew. */
const TEXTS_MAX = 1000

interface LoggerOptions {
  readonly level: LogLevel
  readonly encoding: 'console' | 'json'
  readonly clock: Clock
  write(line: string): void
}

/**
 * Lines to wherever `write` puts them (stderr). Sampled per text, so that a fault that repeats a thousand times a second
 * fills no disk. Normal operation writes nothing.
 */
export function createLogger(
  options: LoggerOptions,
  component?: string,
): Logger & { child(component: string): Logger } {
  const seen = new Map<string, { since: number; count: number }>()
  const log = (
    level: LogLevel,
    source: string | undefined,
    message: string,
    fields: Readonly<Record<string, unknown>> = {},
  ): void => {
    if (RANK[level] < RANK[options.level]) return
    const now = options.clock.now()
    const key = `${level} ${source} ${message}`
    let state = seen.get(key)
    if (state === undefined || now - state.since > WINDOW_MS) {
      if (seen.size >= TEXTS_MAX) seen.clear()
      state = { since: now, count: 0 }
      seen.set(key, state)
    }
    state.count++
    if (state.count > BURST && state.count % REPEAT !== 0) return
    options.write(render(options.encoding, now, level, source, message, fields))
  }
  const make = (source: string | undefined): Logger => ({
    debug: (message, fields) => log('debug', source, message, fields),
    info: (message, fields) => log('info', source, message, fields),
    warn: (message, fields) => log('warn', source, message, fields),
    error: (message, fields) => log('error', source, message, fields),
  })
  return { ...make(component), child: make }
}

function render(
  encoding: 'console' | 'json',
  now: number,
  level: LogLevel,
  component: string | undefined,
  message: string,
  fields: Readonly<Record<string, unknown>>,
): string {
  const time = new Date(now).toISOString()
  if (encoding === 'json')
    return `${JSON.stringify({ time, level, ...(component ? { component } : {}), message, ...fields })}\n`
  const rest = Object.entries(fields).map(
    ([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  return `${time} ${level.padEnd(5)} ${component ? `${component}: ` : ''}${message}${rest.join('')}\n`
}
