import type { Queryable } from '../platform/database.ts'
import type { Logger } from '../platform/logger.ts'
import { findRun } from './find-run.ts'
import { FINISHED_AMONG } from './runs.queries.ts'
import type { RunRow } from './runs.schema.ts'

const FIRST_LOOK_MS = 20
const SLOWEST_LOOK_MS = 250

/** Everybody in this process who waits for a run to end. A run that ends here wakes its waiters itself; for those of
 * other processes one poller looks, with one statement for all of them. */
export type RunWaits = {
  /** Resolves when the run is over, at `untilMs` (milliseconds since 1970) or when the signal aborts. */
  ended(accountId: string, runId: string, until: { untilMs: number; signal?: AbortSignal | undefined }): Promise<void>
  /** The run is over: said by whoever settled it. */
  announce(runId: string): void
  stop(): void
  /** For metrics. */
  readonly waiting: number
}

type Wait = { readonly accountId: string; readonly runId: string; readonly wake: () => void }

export function createRunWaits(deps: { readonly db: Queryable; readonly log: Logger }): RunWaits {
  const waits = new Map<string, Set<Wait>>()
  let timer: NodeJS.Timeout | undefined
  let pauseMs = FIRST_LOOK_MS
  let isLooking = false
  let isStopped = false

  const announce = (runId: string): void => waits.get(runId)?.forEach((wait) => wait.wake())

  function plan(): void {
    if (isStopped || isLooking || timer !== undefined || waits.size === 0) return
    timer = setTimeout(() => {
      timer = undefined
      void look()
    }, pauseMs)
    pauseMs = Math.min(pauseMs * 1.5, SLOWEST_LOOK_MS)
  }

  async function look(): Promise<void> {
    isLooking = true
    try {
      const asked = [...waits.values()].flatMap((set) => [...set].slice(0, 1))
      const ended = await deps.db.query(FINISHED_AMONG, [asked.map((w) => w.accountId), asked.map((w) => w.runId)])
      for (const { id } of ended) announce(id)
    } catch (error) {
      deps.log.warn({ err: error, runs: waits.size }, 'waiting for runs: the database did not answer')
    }
    isLooking = false
    plan()
  }

  return {
    ended: (accountId, runId, { untilMs, signal }) =>
      new Promise((resolve) => {
        const leftMs = untilMs - Date.now()
        if (isStopped || leftMs <= 0 || signal?.aborted === true) return resolve()
        const wake = (): void => {
          clearTimeout(deadline)
          signal?.removeEventListener('abort', wake)
          const set = waits.get(runId)
          set?.delete(wait)
          if (set?.size === 0) waits.delete(runId)
          resolve()
        }
        const wait: Wait = { accountId, runId, wake }
        const deadline = setTimeout(wake, leftMs)
        signal?.addEventListener('abort', wake, { once: true })
        const set = waits.get(runId)
        if (set === undefined) waits.set(runId, new Set([wait]))
        else set.add(wait)
        // A new waiter is looked for soon again, however long the others have been waiting.
        pauseMs = FIRST_LOOK_MS
        plan()
      }),
    announce,
    stop() {
      isStopped = true
      clearTimeout(timer)
      for (const set of waits.values()) for (const wait of set) wait.wake()
    },
    get waiting() {
      return waits.size
    },
  }
}

export type AwaitRunDeps = { readonly ledger: { readonly reads: Queryable; readonly waits: RunWaits } }

/** Waits for a run that this or another process executes.
 * @param until.untilMs the latest moment, in milliseconds since 1970; 0 looks once
 * @returns the row as it stands then (its `finishedAt` says whether it is over), or null if the account has no such run */
export async function awaitRun(
  deps: AwaitRunDeps,
  accountId: string,
  runId: string,
  until: { readonly untilMs: number; readonly signal?: AbortSignal },
): Promise<RunRow | null> {
  const { reads: db, waits } = deps.ledger
  // In this order, or a run that ends between the look and the wait is waited for in vain: the wait is registered
  // before the row is read.
  const stopWaiting = new AbortController()
  const signal = until.signal === undefined ? stopWaiting.signal : AbortSignal.any([until.signal, stopWaiting.signal])
  const ended = waits.ended(accountId, runId, { untilMs: until.untilMs, signal })
  try {
    const row = await findRun({ db }, accountId, runId)
    if (row === null || row.finishedAt !== null) return row
    await ended
    return await findRun({ db }, accountId, runId)
  } finally {
    stopWaiting.abort()
  }
}
