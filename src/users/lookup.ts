import { createBoundedCache } from '../platform/bounded-cache.ts'
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/logger.ts'

/** After this the database is asked again while the old answer still serves; a request never waits for it. */
const REFRESH_AFTER_MS = 400
/** After this the old answer serves nobody: with the query's time, what was revoked is refused within a second. */
const TRUST_MS = 800
/** Answers remembered, about 1 kB each. */
const MAX_ENTRIES = 20_000
/** Ids asked for in one statement. */
const MAX_BATCH = 500
const NOTE_USE_EVERY_MS = 60_000

type Entry<V> = { answer: V; askedAtMs: number; refresh: Promise<V> | null }

export type Lookup<V> = {
  /** What the database says of an id: at once where it was asked within the last 800 ms. */
  get(id: string): V | Promise<V>
  /** The next look asks the database: for whoever has just changed what it says. */
  forget(id: string): void
}

/** Answers about credentials, remembered for less than a second. One statement is under way at a time, and carries
 * whatever came up meanwhile: a thousand callers cost a few queries, not a thousand.
 * @param how.find one statement for many ids   @param how.absent the answer about an id that is not found */
export function createLookup<V>(
  deps: { readonly clock: Clock; readonly log: Logger },
  how: { readonly find: (ids: readonly string[]) => Promise<ReadonlyMap<string, V>>; readonly absent: V },
): Lookup<V> {
  const { clock, log } = deps
  const entries = createBoundedCache<Entry<V>>(MAX_ENTRIES)
  const ask = createBatchedQuestion(how)

  function refresh(id: string, entry: Entry<V> | undefined): Promise<V> {
    if (entry?.refresh) return entry.refresh
    // Trust is counted from before the question: what the database saw may be as old as that.
    const askedAtMs = clock.monotonicMs()
    const asked = ask(id).then((answer) => {
      // Not put back where it was forgotten meanwhile: this answer may be older than what made somebody forget.
      if (entries.get(id) === entry) entries.set(id, { answer, askedAtMs, refresh: null })
      return answer
    })
    if (entry) {
      entry.refresh = asked
      asked.catch(() => {
        entry.refresh = null
      })
    }
    return asked
  }

  return {
    get(id) {
      const entry = entries.get(id)
      const ageMs = entry === undefined ? Infinity : clock.monotonicMs() - entry.askedAtMs
      if (entry === undefined || ageMs >= TRUST_MS) return refresh(id, entry)
      if (ageMs > REFRESH_AFTER_MS && entry.refresh === null) {
        refresh(id, entry).catch((error: unknown) => log.warn({ err: error }, 'a credential was not verified again'))
      }
      return entry.answer
    },
    forget: (id) => entries.delete(id),
  }
}

type Waiting<V> = { readonly id: string; resolve(answer: V): void; reject(error: unknown): void }

function createBatchedQuestion<V>(how: {
  readonly find: (ids: readonly string[]) => Promise<ReadonlyMap<string, V>>
  readonly absent: V
}): (id: string) => Promise<V> {
  let waiting: Waiting<V>[] = []
  let isAsking = false

  async function askAll(): Promise<void> {
    isAsking = true
    while (waiting.length > 0) {
      const batch = waiting.slice(0, MAX_BATCH)
      waiting = waiting.slice(MAX_BATCH)
      try {
        const found = await how.find(batch.map((one) => one.id))
        for (const one of batch) one.resolve(found.get(one.id) ?? how.absent)
      } catch (error) {
        for (const one of batch) one.reject(error)
      }
    }
    isAsking = false
  }

  return (id) =>
    new Promise((resolve, reject) => {
      waiting.push({ id, resolve, reject })
      if (!isAsking) void askAll()
    })
}

/** Notes that something was used, to the minute. Off the path: nobody waits for it, and a failure only makes "last
 * used" older than it is.
 * @param write one statement for many ids */
export function createUseNotes(
  deps: { readonly clock: Clock; readonly log: Logger },
  write: (ids: readonly string[]) => Promise<unknown>,
): (id: string) => void {
  const { clock, log } = deps
  const notedAt = createBoundedCache<number>(MAX_ENTRIES)
  const used = new Set<string>()
  let isNoting = false

  async function writeAll(): Promise<void> {
    while (used.size > 0) {
      const ids = [...used]
      used.clear()
      await write(ids).catch((error: unknown) => log.warn({ err: error }, 'last use was not noted'))
    }
    isNoting = false
  }

  return (id) => {
    const nowMs = clock.monotonicMs()
    if (nowMs - (notedAt.get(id) ?? -Infinity) <= NOTE_USE_EVERY_MS) return
    notedAt.set(id, nowMs)
    used.add(id)
    if (isNoting) return
    isNoting = true
    setImmediate(() => void writeAll())
  }
}
