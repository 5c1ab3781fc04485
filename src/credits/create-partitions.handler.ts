import type { JobHandler } from '../jobs/index.ts'
import { createPartitions } from './create-partitions.ts'
import type { CreditsJobDeps } from './credits.jobs.ts'

export const handle: JobHandler<CreditsJobDeps, Record<string, never>> = async ({ db }, _payload, { log }) => {
  await createPartitions({ db, log })
}
