import { z } from 'zod'
import { getAgent } from '../agents/index.ts'
import { pageQuery, type Page } from '../http/index.ts'
import { statement, type Database } from '../platform/database.ts'
import { authorize, type Principal } from '../users/index.ts'
import type { RunCursor } from './list-runs.ts'
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
  await authorizeCreator(deps, principal, agentId)
  const rows = await deps.db.query(LIST_FAILURES, [agentId, DAYS])
  const items = rows.map(({ lastAt, ...row }) => ({
    ...row,
    title: titleOf(row.code),
    lastAt: lastAt.toISOString(),
  }))
  return { days: DAYS, items }
}

type FailedRunRow = {
  readonly id: string
  readonly code: string
  readonly version: number
  readonly status: 'failed' | 'timed_out'
  readonly at: Date
  readonly waitMs: number | null
  readonly runMs: number | null
  readonly startedCold: boolean | null
}

/** Of the same runs as {@link LIST_FAILURES}, so that its counts and this list agree; the page is cut outside of that
 * bound, so that no filter makes it read more. */
const LIST_FAILED_RUNS = statement<FailedRunRow>(
  'runs.list_failed_runs',
  `select id, code, version, status, coalesce(finished_at, created_at) as at, wait_ms as "waitMs", run_ms as "runMs",
     started_cold as "startedCold"
   from (
     select id, code, version, status, created_at, finished_at, wait_ms, run_ms, started_cold from runs
     where agent_id = $1 and id >= uuid_v7_floor(now() - $2 * interval '1 day')
     order by id desc limit 10000
   ) r
   where status in ('failed', 'timed_out') and code is not null and ($3::uuid is null or id < $3)
     and ($4::text is null or code = $4) and ($5::int is null or version = $5) and ($6::uuid is null or id = $6)
   order by id desc limit $7`,
)

export const failedRunsQuery = pageQuery.extend({
  code: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]{2,63}$/)
    .optional(),
  version: z.coerce.number().int().min(1).max(2_147_483_647).optional(),
  run: z.uuid().optional().describe('Only this run: what a caller names who asks about it'),
})

/** What this site itself knows of a run that failed. */
export const failedRunView = z.object({
  runId: z.uuid(),
  code: z.string(),
  title: z.string(),
  version: z.number().int(),
  status: z.enum(['failed', 'timed_out']),
  at: z.iso.datetime(),
  waitMs: z.number().nullable(),
  runMs: z.number().nullable(),
  startedCold: z.boolean().nullable(),
})

/** The runs behind {@link listFailures}, newest first, one more than the page shows. Who ran it, with what, and what the
 * agent said of it stay the caller's.
 * @throws AGENT_NOT_FOUND, FORBIDDEN for an agent of somebody else */
export async function listFailedRuns(
  deps: { readonly db: Database },
  principal: Principal,
  agentId: string,
  page: Page<RunCursor>,
  filter: Pick<z.infer<typeof failedRunsQuery>, 'code' | 'version' | 'run'>,
): Promise<FailedRunRow[]> {
  await authorizeCreator(deps, principal, agentId)
  return deps.db.query(LIST_FAILED_RUNS, [
    agentId,
    DAYS,
    page.after?.id ?? null,
    filter.code ?? null,
    filter.version ?? null,
    filter.run ?? null,
    page.take,
  ])
}

export const presentFailedRun = ({ id, at, ...row }: FailedRunRow): z.infer<typeof failedRunView> => ({
  ...row,
  runId: id,
  title: titleOf(row.code),
  at: at.toISOString(),
})

const titleOf = (code: string): string => runFailures[failureCodeOf(code)]().spec.title

async function authorizeCreator(deps: { readonly db: Database }, principal: Principal, agentId: string): Promise<void> {
  const agent = await getAgent(deps, principal, agentId)
  authorize(principal, 'agents.read', { agentId, ownerAccountId: agent.accountId })
}
