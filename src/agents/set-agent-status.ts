import type { Database } from '../platform/database.ts'
import { authorize, recordAudit, type Principal } from '../users/index.ts'
import type { AgentCache } from './agent-cache.ts'
import { nextAgentStatus, type AgentEvent, type AgentStatus } from './agent-status.ts'
import { agentsErrors } from './agents.errors.ts'
import { FIND_STANDING, SET_STATUS } from './agents.queries.ts'
import { isVisible } from './get-runnable-agent.ts'

type StatusDeps = { readonly db: Database; readonly cache: Pick<AgentCache, 'forget'> }

/** Takes the agent out: within a second no process admits a run of it. Runs that are going end as they would.
 * @throws FORBIDDEN, AGENT_NOT_FOUND, AGENT_STATUS_CONFLICT */
export const deactivateAgent = (deps: StatusDeps, principal: Principal, agentId: string): Promise<AgentStatus> =>
  change(deps, principal, agentId, 'deactivate')

/** Puts it back. @throws FORBIDDEN, AGENT_NOT_FOUND, AGENT_STATUS_CONFLICT */
export const activateAgent = (deps: StatusDeps, principal: Principal, agentId: string): Promise<AgentStatus> =>
  change(deps, principal, agentId, 'activate')

async function change(
  deps: StatusDeps,
  principal: Principal,
  agentId: string,
  event: AgentEvent,
): Promise<AgentStatus> {
  authorize(principal, 'agents.write', { agentId })
  // Somebody may change it between our look and our write: then we look again.
  for (let tries = 0; tries < 5; tries += 1) {
    const [agent] = await deps.db.query(FIND_STANDING, [agentId])
    if (agent === undefined || !isVisible(agent, principal)) throw agentsErrors.AGENT_NOT_FOUND({ agentId })
    authorize(principal, 'agents.write', { agentId, ownerAccountId: agent.accountId })
    const next = nextAgentStatus(agent.status, event)
    if (next === null) throw agentsErrors.AGENT_STATUS_CONFLICT({ agentId, status: agent.status })
    const isChanged = await deps.db.transaction(async (tx) => {
      if ((await tx.execute(SET_STATUS, [agentId, agent.status, next])) === 0) return false
      await recordAudit(tx, {
        actor: principal.id,
        accountId: agent.accountId,
        action: 'agent.status_changed',
        subject: `agent:${agentId}`,
        details: { from: agent.status, to: next },
      })
      return true
    })
    if (isChanged) {
      deps.cache.forget(agentId)
      return next
    }
  }
  throw agentsErrors.AGENT_STATUS_CONFLICT({ agentId, status: 'changing' })
}
