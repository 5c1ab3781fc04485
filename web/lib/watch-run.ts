import { api, ask } from './api.ts'
import { gatherEvents } from './gather-events.ts'
import { withEvents, withView, type LiveRun } from './live-run.ts'
import type { Problem } from './problem.ts'
import { isOver } from './run-status-words.ts'
import { followRun, type RunEvent } from './run-stream.ts'

/** The page that watches a run. */
export type RunWatcher = {
  /** Changes the run, if the page still holds it. */
  readonly update: (change: (run: LiveRun) => LiveRun, runId: string) => void
  /** The run that the page holds now. */
  readonly run: () => LiveRun | null
  readonly setLine: (line: 'live' | 'lost') => void
  readonly setUnwatched: (problem: Problem) => void
}

/** Listens to a run until it is over, and reads what came of it. Events of one frame are taken in together: an agent may
 * log ten thousand lines in a second.
 * @param life of the page
 * @param stop ends the listening; what was read to the end by then still counts while the page is there */
export async function watchRun(
  runId: string,
  { update, run, setLine, setUnwatched }: RunWatcher,
  life: AbortSignal,
  stop: AbortSignal,
): Promise<void> {
  const gathered = gatherEvents<RunEvent>((events) => update((held) => withEvents(held, events, Date.now()), runId))
  stop.addEventListener('abort', () => gathered.stop())
  const lastSeq = () => Number(gathered.last()?.data['seq'] ?? run()?.lastSeq ?? 0)
  await followRun(runId, { onEvents: gathered.add, onLine: setLine, lastSeq }, stop)
  // The event that the run is over ends the listening, and this goes on: the output is still to come.
  if (life.aborted || run()?.runId !== runId) return
  gathered.flush()
  const refused = await readToEnd(runId, update, life)
  if (life.aborted || run()?.runId !== runId) return
  setLine('live')
  if (refused !== null) setUnwatched(refused)
}

const POLL_MS = 1_500

/** Reads the run itself: once when it is over, which brings its output; again and again where the stream is refused.
 * @returns why it is refused for good, or null */
async function readToEnd(runId: string, update: RunWatcher['update'], signal: AbortSignal): Promise<Problem | null> {
  while (!signal.aborted) {
    const answer = await ask(api.GET('/api/runs/{id}', { params: { path: { id: runId } }, signal }))
    if (answer.ok) {
      update((held) => withView(held, answer.data), runId)
      if (isOver(answer.data.status)) return null
    } else if (answer.problem.status >= 400 && answer.problem.status < 500 && answer.problem.status !== 429)
      return answer.problem
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
  return null
}
