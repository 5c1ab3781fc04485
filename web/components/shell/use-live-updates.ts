'use client'
import { useEffect } from 'react'

const LATER_MS = 2_500

/** Hears over a socket what happens to the account, in whatever tab or program it is caused, and says so by `NEWS`.
 * Without a socket (switched off, a proxy in between) pages look again when one returns to them, as before. */
export function useLiveUpdates(accountId: string): void {
  useEffect(() => {
    const life = new AbortController()
    void listen(accountId, life.signal)
    return () => life.abort()
  }, [accountId])
}

async function listen(accountId: string, signal: AbortSignal): Promise<void> {
  // After everything that somebody waits for: the page has just read what it shows.
  await new Promise((resolve) => setTimeout(resolve, LATER_MS))
  if (signal.aborted) return
  const { listenToAccount } = await import('../../lib/live-updates.ts')
  if (!signal.aborted) listenToAccount(accountId, signal)
}
