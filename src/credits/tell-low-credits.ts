import type { Clock } from '../platform/clock.ts'
import { createBoundedCache } from '../platform/bounded-cache.ts'
import { statement, type Queryable } from '../platform/database.ts'
import type { Logger } from '../platform/logger.ts'
import { notify } from '../users/index.ts'
import { formatCredits } from './credits.ts'

/** How often an account that spends is looked at. */
const EVERY_MS = 60_000
const KNOWN_AT_MOST = 50_000

/** What the account has free, and what its runs of the last day cost. Ids are ordered by time: one range of the primary
 * key. */
const FIND_RESERVE = statement<{ available: bigint; spent: bigint }>(
  'credits.find_reserve',
  `select (select coalesce(sum(posted - held), 0)::bigint from ledger_accounts
       where account_id = $1 and kind in ('granted', 'bought')) as available,
     (select coalesce(sum(charge_micro), 0)::bigint from runs
       where account_id = $1 and id >= uuid_v7_floor(now() - interval '1 day')) as spent`,
)

/** Tells the members of an account, once a day, when it has less than the last day cost. */
export type LowCredits = {
  /** A run of the account was charged. Looked at behind the run that says so, and at most once a minute. */
  spent(accountId: string): void
  /** Looks now. @returns whether it has too little */
  check(accountId: string): Promise<boolean>
}

export function createLowCredits(deps: {
  readonly db: Queryable
  readonly clock: Clock
  readonly log: Logger
}): LowCredits {
  const { db, clock, log } = deps
  const lookedAt = createBoundedCache<number>(KNOWN_AT_MOST)

  async function check(accountId: string): Promise<boolean> {
    const [reserve] = await db.query(FIND_RESERVE, [accountId])
    if (reserve === undefined || reserve.available >= reserve.spent) return false
    const day = new Date(clock.nowMs()).toISOString().slice(0, 10)
    const data = { available: formatCredits(reserve.available), spent: formatCredits(reserve.spent) }
    const news = { kind: 'credits_low', once: `${accountId} ${day}`, data } as const
    await notify(db, { accountId, whoMay: 'credits.read' }, news)
    return true
  }

  return {
    spent(accountId) {
      const nowMs = clock.monotonicMs()
      const before = lookedAt.get(accountId)
      if (before !== undefined && nowMs - before < EVERY_MS) return
      lookedAt.set(accountId, nowMs)
      check(accountId).catch((error: unknown) => log.warn({ err: error }, 'low credits were not looked for'))
    },
    check,
  }
}
