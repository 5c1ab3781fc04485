import type { Queryable } from '../platform/database.ts'
import { QUEUE_PICTURE, QUEUE_PLACE, QUEUE_PLACES } from './runs.queries.ts'
import type { RunRow, Waiting } from './runs.schema.ts'

/** How old the picture of the queue may be. A thousand callers who look at their places cost one statement in this time. */
const PICTURE_MS = 200

export type FindWaiting = {
  /** Why the run waits, how many are before it and how long that may take; null unless it is queued. */
  of(run: Pick<RunRow, 'accountId' | 'id' | 'status'>): Promise<Waiting | null>
  /** The same for many runs in one statement, by their ids; those that are not queued any more are left out. */
  ofMany(runs: readonly Pick<RunRow, 'accountId' | 'id'>[]): Promise<ReadonlyMap<string, Waiting>>
  /** The same for a run that was queued just now, without counting those before it. */
  ofLast(accountId: string): Promise<Waiting>
  /** A queued run took so long: what estimates are made from. */
  took(ms: number): void
}

type Picture = ReadonlyMap<string, { readonly queued: number; readonly running: number }>

/** @param deps.slots runs that execute at a time */
export function createFindWaiting(deps: {
  readonly db: Queryable
  readonly runsPerAccount: number
  readonly slots: () => number
}): FindWaiting {
  let picture: Promise<Picture> | undefined
  let takenAt = -Infinity
  let meanMs: number | null = null

  function look(): Promise<Picture> {
    if (picture !== undefined && performance.now() - takenAt < PICTURE_MS) return picture
    takenAt = performance.now()
    picture = deps.db
      .query(QUEUE_PICTURE)
      .then(
        (rows) => new Map(rows.map((r) => [r.account_id, { queued: Number(r.queued), running: Number(r.running) }])),
      )
    picture.catch(() => {
      picture = undefined
    })
    return picture
  }

  function judge(seen: Picture, accountId: string, own: number): Waiting {
    const { runsPerAccount } = deps
    const estimate = (place: number, atOnce: number): number | null =>
      meanMs === null ? null : Math.round((place / Math.max(atOnce, 1)) * meanMs)
    if ((seen.get(accountId)?.running ?? 0) >= runsPerAccount)
      return { reason: 'caller_limit', place: own, estimateMs: estimate(own, Math.min(runsPerAccount, deps.slots())) }
    // Accounts take turns, so of each other one as many come before it as of its own.
    let place = own
    for (const [other, { queued }] of seen) if (other !== accountId) place += Math.min(queued, own)
    return { reason: 'capacity', place, estimateMs: estimate(place, deps.slots()) }
  }

  return {
    took(ms) {
      meanMs = meanMs === null ? ms : meanMs + (ms - meanMs) * 0.1
    },
    async of({ accountId, id, status }) {
      if (status !== 'queued') return null
      const [seen, [row]] = await Promise.all([look(), deps.db.query(QUEUE_PLACE, [accountId, id])])
      return judge(seen, accountId, Math.max(Number(row?.place ?? 1n), 1))
    },
    async ofMany(runs) {
      if (runs.length === 0) return new Map()
      const asked = [runs.map((run) => run.accountId), runs.map((run) => run.id)]
      const [seen, rows] = await Promise.all([look(), deps.db.query(QUEUE_PLACES, asked)])
      return new Map(rows.map((row) => [row.id, judge(seen, row.account_id, Number(row.place))]))
    },
    async ofLast(accountId) {
      const seen = await look()
      return judge(seen, accountId, Math.max(seen.get(accountId)?.queued ?? 0, 1))
    },
  }
}
