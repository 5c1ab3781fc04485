import { statement, type Database } from '../platform/database.ts'
import { notify } from '../users/index.ts'

/** Fewer say nothing of an agent. */
const FEWEST_RUNS = 20

type FailingAgent = {
  readonly agentId: string
  readonly accountId: string
  readonly name: string
  readonly address: string
  readonly runs: number
  readonly failed: number
}

/** Agents of which half of the runs failed or timed out since $1; stopped ones count for nothing. Index:
 * idx_agent_metrics_timestamp. */
const FIND_FAILING = statement<FailingAgent>(
  'analytics.find_failing',
  `select a.id as "agentId", a."accountId", a.name, o.slug || '/' || a.slug as address, m.runs, m.failed
   from (
     select "agentId", sum(runs - canceled)::int as runs, sum(failed + "timedOut")::int as failed
     from "AgentMetrics" where timestamp >= $1 group by "agentId"
     having sum(runs - canceled) >= $2 and 2 * sum(failed + "timedOut") >= sum(runs - canceled)
   ) m
   join "Agent" a on a.id = m."agentId" join "Account" o on o.id = a."accountId"
   where a.status = 'active'`,
)

/** Tells the creators of agents that fail now more often than not, once a day for each agent.
 * @returns how many agents fail */
export async function tellFailingAgents(deps: { readonly db: Database }, sinceMs: number): Promise<number> {
  const failing = await deps.db.query(FIND_FAILING, [new Date(sinceMs), FEWEST_RUNS])
  const day = new Date(sinceMs).toISOString().slice(0, 10)
  for (const { agentId, accountId, name, address, runs, failed } of failing) {
    const news = {
      kind: 'agent_failing',
      once: `${agentId} ${day}`,
      data: { agent: name, address, runs, failed },
    } as const
    await notify(deps.db, { accountId, whoMay: 'agents.write' }, news)
  }
  return failing.length
}
