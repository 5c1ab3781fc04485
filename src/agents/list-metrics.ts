import { z } from 'zod'
import { formatCredits } from '../credits/index.ts'
import type { Page } from '../http/index.ts'
import type { Queryable } from '../platform/database.ts'
import { authorize, type Principal } from '../users/index.ts'
import { LIST_METRICS, type MetricsRow } from './agents.queries.ts'
import type { MetricsView } from './agents.schema.ts'
import { getAgent } from './get-agent.ts'

/** Newest hour first, then the newest version. */
export const metricsCursor = z.tuple([z.iso.datetime().transform((text) => new Date(text)), z.number().int()])
export type MetricsCursor = z.infer<typeof metricsCursor>

/** How an agent did, by hour and version, for its own account: counts and timings, never a caller's data.
 * @throws AGENT_NOT_FOUND, FORBIDDEN for an agent of somebody else */
export async function listMetrics(
  deps: { readonly db: Queryable },
  principal: Principal,
  agentId: string,
  page: Page<MetricsCursor>,
): Promise<MetricsRow[]> {
  const agent = await getAgent(deps, principal, agentId)
  authorize(principal, 'agents.read', { agentId, ownerAccountId: agent.accountId })
  const [timestamp = null, version = null] = page.after ?? []
  return deps.db.query(LIST_METRICS, [agentId, timestamp, version, page.take])
}

export function presentMetrics(row: MetricsRow): MetricsView {
  const { chargedMicro, creatorMicro, timestamp, ...counts } = row
  return {
    ...counts,
    timestamp: timestamp.toISOString(),
    charged: formatCredits(chargedMicro),
    earned: formatCredits(creatorMicro),
  }
}
