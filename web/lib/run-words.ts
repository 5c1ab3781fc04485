import { chargeWords, type Receipt } from './price-words.ts'
import { durationWords } from './time-words.ts'
import { grouped } from './credits.ts'
import { isOver, STATUS_WORDS, type RunStatus } from './run-status-words.ts'

export { isOver, STATUS_WORDS, type RunStatus }

export type Waiting = {
  readonly reason: 'caller_limit' | 'capacity'
  readonly place: number
  readonly estimateMs: number | null
}

/** Why a run waits, and for how long: "3rd in line: all places are busy. About 12 s." */
export function waitingWords(waiting: Waiting | null): string {
  if (waiting === null) return 'Waiting for a place.'
  const estimate = waiting.estimateMs === null ? '' : ` About ${durationWords(waiting.estimateMs)}.`
  const reason =
    waiting.reason === 'caller_limit'
      ? 'Your other runs have to end first.'
      : waiting.place <= 1
        ? 'Next in line: all places are busy.'
        : `${ordinal(waiting.place)} in line: all places are busy.`
  return `${reason}${estimate}`
}

function ordinal(n: number): string {
  const tens = n % 100
  const ending = tens >= 11 && tens <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th')
  return `${n}${ending}`
}

export type SettledRun = {
  readonly status: RunStatus
  readonly runMs: number | null
  readonly receipt: Receipt
}

/** The end of a run in one sentence: "Done in 0.42 s, 2.3 credits (2.7 returned)". */
export function settledWords(run: SettledRun): string {
  const took =
    run.runMs === null
      ? ''
      : run.status === 'succeeded'
        ? ` in ${durationWords(run.runMs)}`
        : ` after ${durationWords(run.runMs)}`
  return `${STATUS_WORDS[run.status]}${took}, ${chargeWords(run.receipt)}`
}

/** How often it went well. Fewer than 20 runs prove nothing, and say so. */
export function successWords(success: { readonly rate: number | null; readonly runs: number }): string {
  if (success.runs === 0) return 'new: no runs yet'
  if (success.runs < 20 || success.rate === null) return `new: ${success.runs} ${success.runs === 1 ? 'run' : 'runs'}`
  return `${percent(success.rate)} of ${grouped(success.runs)}`
}

/** Rounded down: what failed once is never 100 %. */
function percent(rate: number): string {
  const tenths = Math.floor(rate * 1_000 + 1e-9) / 10
  return `${tenths} %`
}

/** What the network is used for, on a card and in the head of a page. */
export function hostsWords(hosts: number): string {
  if (hosts === 0) return 'no network'
  return hosts === 1 ? '1 host' : `${hosts} hosts`
}

export function egressWords(hosts: readonly string[]): string {
  if (hosts.length === 0) return 'Uses no network'
  if (hosts.includes('*')) return 'Sends data to: any public address'
  return `Sends data to: ${hosts.join(', ')}`
}

/** What the one live region says while a run goes on; null where there is nothing new to say. */
export function quarterOf(fraction: number): 0 | 1 | 2 | 3 {
  return fraction >= 0.75 ? 3 : fraction >= 0.5 ? 2 : fraction >= 0.25 ? 1 : 0
}

export const QUARTER_WORDS = ['', 'A quarter is done.', 'Half is done.', 'Three quarters are done.'] as const
