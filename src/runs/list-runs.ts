import { z } from 'zod'
import type { Page } from '../http/index.ts'
import { statement, type Database } from '../platform/database.ts'
import { authorize, type Principal } from '../users/index.ts'
import { factsOf } from './present-run.ts'
import type { RunRow } from './runs.schema.ts'
import type { RunFacts } from './present-run.ts'

/** Newest first, without the blobs. The cursor is the id of the last run shown: ids are time-ordered, and the primary
 * key (account, id) answers in its own order whatever the account's history weighs. */
export const LIST_RUNS = statement<RunRow>(
  'runs.list',
  `select id, account_id as "accountId", principal, agent_id as "agentId", version,
     creator_account_id as "creatorAccountId", status, code, null::bytea as failure, null::bytea as input,
     null::bytea as output, null::bytea as logs, hold_granted_micro as "holdGrantedMicro",
     hold_bought_micro as "holdBoughtMicro", charge_micro as "chargeMicro", creator_micro as "creatorMicro", events,
     started_cold as "startedCold", wait_ms as "waitMs", run_ms as "runMs", created_at as "createdAt",
     deadline_at as "deadlineAt", finished_at as "finishedAt", queued_at as "queuedAt",
     cancel_asked_at as "cancelAskedAt", content_deleted_at as "contentDeletedAt"
   from runs
   where account_id = $1 and ($2::uuid is null or id < $2) and ($3::text is null or agent_id = $3)
     and ($4::"RunStatus" is null or status = $4) and ($5::text[] is null or agent_id = any($5))
     and ($7::timestamptz is null or id >= uuid_v7_floor($7)) and ($8::timestamptz is null or id < uuid_v7_floor($8))
   order by id desc limit $6`,
)

export const runCursor = z.object({ id: z.uuid() })
export type RunCursor = z.infer<typeof runCursor>

export type RunFilter = {
  readonly agentId: string | null
  readonly status: RunRow['status'] | null
  /** Begun at or after. */
  readonly from: string | null
  /** Begun before. */
  readonly to: string | null
}

/** The account's runs, newest first, one more than the page shows. */
export async function listRuns(
  deps: { readonly db: Database },
  caller: Principal,
  page: Page<RunCursor>,
  filter: RunFilter,
): Promise<RunFacts[]> {
  authorize(caller, 'runs.read')
  const rows = await deps.db.query(LIST_RUNS, [
    caller.accountId,
    page.after?.id ?? null,
    filter.agentId,
    filter.status,
    // A key that is bound to some agents sees no others.
    caller.agentIds,
    page.take,
    filter.from,
    filter.to,
  ])
  return rows.map(factsOf)
}
