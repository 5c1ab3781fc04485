import { formatCredits, getBalance } from '../credits/index.ts'
import type { Database } from '../platform/database.ts'
import { authorize, type Principal } from '../users/index.ts'
import type { QuoteView } from './agents.schema.ts'
import { getRunnableAgent, type AgentDeps } from './get-runnable-agent.ts'

/** What a run would hold, what it can cost at most, and what the account has free now.
 * @param maxChargeMicro the caller's own cap, as `Bureau-Max-Charge` would carry it; null for none
 * @param version a pinned one; the active one without
 * @throws FORBIDDEN, AGENT_NOT_FOUND, AGENT_INACTIVE, VERSION_NOT_FOUND */
export async function quoteAgent(
  deps: { readonly db: Database; readonly agents: AgentDeps },
  principal: Principal,
  agentId: string,
  maxChargeMicro: bigint | null,
  version?: number,
): Promise<QuoteView> {
  authorize(principal, 'agents.read', { agentId })
  const agent = await getRunnableAgent(deps.agents, principal, agentId, version === undefined ? {} : { version })
  const { runMicro, maxMicro } = agent.manifest.price
  const { availableMicro } = await getBalance(deps, principal.accountId)
  const holdMicro = maxChargeMicro === null || maxChargeMicro > maxMicro ? maxMicro : maxChargeMicro
  return {
    run: formatCredits(runMicro),
    hold: formatCredits(holdMicro),
    max: formatCredits(maxMicro),
    available: formatCredits(availableMicro),
    isEnough: holdMicro >= runMicro && availableMicro >= holdMicro,
  }
}
