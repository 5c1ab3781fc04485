/** What one may be allowed to do. Routes and use cases name these, never a role. An API key's scopes are the same words. */
export const PERMISSIONS = [
  'runs.create',
  'runs.read',
  'agents.read',
  'agents.write',
  'credits.read',
  'keys.read',
  'keys.write',
  'members.read',
  'members.write',
  'secrets.read',
  'secrets.write',
  'audit.read',
  'admin',
] as const
export type Permission = (typeof PERMISSIONS)[number]

/** What an API key can be made for. Who belongs to an account is decided by people who are signed in. */
export const SCOPES = PERMISSIONS.filter((permission) => permission !== 'members.write')
export type Scope = (typeof SCOPES)[number]

/** What a client token leaves out. It lives in a page, where a script that should not be there could take it: it must
 * not be turned into something that outlives it. */
const NOT_BY_TOKEN: ReadonlySet<Permission> = new Set(['keys.write', 'members.write', 'secrets.write', 'admin'])

/** Who asks, and who pays. */
export type Principal = {
  readonly kind: 'key' | 'user' | 'system' | 'visitor'
  /** `key:<id>`, `user:<id>`, `system:<role>` or `visitor:<id>`: unique, and what audit events name as the actor. */
  readonly id: string
  /** The payer. */
  readonly accountId: string
  readonly userId: string | null
  readonly permissions: ReadonlySet<Permission>
  /** Only these agents may be run or seen in private; null = all that the account may. */
  readonly agentIds: readonly string[] | null
  readonly isAdmin: boolean
  /** Most that a key may spend in a month, in micro-credits. Absent for everybody else, and for keys without a cap. */
  readonly monthlyCapMicro?: bigint
  /** The session of a person who is signed in. Absent for keys, and for client tokens although they come from one: what
   * only the person may do (password, members, other sessions) asks for the session itself. */
  readonly sessionId?: string
}

export const MEMBER_ROLES = ['owner', 'admin', 'developer', 'billing'] as const
export type MemberRole = (typeof MEMBER_ROLES)[number]

const EVERYTHING_BUT_ADMIN = PERMISSIONS.filter((permission) => permission !== 'admin')

const OF_ROLE: Readonly<Record<MemberRole, readonly Permission[]>> = {
  owner: EVERYTHING_BUT_ADMIN,
  admin: EVERYTHING_BUT_ADMIN,
  developer: [
    'runs.create',
    'runs.read',
    'agents.read',
    'agents.write',
    'credits.read',
    'keys.read',
    'keys.write',
    'members.read',
    'secrets.read',
    'secrets.write',
  ],
  billing: ['runs.read', 'agents.read', 'credits.read', 'members.read'],
}

/** What a member may do in the account, and whether the site's own permission comes on top. */
export function permissionsOf(role: MemberRole, isSiteAdmin: boolean): ReadonlySet<Permission> {
  return new Set<Permission>(isSiteAdmin ? [...OF_ROLE[role], 'admin'] : OF_ROLE[role])
}

/** What of a person's permissions goes into a client token. */
export function permissionsOfToken(permissions: ReadonlySet<Permission>): ReadonlySet<Permission> {
  return new Set([...permissions].filter((permission) => !NOT_BY_TOKEN.has(permission)))
}

/** The account that pays for the runs of guests. */
export const TRIALS_ACCOUNT_ID = 'trials'

const OF_VISITOR: ReadonlySet<Permission> = new Set<Permission>(['runs.create', 'runs.read'])

/** A guest without an account, known by a cookie alone. All guests have one payer, so whatever is theirs is told by
 * their principal, never by the account. */
export function visitorPrincipal(visitorId: string): Principal {
  return {
    kind: 'visitor',
    id: `visitor:${visitorId}`,
    accountId: TRIALS_ACCOUNT_ID,
    userId: null,
    permissions: OF_VISITOR,
    agentIds: null,
    isAdmin: false,
  }
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
