/** What one may be allowed to do. Routes and use cases name these, never a role. An API key's scopes are the same words. */
export const PERMISSIONS = [
  'runs.create',
  'runs.read',
  'agents.read',
  'agents.write',
  'credits.read',
  'keys.read',
  'keys.write',
  'admin',
] as const
export type Permission = (typeof PERMISSIONS)[number]

/** Who asks, and who pays. */
export type Principal = {
  readonly kind: 'key' | 'user' | 'system'
  /** `key:<id>`, `user:<id>` or `system:<role>`: unique, and what audit events name as the actor. */
  readonly id: string
  /** The payer. */
  readonly accountId: string
  readonly userId: string | null
  readonly permissions: ReadonlySet<Permission>
  /** Only these agents may be run or seen in private; null = all that the account may. */
  readonly agentIds: readonly string[] | null
  readonly isAdmin: boolean
}

export type MemberRole = 'owner' | 'admin' | 'developer' | 'billing'

const EVERYTHING_BUT_ADMIN = PERMISSIONS.filter((permission) => permission !== 'admin')

const OF_ROLE: Readonly<Record<MemberRole, readonly Permission[]>> = {
  owner: EVERYTHING_BUT_ADMIN,
  admin: EVERYTHING_BUT_ADMIN,
  developer: ['runs.create', 'runs.read', 'agents.read', 'agents.write', 'credits.read', 'keys.read', 'keys.write'],
  billing: ['runs.read', 'agents.read', 'credits.read'],
}

/** What a member may do in the account, and whether the site's own permission comes on top. */
export function permissionsOf(role: MemberRole, isSiteAdmin: boolean): ReadonlySet<Permission> {
  return new Set<Permission>(isSiteAdmin ? [...OF_ROLE[role], 'admin'] : OF_ROLE[role])
}

/** The site itself, at work on behalf of an account: jobs, the first start.
 * SECURITY: holds every permission. Never made from anything that came over the wire. */
export function systemPrincipal(role: string, accountId: string): Principal {
  return {
    kind: 'system',
    id: `system:${role}`,
    accountId,
    userId: null,
    permissions: new Set(PERMISSIONS),
    agentIds: null,
    isAdmin: true,
  }
}
