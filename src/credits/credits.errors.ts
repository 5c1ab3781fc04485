import { defineErrors } from '../platform/errors.ts'

export const creditsErrors = defineErrors({
  CREDITS_INVALID: {
    status: 400,
    retry: 'never',
    title: 'This is not an amount of credits',
    fix: 'Send a decimal string with at most 12 digits before and 6 after the point, for example "2.5".',
  },
  CREDITS_ACCOUNT_UNKNOWN: {
    status: 404,
    retry: 'never',
    title: 'There is no account that could hold these credits',
    fix: 'Check the account id.',
  },
  CREDITS_OPERATION_CONFLICT: {
    status: 409,
    retry: 'never',
    title: 'This operation was posted before with another amount or kind',
    fix: 'Use a new operation id for a new operation.',
  },
})
