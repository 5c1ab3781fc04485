import { z } from 'zod'
import { agentListItem, listAgents, presentListedAgent } from '../agents/index.ts'
import { balanceView, findSpend, getOwnBalance, presentBalance } from '../credits/index.ts'
import type { Database } from '../platform/database.ts'
import { authorize, type Principal } from '../users/index.ts'
import { findAgentNames, namedAgent } from './agent-names.ts'
import { listRuns } from './list-runs.ts'
import { presentRun } from './present-run.ts'
import { runView } from './runs.schema.ts'

const RUNS = 5
const AGENTS = 3

export const runListItem = runView.extend({ agent: namedAgent.nullable().describe('Null once it is gone') })

export const homeView = z.object({
  runs: z.array(runListItem).describe('The newest'),
  balance: balanceView.nullable().describe('Null for who may not see it'),
  agents: z.array(agentListItem).describe('Most run by others, and not by this account lately'),
})
export type HomeView = z.infer<typeof homeView>

/** What a person comes back to: their last runs, what they have and spent today, and what they have not tried yet.
 * @throws EnhancedAppError FORBIDDEN */
export async function getHome(deps: { readonly db: Database }, principal: Principal): Promise<HomeView> {
  authorize(principal, 'runs.read')
  const { db } = deps
  const page = (take: number) => ({ limit: take, take, after: null, fields: null })
  const maySeeCredits = principal.permissions.has('credits.read')
  const [runs, balance, spend, agents] = await Promise.all([
    listRuns(deps, principal, page(RUNS), { agentId: null, status: null, from: null, to: null }),
    maySeeCredits ? getOwnBalance(deps, principal) : null,
    maySeeCredits ? findSpend(deps, principal) : null,
    listAgents(deps, null, page(AGENTS + RUNS), { sort: 'runs' }),
  ])
  const names = await findAgentNames(db, runs)
  const isKnown = (agentId: string) => runs.some((run) => run.agentId === agentId)
  return {
    runs: runs.map((run) => ({ ...presentRun(run), agent: names.get(run.agentId) ?? null })),
    balance: balance === null || spend === null ? null : presentBalance(balance, spend),
    agents: agents
      .filter(({ id, accountId }) => !isKnown(id) && accountId !== principal.accountId)
      .slice(0, AGENTS)
      .map(presentListedAgent),
  }
}
