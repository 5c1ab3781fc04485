import type { Queryable } from '../platform/database.ts'
import { authorize, type Principal } from '../users/index.ts'
import { findRun } from './find-run.ts'
import { runsErrors } from './runs.errors.ts'
import type { RunRow } from './runs.schema.ts'

/** The row of a run, if the caller's account paid for it; for a guest, if they asked for it.
 * @throws RUN_NOT_FOUND also for a run of somebody else: existence is not told */
export async function getRunRow(deps: { readonly db: Queryable }, caller: Principal, runId: string): Promise<RunRow> {
  authorize(caller, 'runs.read')
  const row = await findRun(deps, caller.accountId, runId)
  // A key that is bound to some agents does not see the runs of others either.
  const isInReach =
    row !== null &&
    (caller.agentIds === null || caller.agentIds.includes(row.agentId)) &&
    // All guests have one payer.
    (caller.kind !== 'visitor' || row.principal === caller.id)
  if (!isInReach) throw runsErrors.RUN_NOT_FOUND({ runId })
  return row
}
