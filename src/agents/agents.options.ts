import { z } from 'zod'
import { option } from '../platform/config.ts'

export const agentsOptions = {
  creatorShare: option('BUREAU_CREATOR_SHARE', z.coerce.number().int().min(0).max(10_000).default(8_000), {
    why: "The creator's part of every charge, where the agent has none of its own. The platform keeps the rest.",
    unit: 'parts of 10 000',
  }),
}
