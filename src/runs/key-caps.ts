import { formatCredits } from '../credits/index.ts'
import { statement, type Queryable } from '../platform/database.ts'
import type { Principal } from '../users/index.ts'
import { runsErrors } from './runs.errors.ts'

/** What a key has spent since the first of the month (UTC), with what is set aside for runs that are going. Ids are
 * ordered by time: one range of the account's primary key. Asked for keys that have a cap, and no others. */
const SPENT_THIS_MONTH = statement<{ spent: bigint }>(
  'runs.spent_this_month',
  `select coalesce(sum(
     case when finished_at is null then hold_granted_micro + hold_bought_micro else charge_micro end), 0)::bigint as spent
   from runs where account_id = $1 and principal = $2 and id >= uuid_v7_floor(date_trunc('month', now(), 'UTC'))`,
)

export type KeyCaps = {
  /** Admits by `admit` if the run's hold stays within the monthly cap of the caller's key. Admissions of one key take
   * turns in this process, so that a burst does not pass the cap; several processes may pass it by what each admits in
   * the same moment.
   * @throws KEY_CAP_REACHED */
  within<T>(caller: Principal, holdMicro: bigint, admit: () => Promise<T>): Promise<T>
}

export function createKeyCaps(deps: { readonly db: Queryable }): KeyCaps {
  const turns = new Map<string, Promise<unknown>>()

  async function check({ accountId, id }: Principal, capMicro: bigint, holdMicro: bigint): Promise<void> {
    const [row] = await deps.db.query(SPENT_THIS_MONTH, [accountId, id])
    const spent = row?.spent ?? 0n
    if (spent + holdMicro <= capMicro) return
    throw runsErrors.KEY_CAP_REACHED({
      cap: formatCredits(capMicro),
      spent: formatCredits(spent),
      needed: formatCredits(holdMicro),
    })
  }

  return {
    within(caller, holdMicro, admit) {
      const capMicro = caller.monthlyCapMicro ?? null
      if (capMicro === null) return admit()
      const before = turns.get(caller.id) ?? Promise.resolve()
      const turn = before
        .catch(() => undefined)
        .then(async () => {
          await check(caller, capMicro, holdMicro)
          return admit()
        })
      const over: Promise<unknown> = turn
        .catch(() => undefined)
        .then(() => turns.get(caller.id) === over && turns.delete(caller.id))
      turns.set(caller.id, over)
      return turn
    },
  }
}
