import type { Queryable } from '../platform/database.ts'
import { ROLL_UP } from './credits.queries.ts'

/** 25–30 k rows in 27–78 ms; a call of this size holds the hot rows' locks for a fraction of that. */
const DELTAS_PER_CALL = 10_000

/** Moves open deltas into the ledger accounts of creators and the platform. Nobody sees a difference: balances count
 * open deltas in. Two at once do not add up twice; the second leaves at once.
 * @returns how many deltas were moved */
export async function rollUpLedger(deps: { readonly db: Queryable; readonly signal?: AbortSignal }): Promise<number> {
  let moved = 0
  for (;;) {
    deps.signal?.throwIfAborted()
    const [row] = await deps.db.query(ROLL_UP, [DELTAS_PER_CALL])
    const count = Number(row?.moved ?? 0n)
    moved += count
    if (count < DELTAS_PER_CALL) return moved
  }
}
