import type { Page } from '../../http/index.ts'
import { statement, type Database, type Queryable } from '../../platform/database.ts'
import { newUuidV7 } from '../../platform/ids.ts'
import { authorize, recordAudit, requireSession, type Origin, type Principal } from '../../users/index.ts'
import { agentsErrors } from '../agents.errors.ts'
import { getAgent } from '../get-agent.ts'
import type { REPORT_REASONS, ReportCursor, ReportOrder, ReportView } from './reports.schema.ts'

/** The person's open report of the agent, if there is one, is what they say now. */
const INSERT_REPORT = statement<{ id: string }>(
  'agents.insert_report',
  `insert into "AgentReport" (id, "agentId", version, reason, text, "reportedBy") values ($1, $2, $3, $4, $5, $6)
   on conflict ("agentId", "reportedBy") where "closedAt" is null
   do update set version = excluded.version, reason = excluded.reason, text = excluded.text
   returning id`,
)

type ReportRow = {
  readonly id: string
  readonly agentId: string
  readonly agentName: string
  readonly owner: string
  readonly slug: string
  readonly version: number | null
  readonly reason: (typeof REPORT_REASONS)[number]
  readonly text: string
  readonly reporterId: string
  readonly reporterName: string
  readonly createdAt: Date
  readonly closedAt: Date | null
  readonly note: string | null
}

const LIST_REPORTS = statement<ReportRow>(
  'agents.list_reports',
  `select r.id, a.id as "agentId", a.name as "agentName", o.slug as owner, a.slug, r.version, r.reason, r.text,
     u.id as "reporterId", u.name as "reporterName", r."createdAt", r."closedAt", r.note
   from "AgentReport" r join "Agent" a on a.id = r."agentId" join "Account" o on o.id = a."accountId"
   join "User" u on u.id = r."reportedBy"
   where (not $1::boolean or r."closedAt" is null) and ($2::uuid is null or r.id < $2) order by r.id desc limit $3`,
)

const CLOSE_REPORT = statement<{ agentId: string }>(
  'agents.close_report',
  `update "AgentReport" set "closedAt" = now(), "closedBy" = $2, note = $3 where id = $1 and "closedAt" is null
   returning "agentId"`,
)

/** Tells the operator what is wrong with an agent. Told again, it is the same report with the new words.
 * @returns its id @throws SESSION_REQUIRED, AGENT_NOT_FOUND */
export async function reportAgent(
  { db }: { readonly db: Database },
  principal: Principal,
  agentId: string,
  order: ReportOrder,
  origin: Origin,
): Promise<string> {
  const { userId } = requireSession(principal)
  const agent = await getAgent({ db }, principal, agentId)
  return db.transaction(async (tx) => {
    const [row] = await tx.query(INSERT_REPORT, [
      newUuidV7(),
      agent.id,
      agent.version,
      order.reason,
      order.text,
      userId,
    ])
    if (row === undefined) throw new Error('a report was not stored')
    await recordAudit(
      tx,
      {
        actor: principal.id,
        accountId: principal.accountId,
        action: 'agent.reported',
        subject: `agent:${agent.id}`,
        details: { reportId: row.id, reason: order.reason },
      },
      origin,
    )
    return row.id
  })
}

/** Up to `page.take`, newest first. @throws FORBIDDEN */
export async function listReports(
  { db }: { readonly db: Queryable },
  principal: Principal,
  page: Page<ReportCursor>,
  onlyOpen: boolean,
): Promise<ReportRow[]> {
  authorize(principal, 'admin')
  return db.query(LIST_REPORTS, [onlyOpen, page.after?.id ?? null, page.take])
}

/** @param note what was done about it @throws FORBIDDEN, REPORT_NOT_FOUND also for one that is closed */
export async function closeReport(
  { db }: { readonly db: Database },
  principal: Principal,
  reportId: string,
  note: string,
  origin: Origin,
): Promise<void> {
  authorize(principal, 'admin')
  await db.transaction(async (tx) => {
    const [closed] = await tx.query(CLOSE_REPORT, [reportId, principal.id, note === '' ? null : note])
    if (closed === undefined) throw agentsErrors.REPORT_NOT_FOUND({ reportId })
    await recordAudit(
      tx,
      {
        actor: principal.id,
        accountId: principal.accountId,
        action: 'agent.report_closed',
        subject: `agent:${closed.agentId}`,
        details: { reportId },
      },
      origin,
    )
  })
}

export function presentReport(row: ReportRow): ReportView {
  const { id, agentId, agentName, owner, slug, version, reason, text, reporterId, reporterName, note } = row
  return {
    id,
    agent: { id: agentId, name: agentName, owner, slug },
    version,
    reason,
    text,
    reporter: { id: reporterId, name: reporterName },
    createdAt: row.createdAt.toISOString(),
    closedAt: row.closedAt?.toISOString() ?? null,
    note,
  }
}
