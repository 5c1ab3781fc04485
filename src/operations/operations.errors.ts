import { defineErrors } from '../platform/errors.ts'

export const operationsErrors = defineErrors({
  METRICS_FORBIDDEN: {
    status: 403,
    retry: 'never',
    title: 'Metrics are not for everybody',
    fix: 'Ask from this machine itself, with the key of an admin, or with BUREAU_METRICS_TOKEN.',
  },
})
