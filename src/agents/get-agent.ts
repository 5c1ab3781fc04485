import { decodeBlob } from '../platform/blob.ts'
import type { Queryable } from '../platform/database.ts'
import { authorize, type Principal } from '../users/index.ts'
import { manifestOf } from './agent-cache.ts'
import { agentsErrors } from './agents.errors.ts'
import { FIND_AGENT, type AgentRow } from './agents.queries.ts'
import { agentExample, type AgentView } from './agents.schema.ts'
import { isVisible } from './get-runnable-agent.ts'
import { presentListedAgent } from './list-agents.ts'

export type FoundAgent = AgentRow & { readonly examples: Buffer | null }

/** An agent for whoever may see it. One that is not active is seen by its own account and the site's admins.
 * @param principal null for a visitor   @throws AGENT_NOT_FOUND (also for what others may not see), FORBIDDEN */
export async function getAgent(
  deps: { readonly db: Queryable },
  principal: Principal | null,
  agentId: string,
): Promise<FoundAgent> {
  if (principal !== null) authorize(principal, 'agents.read', { agentId })
  const [agent] = await deps.db.query(FIND_AGENT, [agentId])
  const isShown =
    agent !== undefined &&
    isVisible({ ...agent, ...(agent.status === 'active' ? {} : { visibility: 'private' }) }, principal)
  if (!isShown) throw agentsErrors.AGENT_NOT_FOUND({ agentId })
  return agent
}

/** With schemas, limits and examples: everything a caller needs to run it. */
export function presentAgent(agent: FoundAgent): AgentView {
  const manifest = agent.manifest === null ? null : manifestOf(agent.manifest)
  const examples =
    agent.examples === null ? [] : agentExample.array().parse(JSON.parse(decodeBlob(agent.examples).toString('utf8')))
  return {
    ...presentListedAgent(agent),
    input: manifest?.input ?? null,
    output: manifest?.output ?? null,
    limits: manifest?.limits ?? null,
    egress: [...(manifest?.egress ?? [])],
    idempotent: manifest?.idempotent ?? false,
    streams: manifest?.streams ?? false,
    examples,
  }
}
