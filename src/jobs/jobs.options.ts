import { z } from 'zod'
import { option } from '../platform/config.ts'

export const jobsOptions = {
  poolMax: option('BUREAU_JOBS_CONNECTIONS', z.coerce.number().int().min(2).default(4), {
    why: 'Database connections of the job queue, besides one that listens for new jobs.',
    unit: 'connections',
  }),
}
