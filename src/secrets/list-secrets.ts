import { getAgent, secretsOf } from '../agents/index.ts'
import type { Page } from '../http/index.ts'
import type { Database } from '../platform/database.ts'
import { isCovered } from '../sandbox/index.ts'
import { authorize, type Principal } from '../users/index.ts'
import { FIND_SECRETS, LIST_SECRETS, type SecretRow } from './secrets.queries.ts'
import type { AgentSecretView, SecretCursor, SecretView } from './secrets.schema.ts'

/** What the caller's account has set, by agent and name: never the values.
 * @returns up to `page.take` rows @throws FORBIDDEN */
export async function listSecrets(
  deps: { readonly db: Database },
  principal: Principal,
  page: Page<SecretCursor>,
  agentId: string | null,
): Promise<SecretRow[]> {
  authorize(principal, 'secrets.read')
  const [afterAgent = null, afterName = null] = page.after ?? []
  return deps.db.query(LIST_SECRETS, [principal.accountId, agentId, afterAgent, afterName, page.take])
}

/** The secrets that an agent declares, with whose value a run of the caller's would use.
 * @throws FORBIDDEN, AGENT_NOT_FOUND */
export async function listAgentSecrets(
  deps: { readonly db: Database },
  principal: Principal,
  agentId: string,
): Promise<AgentSecretView[]> {
  authorize(principal, 'secrets.read', { agentId })
  const agent = await getAgent(deps, principal, agentId)
  const rows = await deps.db.query(FIND_SECRETS, [[principal.accountId, agent.accountId], agentId])
  const hasSet = (accountId: string, name: string, hosts: readonly string[]): boolean => {
    const row = rows.find((one) => one.accountId === accountId && one.name === name)
    return row !== undefined && hosts.some((host) => isCovered(row.hosts, host))
  }
  return secretsOf(agent).map(({ name, description, hosts }) => ({
    name,
    description,
    hosts,
    setBy: hasSet(principal.accountId, name, hosts) ? 'you' : hasSet(agent.accountId, name, hosts) ? 'creator' : null,
  }))
}

export function presentSecret(row: SecretRow): SecretView {
  const { agentId, name, hosts, setBy } = row
  return {
    agentId,
    name,
    hosts,
    setBy,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  }
}
