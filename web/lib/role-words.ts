/** What a member of an account may do, as one reads it before one decides. */
export const ROLE_WORDS = {
  owner: 'everything, and who else is an owner.',
  admin: 'everything but owners.',
  developer: 'run and publish agents, make API keys.',
  billing: 'see runs and credits.',
} as const

export type Role = keyof typeof ROLE_WORDS
export const ROLES: readonly Role[] = ['owner', 'admin', 'developer', 'billing']
