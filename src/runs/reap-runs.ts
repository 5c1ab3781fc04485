import type { Queryable } from '../platform/database.ts'
import type { Logger } from '../platform/logger.ts'
import { nextRunState } from './run-state.ts'
import { FORGET_DEAD, REAP, REQUEUE } from './runs.queries.ts'

const RUNS_PER_CALL = 256
/** A run whose process died so often may be what kills it. */
const MAX_ATTEMPTS = 3

/** Queues again what a dead process was executing and its agent calls idempotent, and settles what nobody will settle any
 * more: runs whose owner's lease has ended (`failed / RUN_LOST`) and open runs past
 * their deadline (`timed_out / RUN_LOST`). Holds are released, nothing is charged. A run of a live owner before its
 * deadline is never touched. Safe to call from any number of processes at once.
 * @returns how many runs were settled; those whose payer's rows are locked just now are left for the next call */
export async function reapRuns(deps: { readonly db: Queryable; readonly log: Logger }): Promise<number> {
  const lost = nextRunState('running', { type: 'lease_expired' })
  const late = nextRunState('running', { type: 'deadline_passed' })
  for (;;) {
    const rows = await deps.db.query(REQUEUE, [RUNS_PER_CALL, MAX_ATTEMPTS])
    for (const row of rows) deps.log.warn({ runId: row.id, ownerId: row.owner }, 'run was queued again')
    if (rows.length === 0) break
  }
  let reaped = 0
  for (;;) {
    const rows = await deps.db.query(REAP, [RUNS_PER_CALL, lost.state, lost.code, late.state, late.code])
    for (const row of rows)
      deps.log.warn({ runId: row.id, status: row.status, code: lost.code, ownerId: row.owner }, 'run was reaped')
    reaped += rows.length
    if (rows.length === 0) break
  }
  await deps.db.execute(FORGET_DEAD)
  return reaped
}
