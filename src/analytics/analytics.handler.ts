import type { JobContext } from '../jobs/index.ts'
import type { AnalyticsJobDeps } from './analytics.jobs.ts'
import { rollUpAgentMetrics } from './roll-up-agent-metrics.ts'

export async function handle(
  deps: AnalyticsJobDeps,
  _payload: Record<string, never>,
  context: JobContext,
): Promise<void> {
  const written = await rollUpAgentMetrics(deps, Date.now())
  context.log.debug({ written }, 'agent metrics rolled up')
}
