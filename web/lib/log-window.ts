import { withoutAnsi } from './ansi.ts'
import type { LogEntry, LogLevel } from './log-entry.ts'

const RANK: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 }

/** A line with the number it has in the whole log, so that a link to it holds whatever is filtered. */
export type NumberedLine = { readonly entry: LogEntry; readonly line: number }

export function filterLogs(logs: readonly LogEntry[], level: LogLevel, search: string): NumberedLine[] {
  const least = RANK[level]
  const wanted = search.trim().toLowerCase()
  const lines: NumberedLine[] = []
  for (const [at, entry] of logs.entries()) {
    if (RANK[entry.level] < least) continue
    if (wanted !== '' && !textOf(entry).toLowerCase().includes(wanted)) continue
    lines.push({ entry, line: at + 1 })
  }
  return lines
}

const textOf = (entry: LogEntry): string =>
  entry.fields === undefined ? entry.message : `${entry.message} ${JSON.stringify(entry.fields)}`

const MARGIN_ROWS = 20

/** Which rows exist: those in view and some around, so that a flick does not show an empty frame. */
export function windowOf(view: {
  readonly topPx: number
  readonly heightPx: number
  readonly rowPx: number
  readonly rows: number
}): {
  readonly from: number
  readonly to: number
} {
  const first = Math.floor(view.topPx / view.rowPx)
  const inView = Math.ceil(view.heightPx / view.rowPx)
  const from = Math.max(0, Math.min(first, view.rows - inView) - MARGIN_ROWS)
  return { from, to: Math.min(view.rows, first + inView + MARGIN_ROWS) }
}

/** The log as a file: one line an entry, time first. */
export function logText(logs: readonly LogEntry[], startedAtMs: number): string {
  return logs
    .map((entry) => {
      const at = new Date(startedAtMs + entry.atMs)
      const time = Number.isNaN(at.getTime()) ? '' : at.toISOString()
      return `${time} ${entry.level.padEnd(5)} ${withoutAnsi(textOf(entry)).replaceAll('\n', '\\n')}\n`
    })
    .join('')
}
