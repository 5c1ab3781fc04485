import { defineErrors } from '../platform/errors.ts'

export const usersErrors = defineErrors({
  UNAUTHENTICATED: {
    status: 401,
    retry: 'never',
    title: 'Nobody is signed in',
    fix: 'Send `Authorization: Bearer bur_…` with an API key of yours.',
  },
  KEY_EXPIRED: {
    status: 401,
    retry: 'never',
    title: 'The API key has expired',
    fix: 'Make a new key and use that.',
  },
  KEY_REVOKED: {
    status: 401,
    retry: 'never',
    title: 'The API key was revoked',
    fix: 'Make a new key and use that.',
  },
  FORBIDDEN: {
    status: 403,
    retry: 'never',
    title: 'This is not allowed for you',
    fix: 'Use a key or a role that has the permission {permission} for this.',
  },
  KEY_NOT_FOUND: {
    status: 404,
    retry: 'never',
    title: 'There is no such API key in this account',
    fix: 'Look at the keys in GET /api/keys.',
  },
  KEY_LIMIT_REACHED: {
    status: 409,
    retry: 'never',
    title: 'The account has as many API keys as it may have',
    fix: 'Revoke keys that are not used any more; {limit} may be active at once.',
  },
  EMAIL_TAKEN: {
    status: 409,
    retry: 'never',
    title: 'There is already somebody with this e-mail address',
    fix: 'Sign in, or use another address.',
  },
  SETUP_LINK_INVALID: {
    status: 410,
    retry: 'never',
    title: 'This link was used, has expired, or never existed',
    fix: 'Make a new one with `bureau admin create`.',
  },
  ORIGIN_FORBIDDEN: {
    status: 403,
    retry: 'never',
    title: 'The request came from a page of another site',
    fix: 'Open the link itself and press the button there.',
  },
})
