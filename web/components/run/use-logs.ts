'use client'
import { useEffect, useState } from 'react'
import { api, ask } from '../../lib/api.ts'
import type { LiveRun } from '../../lib/live-run.ts'
import { logOf, type LogEntry } from '../../lib/log-entry.ts'

/** The log of a run that is over: what its stream brought, or else read when it is first looked at. */
export function useLogs(run: LiveRun, isWanted: boolean): readonly LogEntry[] {
  const [read, setRead] = useState<readonly LogEntry[] | null>(null)
  const isNeeded = isWanted && run.logs.length === 0 && read === null
  useEffect(() => {
    if (!isNeeded) return undefined
    const gone = new AbortController()
    void ask(api.GET('/api/runs/{id}/logs', { params: { path: { id: run.runId } }, signal: gone.signal })).then(
      (answer) => {
        if (answer.ok && !gone.signal.aborted) setRead(answer.data.items.flatMap(logOf))
      },
      () => {}, // left the page
    )
    return () => gone.abort()
  }, [isNeeded, run.runId])
  return run.logs.length > 0 ? run.logs : (read ?? [])
}
