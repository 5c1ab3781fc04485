import { defineErrors } from '../platform/errors.ts'

export const gatewayErrors = defineErrors({
  SITE_STARTING: {
    status: 503,
    retry: 'later',
    title: 'The pages of this site are not there yet',
    fix: 'Try again in {retryAfterSeconds} s. The API answers meanwhile.',
  },
  SITE_BUSY: {
    status: 503,
    retry: 'later',
    title: 'More pages are asked for than can be made',
    fix: 'Try again in {retryAfterSeconds} s.',
  },
})
