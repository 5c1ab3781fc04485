export { rollUpAnalytics, type AnalyticsJobDeps } from './analytics.jobs.ts'
export { rollUpAgentMetrics } from './roll-up-agent-metrics.ts'
