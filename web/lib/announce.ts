import type { LiveRun } from './live-run.ts'
import { isOver, QUARTER_WORDS, quarterOf, settledWords, waitingWords } from './run-words.ts'
import { failureWords, storedProblem } from './failure-words.ts'

/** What the one polite live region says when a run went from one state to the next; null for nothing new. A bar that
 * moves is not read out: only its quarters are. */
export function announcementOf(before: LiveRun | null, after: LiveRun | null): string | null {
  if (after === null) return null
  const isSame = before !== null && before.runId === after.runId
  if (isOver(after.status)) return isSame && isOver(before.status) ? null : endOf(after)
  if (after.status === 'queued') {
    const why = waitingWords(after.waiting)
    const isNews = !isSame || before.status !== 'queued' || before.waiting?.reason !== after.waiting?.reason
    return isNews ? `Waiting. ${why}` : null
  }
  if (!isSame || before.status !== 'running') return 'Started.'
  const quarter = quarterOf(after.progress?.fraction ?? 0)
  return quarter > quarterOf(before.progress?.fraction ?? 0) ? QUARTER_WORDS[quarter] : null
}

function endOf(run: LiveRun): string {
  if (run.status === 'succeeded' || run.status === 'canceled') return `${settledWords(run)}.`
  const words = failureWords(storedProblem(run), run.receipt)
  return `${words.what}. ${words.cost}. Next: ${words.mend.label}.`
}
