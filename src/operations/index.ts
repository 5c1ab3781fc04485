export {
  checkDatabaseConnection,
  checkObjectStore,
  checkRedisConnection,
  checkS3Access,
  type PartStatus,
} from './check-dependencies.ts'
export { cleanupJob, monitoringJob, type CleanupDeps, type OperationsJobDeps } from './operations.jobs.ts'
export { createHealth, healthView, type Health, type HealthDeps, type HealthReader } from './health.ts'
export { createMetrics, type EndedRun, type Metrics, type MetricsDeps } from './metrics.ts'
export { operationsErrors } from './operations.errors.ts'
export { operationsOptions } from './operations.options.ts'
export { operationsRoutes, type OperationsRoutesDeps } from './operations.routes.ts'
