import { z } from 'zod'
import { option } from '../../platform/config.ts'

export const retentionOptions = {
  contentDays: option('BUREAU_RETAIN_CONTENT_DAYS', z.coerce.number().int().min(1).max(3_650).default(30), {
    why: 'How long input, output, logs and events of a run are kept after its end. What it cost and its ledger stay for ever. Agents and callers may ask for less.',
    unit: 'days',
  }),
  artifactDays: option('BUREAU_RETAIN_ARTIFACTS_DAYS', z.coerce.number().int().min(1).max(3_650).default(7), {
    why: 'How long files that runs made are kept.',
    unit: 'days',
  }),
} as const
