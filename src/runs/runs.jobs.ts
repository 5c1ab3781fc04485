import { z } from 'zod'
import { defineJob, exponential } from '../jobs/index.ts'
import type { Database } from '../platform/database.ts'

export type RunsJobDeps = { readonly db: Database }

/** Every minute, for runs past their deadline under a live owner; those of a dead one are seen by the next heartbeat of
 * any other process. */
export const reapRunsJob = defineJob<RunsJobDeps, Record<string, never>>(
  'reap_runs',
  {
    payload: z.record(z.string(), z.never()),
    attempts: 3,
    backoff: exponential({ firstMs: 1_000, maxMs: 30_000 }),
    timeoutMs: 60_000,
    schedule: '* * * * *',
  },
  () => import('./reap-runs.handler.ts'),
)
