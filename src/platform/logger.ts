import { pino, type Logger } from 'pino'

export type { Logger }

/** JSON lines on standard output (or the given descriptor): a constant message with fields, never payloads or secrets.
 * @param level pino's level names, or `silent` */
export function createLogger(level: string, destination: number | string = 1): Logger {
  return pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: ['req.headers.authorization', 'req.headers.cookie', 'headers.authorization', 'headers.cookie'],
    },
    pino.destination({ dest: destination, sync: false }),
  )
}
