import type { Redis } from 'ioredis'
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/logger.ts'
import { httpErrors } from './http.errors.ts'

const WINDOW_MS = 60_000
/** How long counts wait before other processes learn of them. A burst may pass the limit by what arrives meanwhile. */
const SHARE_EVERY_MS = 200
/** Most callers counted in one minute, 100 bytes each. Who comes after them is let through uncounted: better than to
 * forget those who are counted, which would let a flood of addresses wash its own limit away. */
const MAX_ENTRIES = 100_000

type Entry = { readonly name: string; count: number; others: number; unshared: number }

export type RateLimit = {
  /** Counts one request.
   * @throws EnhancedAppError RATE_LIMITED with `retryAfterSeconds` */
  take(key: string): void
  /** Tells Redis what was counted. Called by itself while requests arrive; tests and the drain call it too. */
  share(): Promise<void>
  stop(): void
}

/** Requests a minute by key, counted in this process without a wait. With Redis the processes add up their counts: each
 * tells its own every 200 ms while there are any, and learns the sum. Not @fastify/rate-limit: before each request that
 * asks its store, here a Redis round trip, and awaits promises even for the store in memory. If Redis fails, each
 * process limits by its own count.
 * @param limit.perMinute most requests of one key   @param limit.per what a key stands for, shown in the error */
export function createRateLimit(
  deps: { readonly clock: Clock; readonly log: Logger; readonly redis: Redis | null },
  limit: { readonly per: 'key or user' | 'address'; readonly perMinute: number },
): RateLimit {
  const prefix = limit.per === 'address' ? 'rate:a' : 'rate:p'
  // One map a minute, thrown away whole: windows are aligned, so that all processes mean the same one. (Forgetting the
  // oldest entry of one large map cost 60 µs a request under a flood: V8 walks over the deleted ones each time.)
  let entries = new Map<string, Entry>()
  let resetAtMs = 0
  const unshared = new Set<Entry>()
  let timer: NodeJS.Timeout | undefined

  function entryOf(key: string): Entry | undefined {
    const known = entries.get(key)
    if (known !== undefined || entries.size >= MAX_ENTRIES) return known
    const entry = { name: `${prefix}:${resetAtMs}:${key}`, count: 0, others: 0, unshared: 0 }
    entries.set(key, entry)
    return entry
  }

  async function share(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    const redis = deps.redis
    if (redis === null || unshared.size === 0) return
    const sent = [...unshared]
    unshared.clear()
    const pipeline = redis.pipeline()
    for (const entry of sent) {
      pipeline.incrby(entry.name, entry.unshared).pexpire(entry.name, 2 * WINDOW_MS)
      entry.unshared = 0
    }
    try {
      const answers = (await pipeline.exec()) ?? []
      sent.forEach((entry, index) => {
        const sum = answers[2 * index]?.[1]
        if (typeof sum === 'number') entry.others = Math.max(0, sum - (entry.count - entry.unshared))
      })
    } catch (error) {
      deps.log.warn({ err: error }, 'rate limit counts were not shared')
    }
  }

  return {
    take(key) {
      const nowMs = deps.clock.nowMs()
      if (nowMs >= resetAtMs) {
        entries = new Map()
        resetAtMs = nowMs - (nowMs % WINDOW_MS) + WINDOW_MS
      }
      const entry = entryOf(key)
      if (entry === undefined) return
      entry.count++
      if (deps.redis !== null) {
        entry.unshared++
        unshared.add(entry)
        timer ??= setTimeout(() => void share(), SHARE_EVERY_MS).unref()
      }
      if (entry.count + entry.others <= limit.perMinute) return
      const retryAfterSeconds = Math.max(1, Math.ceil((resetAtMs - nowMs) / 1000))
      throw httpErrors.RATE_LIMITED({ retryAfterSeconds, limit: limit.perMinute, per: limit.per })
    },
    share,
    stop() {
      clearTimeout(timer)
      timer = undefined
    },
  }
}

/** What one visitor can be told apart by: the IPv4 address, or the /64 of an IPv6 address, since a household or an
 * attacker has the whole of it. */
export function networkOf(address: string): string {
  if (address.startsWith('::ffff:') && address.includes('.')) return address.slice(7)
  if (!address.includes(':')) return address
  const [head = '', tail] = address.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0')
  return `${[...left, ...zeros, ...right].slice(0, 4).join(':').toLowerCase()}::/64`
}
