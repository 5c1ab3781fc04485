import { z } from 'zod'
import { option } from '../../platform/config.ts'

const amountOf = (fallback: string) =>
  z
    .string()
    .regex(/^\d{1,12}(\.\d{1,6})?$/, 'must be an amount of credits, such as 5 or 2.5')
    .default(fallback)

export const trialsOptions = {
  perDay: option('BUREAU_TRIALS_PER_DAY', z.coerce.number().int().min(0).max(1_000).default(5), {
    why: 'Runs a day (UTC) that guests from one network, an IPv4 address or the /64 of an IPv6 one, may make of agents marked for trial, at the expense of the site. 0: none.',
    unit: 'runs',
  }),
  budget: option('BUREAU_TRIALS_BUDGET_PER_DAY', amountOf('200'), {
    why: 'What the runs of all guests together may cost the site a day. Creators earn their share of it.',
    unit: 'credits',
  }),
  maxPrice: option('BUREAU_TRIALS_MAX_PRICE', amountOf('15'), {
    why: 'Most that one run of a guest may cost: an agent whose price.max is above is not run for guests, marked or not.',
    unit: 'credits',
  }),
  allowEgress: option('BUREAU_TRIALS_EGRESS', z.stringbool().default(false), {
    why: 'Whether guests may run agents that reach hosts. What such an agent sends comes from this machine.',
  }),
} as const
