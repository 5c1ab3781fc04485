import { encodeBlob } from '../platform/blob.ts'
import type { Database, Queryable } from '../platform/database.ts'
import { authorize, type Principal } from '../users/index.ts'
import { awaitRun, type RunWaits } from './await-run.ts'
import { getRunRow } from './get-run-row.ts'
import { factsOf, type RunFacts } from './present-run.ts'
import type { RunCancels } from './run-cancels.ts'
import { nextRunState } from './run-state.ts'
import { runsErrors } from './runs.errors.ts'
import { CANCEL } from './runs.queries.ts'

export type CancelRunDeps = {
  readonly db: Database
  readonly ledger: { readonly reads: Queryable; readonly waits: RunWaits }
  readonly cancels: RunCancels
  readonly watch: { ended(runId: string): void }
}

/** An agent has a quarter of a second to tidy up; the rest is for another process to notice and to settle. */
const WAIT_MS = 10_000

/** Stops a run. One that waits ends at once; one that is running is stopped by the process that executes it, and this
 * waits for its end. Nothing is charged unless something had left for the caller: then the price and what was charged
 * until then.
 * @returns the run as it stands; still running only where its process did not stop it within ten seconds
 * @throws RUN_NOT_FOUND, RUN_ALREADY_ENDED also where it ended by itself before it could be stopped */
export async function cancelRun(deps: CancelRunDeps, caller: Principal, runId: string): Promise<RunFacts> {
  authorize(caller, 'runs.create')
  const row = await getRunRow(deps, caller, runId)
  if (row.finishedAt !== null) throw runsErrors.RUN_ALREADY_ENDED({ runId, status: row.status })
  const to = nextRunState('queued', { type: 'canceled', left: 'nothing' })
  const failure = encodeBlob(Buffer.from(JSON.stringify({ message: 'The run was stopped before it began' })))
  const [said] = await deps.db.query(CANCEL, [caller.accountId, runId, to.state, to.code, failure, caller.id])
  switch (said?.outcome) {
    case 'canceled':
      deps.ledger.waits.announce(runId)
      deps.watch.ended(runId)
      break
    case 'asked':
      deps.cancels.cancel(runId)
      break
    case 'over':
    case 'unknown_run':
    case undefined:
      throw runsErrors.RUN_ALREADY_ENDED({ runId, status: row.status })
  }
  const now = await awaitRun(deps, caller.accountId, runId, { untilMs: Date.now() + WAIT_MS })
  if (now === null) throw runsErrors.RUN_NOT_FOUND({ runId })
  if (now.finishedAt !== null && now.status !== 'canceled')
    throw runsErrors.RUN_ALREADY_ENDED({ runId, status: now.status })
  return factsOf(now)
}
