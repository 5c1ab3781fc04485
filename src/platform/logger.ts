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
    // Gathered, because a write for every line costs twice the line (19 against 9 µs of CPU); flushed soon all the same,
    // so that whoever follows the log sees it live and a kill loses a moment at most.
    pino.destination({ dest: destination, sync: false, minLength: 4096, periodicFlush: 200 }),
  )
}
