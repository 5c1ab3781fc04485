import { hostname } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import type { Queryable } from '../platform/database.ts'
import type { Logger } from '../platform/logger.ts'
import type { Service } from '../platform/service.ts'
import { END_LEASE, RENEW_LEASE } from './runs.queries.ts'

/** A process that has not renewed for so long is dead to the others, and they settle its runs. */
export const LEASE_MS = 10_000
/** Five tries before the lease ends: one slow statement or a pause for garbage is not a death. */
export const HEARTBEAT_MS = 2_000
/** After a heartbeat that failed. */
const RETRY_MS = 200

/** The lease under which this process owns its runs. */
export type ProcessLease = Service & {
  /** Returns at once while the lease is fresh. After a stall (a suspended machine, a blocked event loop) it renews
   * first: a run admitted under a lease that has ended would be reaped at once.
   * @throws Error where the database cannot be reached for `patienceMs` */
  ensure(patienceMs: number): Promise<void>
}

/** @param deps.onDead called when a heartbeat sees that another process let its lease end */
export function createProcessLease(deps: {
  readonly db: Queryable
  readonly log: Logger
  readonly ownerId: string
  readonly onDead: () => void
}): ProcessLease {
  const { db, log, ownerId } = deps
  let renewedAt = -Infinity
  let timer: NodeJS.Timeout | undefined
  let renewing: Promise<void> | undefined
  let isStopped = false

  async function renew(): Promise<void> {
    // Counted from before the statement was sent, so that we never think it longer than the database does.
    const sentAt = performance.now()
    const [row] = await db.query(RENEW_LEASE, [ownerId, hostname(), process.pid, LEASE_MS])
    renewedAt = sentAt
    if (row !== undefined && row.expired > 0n) deps.onDead()
  }

  function renewOnce(): Promise<void> {
    renewing ??= renew().finally(() => {
      renewing = undefined
    })
    return renewing
  }

  function beatIn(ms: number): void {
    if (isStopped) return
    timer = setTimeout(() => {
      renewOnce().then(
        () => beatIn(HEARTBEAT_MS),
        (error: unknown) => {
          log.warn({ err: error, ownerId }, 'process lease was not renewed')
          beatIn(RETRY_MS)
        },
      )
    }, ms)
  }

  return {
    name: 'process lease',
    async start() {
      await renewOnce()
      beatIn(HEARTBEAT_MS)
    },
    async ensure(patienceMs) {
      for (const giveUpAt = performance.now() + patienceMs; ; await pause(RETRY_MS)) {
        if (performance.now() - renewedAt < LEASE_MS - HEARTBEAT_MS) return
        try {
          return await renewOnce()
        } catch (error) {
          if (isStopped || performance.now() > giveUpAt) throw error
        }
      }
    },
    async stop() {
      if (isStopped) return
      isStopped = true
      clearTimeout(timer)
      await renewing?.catch(() => undefined)
      // Whatever this process still owns is now the reaper's, ten seconds earlier.
      await db.execute(END_LEASE, [ownerId])
    },
  }
}
