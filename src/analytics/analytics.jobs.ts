import { z } from 'zod'
import { defineJob, exponential } from '../jobs/index.ts'
import type { Database } from '../platform/database.ts'

export type AnalyticsJobDeps = { readonly db: Database }

/** Every minute, so that a creator sees yesterday's change today; the two hours it writes again make a missed minute
 * harmless. */
export const rollUpAnalytics = defineJob<AnalyticsJobDeps, Record<string, never>>(
  'analytics',
  {
    payload: z.record(z.string(), z.never()),
    attempts: 3,
    backoff: exponential({ firstMs: 1_000, maxMs: 30_000 }),
    timeoutMs: 60_000,
    schedule: '* * * * *',
  },
  () => import('./analytics.handler.ts'),
)
