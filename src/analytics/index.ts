export { rollUpAnalytics, type AnalyticsJobDeps } from './analytics.jobs.ts'
export { refreshAgentFacts, rollUpAgentMetrics } from './roll-up-agent-metrics.ts'
