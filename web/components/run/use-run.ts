'use client'
import { useCallback, useEffect, useRef, useState } from 'react'
import { api, ask } from '../../lib/api.ts'
import type { LiveRun } from '../../lib/live-run.ts'
import { NEWS } from '../../lib/news.ts'
import type { Problem } from '../../lib/problem.ts'
import { runProblemOf, type RunProblem } from '../../lib/run-problem.ts'
import type { RunEvent } from '../../lib/run-stream.ts'
import { isOver } from '../../lib/run-status-words.ts'
import type { RunOrder, SentRun } from '../../lib/send-run.ts'

/** Loads what a run needs, once. */
export const loadRunKit = () => import('../../lib/run-kit.ts')

export type RunLine = 'live' | 'lost'

/** A run on its page: sent from here or read from the server, listened to until it is over. */
export type RunHold = {
  readonly run: LiveRun | null
  /** Why there is no run: it was refused before one began. */
  readonly refusal: RunProblem | null
  readonly isSending: boolean
  readonly isStopping: boolean
  readonly line: RunLine
  /** Why a run that goes on is not heard of any more, and will not be: signed out, for one. */
  readonly unwatched: Problem | null
  readonly send: (order: RunOrder) => Promise<LiveRun | null>
  readonly stop: () => Promise<void>
  readonly clear: () => void
}

/** @param first the run that the page was opened with */
export function useRun(first: LiveRun | null): RunHold {
  const [run, setRun] = useState(first)
  const [refusal, setRefusal] = useState<RunProblem | null>(null)
  const [isSending, setSending] = useState(false)
  const [isStopping, setStopping] = useState(false)
  const [line, setLine] = useState<RunLine>('live')
  const [unwatched, setUnwatched] = useState<Problem | null>(null)
  const current = useRef(first)
  const update = useCallback((change: (run: LiveRun) => LiveRun, runId: string) => {
    if (current.current?.runId !== runId) return
    current.current = change(current.current)
    setRun(current.current)
  }, [])
  const followed = run === null || isOver(run.status) ? null : run.runId
  useFollowing(followed, update, current, { setLine, setUnwatched })
  const overId = run !== null && isOver(run.status) ? run.runId : null
  useEffect(() => {
    // The balance follows: the socket may not have been there yet, or at all.
    if (overId !== null && current.current !== first) window.dispatchEvent(new Event(NEWS))
  }, [overId, first])

  const send = useCallback(
    async (order: RunOrder) => {
      setSending(true)
      setRefusal(null)
      const kit = await loadRunKit().catch(() => null)
      // Without the kit there is no connection either.
      const sent: SentRun = kit === null ? { ok: false, problem: runProblemOf(null, 0) } : await kit.sendRun(order)
      setSending(false)
      setStopping(false)
      if (!sent.ok) setRefusal(sent.problem)
      if (kit === null || !sent.ok) return null
      const { admittedRun, withHold, withView } = kit
      const admitted = admittedRun({ ...sent.admitted, agentId: order.agentId, version: null, nowMs: Date.now() })
      const next = sent.view === null ? admitted : withView(admitted, sent.view)
      current.current = next
      setRun(next)
      setLine('live')
      setUnwatched(null)
      if (!isOver(next.status))
        void ask(api.GET('/api/runs/{id}', { params: { path: { id: next.runId } } })).then((answer) => {
          if (answer.ok) update((held) => withHold(held, answer.data), next.runId)
        })
      return next
    },
    [update],
  )

  const stop = useCallback(async () => {
    const runId = current.current?.runId
    if (runId === undefined) return
    setStopping(true)
    const answer = await ask(api.POST('/api/runs/{id}/cancel', { params: { path: { id: runId } } }))
    // RUN_ALREADY_ENDED: it was over before, and its own end is on its way by the stream.
    const { withView } = await loadRunKit()
    if (answer.ok) update((held) => withView(held, answer.data), runId)
    else setStopping(false)
  }, [update])

  const clear = useCallback(() => {
    current.current = null
    setRun(null)
    setRefusal(null)
  }, [])
  return { run, refusal, isSending, isStopping, line, unwatched, send, stop, clear }
}

type Told = {
  readonly setLine: (line: RunLine) => void
  readonly setUnwatched: (problem: Problem) => void
}
type Update = (change: (run: LiveRun) => LiveRun, runId: string) => void

/** Listens while there is something to hear. Events of one frame are taken in together: an agent may log ten thousand
 * lines in a second. */
function useFollowing(
  runId: string | null,
  update: Update,
  current: { readonly current: LiveRun | null },
  { setLine, setUnwatched }: Told,
): void {
  const page = useRef(new AbortController())
  useEffect(() => {
    const life = new AbortController()
    page.current = life
    return () => life.abort()
  }, [])
  useEffect(() => {
    if (runId === null) return undefined
    const life = page.current.signal
    const stop = new AbortController()
    let waiting: RunEvent[] = []
    let frame = 0
    const listen = async () => {
      const { followRun, withEvents } = await loadRunKit()
      const flush = () => {
        frame = 0
        const events = waiting
        waiting = []
        update((held) => withEvents(held, events, Date.now()), runId)
      }
      const onEvents = (events: readonly RunEvent[]) => {
        waiting.push(...events)
        // A page in the background gets no frames; what came is taken in when it is looked at, or at the end.
        if (frame === 0) frame = requestAnimationFrame(flush)
      }
      const lastSeq = () => Number(waiting.at(-1)?.data['seq'] ?? current.current?.lastSeq ?? 0)
      await followRun(runId, { onEvents, onLine: setLine, lastSeq }, stop.signal)
      // The event that the run is over ends the listening, and this goes on: the output is still to come.
      if (life.aborted || current.current?.runId !== runId) return
      flush()
      const refused = await readToEnd(runId, update, life)
      if (life.aborted || current.current?.runId !== runId) return
      setLine('live')
      if (refused !== null) setUnwatched(refused)
    }
    // The kit that did not come is a line that is lost; the next look at the page tries again.
    listen().catch(() => setLine('lost'))
    return () => {
      stop.abort()
      cancelAnimationFrame(frame)
    }
  }, [runId, update, current, setLine, setUnwatched])
}

const POLL_MS = 1_500

/** Reads the run itself: once when it is over, which brings its output; again and again where the stream is refused.
 * @returns why it is refused for good, or null */
async function readToEnd(runId: string, update: Update, signal: AbortSignal): Promise<Problem | null> {
  const { withView } = await loadRunKit()
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
