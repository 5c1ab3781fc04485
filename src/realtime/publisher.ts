import type { Queryable } from '../platform/database.ts'
import type { Logger } from '../platform/logger.ts'
import type { Service } from '../platform/service.ts'
import type { Announcement } from './realtime.schema.ts'
import { tellRooms } from './tell-rooms.ts'

/** Between two statements: a person does not see 50 ms, and a thousand runs a second become twenty statements. */
const EVERY_MS = 50
/** After a statement that failed. */
const RETRY_MS = 1_000
const AT_ONCE = 1_000
/** Beyond this the oldest are dropped: clients that miss a number ask for the state anew. */
const MOST_WAITING = 20_000

/** Tells rooms off the path of whoever speaks. */
export type Publisher = Service & {
  /** Takes the event and returns. Told within 50 ms while the database answers; what waits when the process dies is
   * lost, so what must not be goes with the transaction that causes it ({@link tellRooms}). */
  announce(announcement: Announcement): void
  /** Dropped because too many waited. For metrics. */
  readonly dropped: number
}

export function createPublisher(deps: { readonly db: Queryable; readonly log: Logger }): Publisher {
  const { db, log } = deps
  let waiting: Announcement[] = []
  let timer: NodeJS.Timeout | undefined
  let telling: Promise<void> | undefined
  let dropped = 0
  let isStopped = false

  function plan(ms: number): void {
    if (timer !== undefined || telling !== undefined || waiting.length === 0 || isStopped) return
    timer = setTimeout(() => {
      timer = undefined
      telling = tell().finally(() => {
        telling = undefined
      })
    }, ms)
  }

  async function tell(): Promise<void> {
    const batch = waiting.slice(0, AT_ONCE)
    waiting = waiting.slice(AT_ONCE)
    let pauseMs = EVERY_MS
    try {
      await tellRooms(db, merged(batch))
    } catch (error) {
      log.warn({ err: error, events: batch.length }, 'live updates were not told')
      waiting = [...batch, ...waiting]
      pauseMs = RETRY_MS
    }
    // After `telling` is over, or the plan would see one under way.
    queueMicrotask(() => setImmediate(() => plan(pauseMs)))
  }

  return {
    name: 'live updates',
    get dropped() {
      return dropped
    },
    start: () => Promise.resolve(),
    announce(announcement) {
      if (isStopped) return
      if (waiting.length >= MOST_WAITING) {
        waiting = waiting.slice(AT_ONCE)
        dropped += AT_ONCE
      }
      waiting.push(announcement)
      plan(EVERY_MS)
    },
    async stop() {
      if (isStopped) return
      isStopped = true
      clearTimeout(timer)
      await telling
      await tellRooms(db, merged(waiting)).catch((error: unknown) =>
        log.warn({ err: error, events: waiting.length }, 'live updates were not told'),
      )
    },
  }
}

/** Equal events of one batch are told once: a hundred runs of one account move its balance once. */
function merged(batch: readonly Announcement[]): Announcement[] {
  const seen = new Set<string>()
  return batch.filter((one) => {
    if (one.type !== 'balance:changed') return true
    const name = `${one.room} ${one.data.because}`
    return seen.has(name) ? false : seen.add(name)
  })
}
