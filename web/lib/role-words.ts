/** What a member of an account may do, as one reads it before one decides. */
export const ROLE_WORDS = {
  owner: 'everything, and who else is an owner.',
  admin: 'everything but owners.',
  developer: 'run and publish agents, make API keys.',
  billing: 'see runs and credits.',
} as const

export type Role = keyof typeof ROLE_WORDS
export const ROLES: readonly Role[] = ['owner', 'admin', 'developer', 'billing']

const BEYOND: Readonly<Record<string, string>> = {
  'runs.create': 'run agents',
  'runs.read': 'see its runs',
  'agents.read': 'see its agents',
  'agents.write': 'publish agents',
  'credits.read': 'see its credits',
  'keys.read': 'see its API keys',
  'keys.write': 'make API keys',
  'members.read': 'see its members',
  'members.write': 'change its members',
  'secrets.read': 'see its secrets',
  'secrets.write': 'keep secrets in it',
  'audit.read': 'see its audit',
}

/** What a permission that is missing is for, behind "to". */
export const beyondRole = (permission: string): string => BEYOND[permission] ?? 'do this'

/** Who may change a role, by name: "Ada or Bob". */
export function whomToAsk(
  members: readonly { readonly name?: string | undefined; readonly role?: Role | undefined }[],
): string {
  const names = members.flatMap(({ name, role }) =>
    name !== undefined && (role === 'owner' || role === 'admin') ? [name] : [],
  )
  const [last, ...others] = names.slice(0, 3).toReversed()
  if (last === undefined) return 'an owner or an admin of it'
  return others.length === 0 ? last : `${others.toReversed().join(', ')} or ${last}`
}
