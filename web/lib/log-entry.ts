import { isRecord, textOr } from './is-record.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
export type LogEntry = {
  readonly atMs: number
  readonly level: LogLevel
  readonly message: string
  readonly fields?: Readonly<Record<string, unknown>> | undefined
}
const LEVELS: Readonly<Record<string, LogLevel>> = { debug: 'debug', info: 'info', warn: 'warn', error: 'error' }

/** A line of a log as the API says it; nothing where it is none. */
export function logOf(value: unknown): LogEntry[] {
  if (!isRecord(value)) return []
  const { atMs, fields } = value
  return [
    {
      atMs: typeof atMs === 'number' && Number.isFinite(atMs) ? atMs : 0,
      level: LEVELS[textOr(value['level'], '')] ?? 'info',
      message: textOr(value['message'], ''),
      ...(isRecord(fields) ? { fields } : {}),
    },
  ]
}
