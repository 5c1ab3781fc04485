import { defineErrors } from '../platform/errors.ts'

export const jobsErrors = defineErrors({
  JOB_TYPE_UNKNOWN: {
    status: 500,
    retry: 'never',
    title: 'This version of the site does not know the job',
    fix: 'Tell the operator: the job waits in the dead letter until a version that knows it sends it back.',
  },
  JOB_PAYLOAD_INVALID: {
    status: 500,
    retry: 'never',
    title: 'The job carries data that this version does not understand',
    fix: 'Tell the operator: the job waits in the dead letter.',
  },
})
