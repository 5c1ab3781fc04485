import type { Queryable } from '../platform/database.ts'
import { FIND_RUN } from './runs.queries.ts'
import type { RunRow } from './runs.schema.ts'

/** One run of an account, or null: also for the id of another account's run. */
export async function findRun(
  deps: { readonly db: Queryable },
  accountId: string,
  runId: string,
): Promise<RunRow | null> {
  const [row] = await deps.db.query(FIND_RUN, [accountId, runId])
  return row ?? null
}
