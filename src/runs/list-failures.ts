import { z } from 'zod'
import { getAgent } from '../agents/index.ts'
import { statement, type Database } from '../platform/database.ts'
import { authorize, type Principal } from '../users/index.ts'
import { failureCodeOf } from './present-run.ts'
import { runFailures } from './runs.errors.ts'

const DAYS = 7

type FailureRow = {
  readonly code: string
  readonly version: number
  readonly runs: number
  readonly callers: number
  readonly lastAt: Date
}

/** By `runs_agent_id`, and no more than the newest ten thousand runs of an agent: what a creator asks is what goes wrong
 * now. A guest's words may hold a caller's data and are the caller's to show; the code says which bound was reached. */
const LIST_FAILURES = statement<FailureRow>(
  'runs.list_failures',
  `select code, version, count(*)::int as runs, count(distinct account_id)::int as callers, max(created_at) as "lastAt"
   from (
     select code, version, account_id, created_at, status from runs
     where agent_id = $1 and id >= uuid_v7_floor(now() - $2 * interval '1 day')
     order by id desc limit 10000
   ) r
   where status in ('failed', 'timed_out') and code is not null
   group by code, version order by max(created_at) desc, code, version desc limit 100`,
)

export const failuresView = z.object({
  days: z.number().int().describe('How far back this looks'),
  items: z.array(
    z.object({
      code: z.string(),
      title: z.string(),
      version: z.number().int(),
      runs: z.number().int(),
      callers: z.number().int().describe('Accounts whose runs ended so'),
      lastAt: z.iso.datetime(),
    }),
  ),
})

/** How the runs of an agent failed lately, for its own account: codes and counts, never a caller's data.
 * @throws AGENT_NOT_FOUND, FORBIDDEN for an agent of somebody else */
export async function listFailures(
  deps: { readonly db: Database },
  principal: Principal,
  agentId: string,
): Promise<z.infer<typeof failuresView>> {
  const agent = await getAgent(deps, principal, agentId)
  authorize(principal, 'agents.read', { agentId, ownerAccountId: agent.accountId })
  const rows = await deps.db.query(LIST_FAILURES, [agentId, DAYS])
  const items = rows.map(({ lastAt, ...row }) => ({
    ...row,
    title: runFailures[failureCodeOf(row.code)]().spec.title,
    lastAt: lastAt.toISOString(),
  }))
  return { days: DAYS, items }
}
