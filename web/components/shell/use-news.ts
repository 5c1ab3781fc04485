'use client'
import { useEffect, useState } from 'react'
import { api, ask } from '../../lib/api.ts'
import { NEWS } from '../../lib/news.ts'
import type { Told } from '../../lib/notification-words.ts'
import { isLow, spentWithinDay } from '../../lib/spend.ts'

export type Notification = Told & {
  readonly id: string
  readonly createdAt: string
  readonly isRead: boolean
}
type News = {
  readonly available: string | null
  readonly isLow: boolean
  readonly told: readonly Notification[]
  /** Not read; counted to 100. */
  readonly unread: number
}

/** Balance and notifications. Read when the page comes, when one returns to it, and when something says that they changed. */
export function useNews(permissions: readonly string[]): News {
  const [news, setNews] = useState<News>({ available: null, isLow: false, told: [], unread: 0 })
  const maySeeCredits = permissions.includes('credits.read')
  useEffect(() => {
    const life = new AbortController()
    const { signal } = life
    const read = async () => {
      const [balance, notifications] = await Promise.all([
        maySeeCredits ? readBalance(signal) : null,
        readNotifications(signal),
      ])
      if (signal.aborted) return
      setNews({
        available: balance?.available ?? null,
        isLow: balance?.isLow ?? false,
        ...notifications,
      })
    }
    const onVisible = () => document.visibilityState === 'visible' && void read()
    void read()
    document.addEventListener('visibilitychange', onVisible, { signal })
    window.addEventListener(NEWS, () => void read(), { signal })
    return () => life.abort()
  }, [maySeeCredits])
  return news
}

async function readBalance(signal: AbortSignal) {
  try {
    const [balance, transfers] = await Promise.all([
      ask(api.GET('/api/credits', { signal })),
      ask(api.GET('/api/credits/transfers', { params: { query: { limit: 100 } }, signal })),
    ])
    if (!balance.ok) return null
    const spent = transfers.ok ? transfers.data.items : []
    const { available } = balance.data
    return { available, isLow: isLow(available, spentWithinDay(spent, Date.now())) }
  } catch (error) {
    return ignoreAbort(error, null)
  }
}

const NOTHING: Pick<News, 'told' | 'unread'> = { told: [], unread: 0 }

async function readNotifications(signal: AbortSignal): Promise<Pick<News, 'told' | 'unread'>> {
  try {
    const answer = await ask(api.GET('/api/notifications', { params: { query: { limit: 12 } }, signal }))
    if (!answer.ok) return NOTHING
    const told = answer.data.items.flatMap(({ id, kind, data, createdAt, readAt = null }) =>
      id === undefined || kind === undefined || createdAt === undefined
        ? []
        : [{ id, kind, data, createdAt, isRead: readAt !== null }],
    )
    return { told, unread: answer.data.unread }
  } catch (error) {
    return ignoreAbort(error, NOTHING)
  }
}

/** The page is gone: nobody waits for this any more. */
function ignoreAbort<T>(error: unknown, otherwise: T): T {
  if (error instanceof DOMException && error.name === 'AbortError') return otherwise
  throw error
}
