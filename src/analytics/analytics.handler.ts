import type { JobContext } from '../jobs/index.ts'
import type { AnalyticsJobDeps } from './analytics.jobs.ts'
import { refreshAgentFacts, rollUpAgentMetrics } from './roll-up-agent-metrics.ts'
import { tellFailingAgents } from './tell-failing-agents.ts'

/** With whole hours: what began in the last two to three. */
const FAILING_WITHIN_MS = 3 * 3_600_000

export async function handle(
  deps: AnalyticsJobDeps,
  _payload: Record<string, never>,
  context: JobContext,
): Promise<void> {
  const nowMs = Date.now()
  const written = await rollUpAgentMetrics(deps, nowMs)
  const changed = await refreshAgentFacts(deps, nowMs)
  const failing = await tellFailingAgents(deps, nowMs - FAILING_WITHIN_MS)
  context.log.debug({ written, changed, failing }, 'agent metrics rolled up')
}
