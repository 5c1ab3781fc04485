import { z } from 'zod'
import { option } from '../platform/config.ts'

export const operationsOptions = {
  metricsToken: option('BUREAU_METRICS_TOKEN', z.string().min(16, 'needs at least 16 characters').optional(), {
    why: 'Lets a scraper on another machine read /metrics with `Authorization: Bearer`. Without it: this machine and admins.',
    secret: true,
  }),
} as const
