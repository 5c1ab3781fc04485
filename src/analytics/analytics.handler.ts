import type { JobContext } from '../jobs/index.ts'
import type { AnalyticsJobDeps } from './analytics.jobs.ts'
import { refreshAgentFacts, rollUpAgentMetrics } from './roll-up-agent-metrics.ts'

export async function handle(
  deps: AnalyticsJobDeps,
  _payload: Record<string, never>,
  context: JobContext,
): Promise<void> {
  const nowMs = Date.now()
  const written = await rollUpAgentMetrics(deps, nowMs)
  const changed = await refreshAgentFacts(deps, nowMs)
  context.log.debug({ written, changed }, 'agent metrics rolled up')
}
