'use client'
import { useEffect, useState } from 'react'
import { api, ask } from '../../lib/api.ts'
import type { RunStatus } from '../../lib/run-status-words.ts'
import { isLow, spentWithinDay } from '../../lib/spend.ts'
import { readTransfers } from '../../lib/transfers.ts'

type EndedRun = {
  readonly runId: string
  readonly status: RunStatus
  readonly charge: string
  readonly finishedAt: string
}
type News = {
  readonly available: string | null
  readonly isLow: boolean
  readonly runs: readonly EndedRun[]
  readonly isUnseen: boolean
}

const SEEN = 'bureau.seen-runs'
/** Sent on `window` by whatever changes the balance or ends a run. */
export const NEWS = 'bureau:news'

/** Balance and ended runs. Read when the page comes, when one returns to it, and when something says that they changed. */
export function useNews(permissions: readonly string[]): News {
  const [news, setNews] = useState<News>({ available: null, isLow: false, runs: [], isUnseen: false })
  const maySeeCredits = permissions.includes('credits.read')
  const maySeeRuns = permissions.includes('runs.read')
  useEffect(() => {
    const life = new AbortController()
    const { signal } = life
    const read = async () => {
      const [balance, runs] = await Promise.all([
        maySeeCredits ? readBalance(signal) : null,
        maySeeRuns ? readRuns(signal) : [],
      ])
      if (signal.aborted) return
      setNews({
        available: balance?.available ?? null,
        isLow: balance?.isLow ?? false,
        runs,
        isUnseen: runs[0] !== undefined && runs[0].finishedAt > lastSeen(),
      })
    }
    const onVisible = () => document.visibilityState === 'visible' && void read()
    void read()
    document.addEventListener('visibilitychange', onVisible, { signal })
    window.addEventListener(NEWS, () => void read(), { signal })
    return () => life.abort()
  }, [maySeeCredits, maySeeRuns])
  return news
}

async function readBalance(signal: AbortSignal) {
  try {
    const [balance, transfers] = await Promise.all([
      ask(api.GET('/api/credits', { signal })),
      ask(api.GET('/api/credits/transfers', { params: { query: { limit: 100 } }, signal })),
    ])
    if (!balance.ok) return null
    const spent = transfers.ok ? readTransfers(transfers.data.items) : []
    const { available } = balance.data
    return { available, isLow: isLow(available, spentWithinDay(spent, Date.now())) }
  } catch (error) {
    return ignoreAbort(error, null)
  }
}

async function readRuns(signal: AbortSignal): Promise<EndedRun[]> {
  try {
    const answer = await ask(api.GET('/api/runs', { params: { query: { limit: 8 } }, signal }))
    if (!answer.ok) return []
    return answer.data.items.flatMap(({ runId, status, charge, finishedAt }) =>
      runId === undefined ||
      status === undefined ||
      charge === undefined ||
      finishedAt === undefined ||
      finishedAt === null
        ? []
        : [{ runId, status, charge, finishedAt }],
    )
  } catch (error) {
    return ignoreAbort(error, [])
  }
}

/** The page is gone: nobody waits for this any more. */
function ignoreAbort<T>(error: unknown, otherwise: T): T {
  if (error instanceof DOMException && error.name === 'AbortError') return otherwise
  throw error
}

function lastSeen(): string {
  try {
    return localStorage.getItem(SEEN) ?? ''
  } catch {
    // Storage is switched off: the dot shows, which is the lesser evil.
    return ''
  }
}

/** Takes these runs as seen. */
export function seeRuns(runs: readonly EndedRun[]): void {
  const newest = runs[0]
  if (newest === undefined) return
  try {
    localStorage.setItem(SEEN, newest.finishedAt)
  } catch {
    // As above.
  }
}
