import { z } from 'zod'
import { formatCredits } from '../credits/index.ts'
import type { Page } from '../http/index.ts'
import { statement, type Queryable } from '../platform/database.ts'
import { authorize, type Principal } from '../users/index.ts'
import type { AgentStatus } from './agent-status.ts'
import { agentListItem } from './agents.schema.ts'
import type { AgentVisibility } from './agents.queries.ts'

const DAYS = 30

type OwnAgentRow = {
  readonly id: string
  readonly name: string
  readonly owner: string
  readonly slug: string
  readonly icon: string | null
  readonly status: AgentStatus
  readonly visibility: AgentVisibility
  readonly version: number | null
  readonly runs: number
  readonly failed: number
  readonly earnedMicro: bigint
  readonly updatedAt: Date
}

/** By the index of an account's short names, which the page is sorted by. What an agent did lately comes from its metrics,
 * of the agents of this page alone. */
const LIST_OWN = statement<OwnAgentRow>(
  'agents.list_own',
  `with page as (
     select id, name, slug, "accountId", icon, status, visibility, "activeVersion", "updatedAt" from "Agent"
     where "accountId" = $1 and slug > $2 and ($3::text[] is null or id = any($3)) order by slug limit $4)
   select a.id, a.name, o.slug as owner, a.slug, a.icon, a.status, a.visibility, a."activeVersion" as version,
     a."updatedAt", coalesce(m.runs, 0)::int as runs, coalesce(m.failed, 0)::int as failed,
     coalesce(m.earned, 0)::bigint as "earnedMicro"
   from page a join "Account" o on o.id = a."accountId"
   left join lateral (
     select sum(runs) as runs, sum(failed + "timedOut") as failed, sum("creatorMicro") as earned
     from "AgentMetrics" where "agentId" = a.id and timestamp >= now() - $5 * interval '1 day') m on true
   order by a.slug`,
)

export const ownAgentView = agentListItem
  .pick({
    id: true,
    name: true,
    owner: true,
    slug: true,
    icon: true,
    status: true,
    visibility: true,
    version: true,
    updatedAt: true,
  })
  .extend({
    lately: z
      .object({
        days: z.number().int(),
        runs: z.number().int(),
        failed: z.number().int().describe('Of those: failed, or out of time'),
        earned: z.string().describe("Credits: the creator's part"),
      })
      .describe("By hours, to the last minute or two; the creator's own runs count for nothing"),
  })

/** By short name. */
export const ownAgentCursor = z.string().max(100)

/** All agents of the account that asks, whoever may see them otherwise and whether they are live, with how they did lately.
 * A key for some agents is shown those.
 * @throws FORBIDDEN */
export async function listOwnAgents(
  deps: { readonly db: Queryable },
  principal: Principal,
  page: Page<string>,
): Promise<OwnAgentRow[]> {
  authorize(principal, 'agents.read')
  return deps.db.query(LIST_OWN, [principal.accountId, page.after ?? '', principal.agentIds, page.take, DAYS])
}

export const presentOwnAgent = ({
  runs,
  failed,
  earnedMicro,
  updatedAt,
  ...agent
}: OwnAgentRow): z.infer<typeof ownAgentView> => ({
  ...agent,
  updatedAt: updatedAt.toISOString(),
  lately: { days: DAYS, runs, failed, earned: formatCredits(earnedMicro) },
})
