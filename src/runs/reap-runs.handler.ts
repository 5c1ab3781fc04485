import type { JobHandler } from '../jobs/index.ts'
import { reapRuns } from './reap-runs.ts'
import type { RunsJobDeps } from './runs.jobs.ts'

export const handle: JobHandler<RunsJobDeps, Record<string, never>> = async ({ db }, _payload, { log }) => {
  await reapRuns({ db, log })
}
