import { defineErrors } from '../platform/errors.ts'

export const gatewayErrors = defineErrors({
  SITE_STARTING: {
    status: 503,
    retry: 'later',
    title: 'The pages of this site are not there yet',
    fix: 'Try again in {retryAfterSeconds} s. The API answers meanwhile.',
  },
})
