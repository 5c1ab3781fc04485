import { z } from 'zod'
import { defineJob, exponential } from '../jobs/index.ts'
import type { Database } from '../platform/database.ts'

export type CreditsJobDeps = { readonly db: Database }

const nothing = z.record(z.string(), z.never())

/** Every minute: shown balances do not depend on it, only the length of the list they are summed from. */
export const rollUpLedgerJob = defineJob<CreditsJobDeps, Record<string, never>>(
  'roll_up_ledger',
  {
    payload: nothing,
    attempts: 3,
    backoff: exponential({ firstMs: 1_000, maxMs: 30_000 }),
    timeoutMs: 60_000,
    schedule: '* * * * *',
  },
  () => import('./roll-up-ledger.handler.ts'),
)

/** Daily, so that three months ahead survive weeks of failures. */
export const createPartitionsJob = defineJob<CreditsJobDeps, Record<string, never>>(
  'create_partitions',
  {
    payload: nothing,
    attempts: 5,
    backoff: exponential({ firstMs: 5_000, maxMs: 300_000 }),
    timeoutMs: 60_000,
    schedule: '17 3 * * *',
  },
  () => import('./create-partitions.handler.ts'),
)
