import { defineErrors } from '../platform/errors.ts'

/** What the sandbox throws at its callers. A guest's fault is never thrown: it is an {@link Execution}. */
export const sandboxErrors = defineErrors({
  SANDBOX_BUSY: {
    status: 429,
    retry: 'later',
    title: 'All sandboxes are busy and the queue is full',
    fix: 'Try again in {retryAfterSeconds} seconds. Nothing was charged.',
  },
  PYTHON_UNAVAILABLE: {
    status: 503,
    retry: 'never',
    title: 'This site does not run Python agents',
    fix: '{why}. {advice}',
  },
  SANDBOX_STOPPED: {
    status: 503,
    retry: 'later',
    title: 'The sandbox is shutting down',
    fix: 'Try again in a few seconds. Nothing was charged.',
  },
})
