import { z } from 'zod'
import { defineJob, exponential } from '../jobs/index.ts'
import type { ObjectStore } from '../files/index.ts'
import type { Database } from '../platform/database.ts'

export type OperationsJobDeps = { readonly db: Database }

/** Every quarter of an hour: what must be true of the books is looked at before somebody is paid out by them. */
export const monitoringJob = defineJob<OperationsJobDeps, Record<string, never>>(
  'monitoring',
  {
    payload: z.record(z.string(), z.never()),
    attempts: 3,
    backoff: exponential({ firstMs: 5_000, maxMs: 60_000 }),
    timeoutMs: 600_000,
    schedule: '*/15 * * * *',
  },
  () => import('./monitoring.handler.ts'),
)

export type CleanupDeps = OperationsJobDeps & {
  readonly store: Pick<ObjectStore, 'delete' | 'dropLeftovers'>
  readonly retention: { readonly contentDays: number }
}

/** Every hour: what has expired is refused anyway; this only gives the space back. */
export const cleanupJob = defineJob<CleanupDeps, Record<string, never>>(
  'cleanup',
  {
    payload: z.record(z.string(), z.never()),
    attempts: 3,
    backoff: exponential({ firstMs: 5_000, maxMs: 60_000 }),
    timeoutMs: 1_800_000,
    schedule: '41 * * * *',
  },
  () => import('./cleanup.handler.ts'),
)
