import { defineErrors } from '../platform/errors.ts'

export const filesErrors = defineErrors({
  FILE_NOT_FOUND: {
    status: 404,
    retry: 'never',
    title: 'The file does not exist',
    fix: 'Check the file id. A file that has expired must be uploaded again.',
  },
  FILE_EXISTS: {
    status: 409,
    retry: 'never',
    title: 'Another file stands under this name',
    fix: 'Files are written once. Write the new content under a new version.',
  },
  FILE_NAME_INVALID: {
    status: 400,
    retry: 'never',
    title: 'The file name cannot be used',
    fix: 'Use letters, digits, dots, dashes and underscores, in folders divided by "/", without "." or ".." as a part.',
  },
  FILE_CORRUPT: {
    status: 500,
    retry: 'later',
    title: 'A stored file is not what was written',
    fix: 'Tell the operator: the object store answered other bytes than were stored. Publish the version again.',
  },
  STORE_UNAVAILABLE: {
    status: 503,
    retry: 'later',
    title: 'The object store does not answer',
    fix: 'Try again in a few seconds. Nothing was charged.',
  },
})
