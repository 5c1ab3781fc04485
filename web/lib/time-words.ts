/** A duration with two digits that count: `420` -> `'0.42 s'`, `125000` -> `'2 min 5 s'`. */
export function durationWords(ms: number): string {
  if (!Number.isFinite(ms) || ms < 0) return '0 s'
  if (ms < 100) return `${Math.round(ms)} ms`
  if (ms < 995) return `${(ms / 1_000).toFixed(2)} s`
  if (ms < 9_950) return `${(ms / 1_000).toFixed(1)} s`
  const seconds = Math.round(ms / 1_000)
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3_600) return join(Math.floor(seconds / 60), 'min', seconds % 60, 's')
  const minutes = Math.round(seconds / 60)
  return minutes < 1_440
    ? join(Math.floor(minutes / 60), 'h', minutes % 60, 'min')
    : join(Math.floor(minutes / 1_440), 'd', Math.floor((minutes % 1_440) / 60), 'h')
}

function join(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`
}

/** The time a running run has taken so far: whole seconds, so that it does not flicker. */
export function elapsedWords(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')} min`
}

/** A moment to the minute, the same wherever it is read: `2026-12-02 14:05 UTC`. */
export const untilWords = (iso: string): string => `${iso.slice(0, 16).replace('T', ' ')} UTC`

/** How long something is kept: `30 days`, `12 hours`, in the largest unit that fits whole. */
export function keptWords(ms: number): string {
  if (ms < 60_000) return 'not kept'
  const minutes = Math.round(ms / 60_000)
  if (minutes % 1_440 === 0) return `kept ${plural(minutes / 1_440, 'day')}`
  return `kept ${minutes % 60 === 0 ? plural(minutes / 60, 'hour') : plural(minutes, 'minute')}`
}

const plural = (n: number, unit: string): string => `${n} ${unit}${n === 1 ? '' : 's'}`

/** How long ago, in one unit: "3 days". Below a minute "a moment". */
export function ageWords(sinceMs: number, nowMs: number): string {
  const minutes = Math.floor((nowMs - sinceMs) / 60_000)
  if (minutes < 1) return 'a moment'
  if (minutes < 60) return plural(minutes, 'minute')
  if (minutes < 1_440) return plural(Math.floor(minutes / 60), 'hour')
  const days = Math.floor(minutes / 1_440)
  if (days < 60) return plural(days, 'day')
  return days < 730 ? plural(Math.floor(days / 30), 'month') : plural(Math.floor(days / 365), 'year')
}

/** Time of a log line: since the run began (`+1.204 s`), or of the day (`14:03:07.120`). */
export function logTimeWords(atMs: number, startedAtMs: number, mode: 'relative' | 'local' | 'utc'): string {
  if (mode === 'relative') return `+${(atMs / 1_000).toFixed(3)}`
  const at = new Date(startedAtMs + atMs)
  if (Number.isNaN(at.getTime())) return ''
  if (mode === 'utc') return at.toISOString().slice(11, 23)
  const two = (n: number, size = 2) => String(n).padStart(size, '0')
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${two(at.getMilliseconds(), 3)}`
}
