import type { Database } from '../platform/database.ts'
import { authorize, recordAudit, type Origin, type Principal } from '../users/index.ts'
import type { AgentCache } from './agent-cache.ts'
import { agentsErrors } from './agents.errors.ts'
import { FIND_AGENT, FIND_AGENT_BY_NAME, SET_TRIAL, type DetailedAgentRow } from './agents.queries.ts'

type TrialDeps = { readonly db: Database; readonly cache: Pick<AgentCache, 'forget'> }

/** Says whether guests may run the agent at the site's expense. A second time changes nothing.
 * @param by its id, or the names in its address   @throws FORBIDDEN, AGENT_NOT_FOUND */
export async function setAgentTrial(
  deps: TrialDeps,
  principal: Principal,
  by: string | { readonly owner: string; readonly slug: string },
  isTrial: boolean,
  origin: Origin = {},
): Promise<DetailedAgentRow> {
  authorize(principal, 'admin')
  const asked = typeof by === 'string' ? by : `${by.owner}/${by.slug}`
  const [agent] =
    typeof by === 'string'
      ? await deps.db.query(FIND_AGENT, [by])
      : await deps.db.query(FIND_AGENT_BY_NAME, [by.owner, by.slug])
  if (agent === undefined) throw agentsErrors.AGENT_NOT_FOUND({ agentId: asked })
  await deps.db.transaction(async (tx) => {
    if ((await tx.execute(SET_TRIAL, [agent.id, isTrial])) === 0) return
    await recordAudit(
      tx,
      {
        actor: principal.id,
        accountId: agent.accountId,
        action: 'agent.trial_changed',
        subject: `agent:${agent.id}`,
        details: { isTrial },
      },
      origin,
    )
  })
  deps.cache.forget(agent.id)
  return { ...agent, isTrial }
}
