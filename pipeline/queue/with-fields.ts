import type { Logger } from '../host.ts'

/** A log that says these fields with every line. */
export const withFields = (log: Logger, fields: Readonly<Record<string, unknown>>): Logger => ({
  debug: (message, more) => log.debug(message, { ...fields, ...more }),
  info: (message, more) => log.info(message, { ...fields, ...more }),
  warn: (message, more) => log.warn(message, { ...fields, ...more }),
  error: (message, more) => log.error(message, { ...fields, ...more }),
})
