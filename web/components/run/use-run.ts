'use client'
import { useCallback, useEffect, useRef, useState } from 'react'
import type { LiveRun } from '../../lib/live-run.ts'
import { NEWS } from '../../lib/news.ts'
import type { Problem } from '../../lib/problem.ts'
import type { RunProblem } from '../../lib/run-problem.ts'
import { isOver } from '../../lib/run-status-words.ts'
import type { RunOrder } from '../../lib/send-run.ts'
import type { StartedRun } from '../../lib/start-run.ts'
import { UNREACHABLE } from '../../lib/unreachable.ts'

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
      const sent: StartedRun = kit === null ? { ok: false, problem: UNREACHABLE } : await kit.startRun(order)
      setSending(false)
      setStopping(false)
      if (!sent.ok) {
        setRefusal(sent.problem)
        return null
      }
      current.current = sent.run
      setRun(sent.run)
      setLine('live')
      setUnwatched(null)
      if (!isOver(sent.run.status)) void kit?.readHold(sent.run.runId, update)
      return sent.run
    },
    [update],
  )

  const stop = useCallback(async () => {
    const runId = current.current?.runId
    if (runId === undefined) return
    setStopping(true)
    const { stopRun } = await loadRunKit()
    if (!(await stopRun(runId, update))) setStopping(false)
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

/** Listens while there is something to hear. */
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
    const watcher = { update, run: () => current.current, setLine, setUnwatched }
    loadRunKit()
      .then(({ watchRun }) => watchRun(runId, watcher, life, stop.signal))
      // The kit that did not come is a line that is lost; the next look at the page tries again.
      .catch(() => setLine('lost'))
    return () => stop.abort()
  }, [runId, update, current, setLine, setUnwatched])
}
