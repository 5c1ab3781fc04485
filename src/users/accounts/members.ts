import type { Page } from '../../http/index.ts'
import type { Database, Transaction } from '../../platform/database.ts'
import { recordAudit, type Origin } from '../audit.ts'
import { authorize, requireSession } from '../authorize.ts'
import type { MemberRole, Principal } from '../principal.ts'
import type { SessionVerifier } from '../sessions/authenticate-session.ts'
import { usersErrors } from '../users.errors.ts'
import {
  CHANGE_ROLE,
  FIND_ROLES,
  LIST_MEMBERS,
  LOCK_MEMBERS,
  REMOVE_MEMBER,
  RETURN_SESSIONS,
  REVOKE_INVITATIONS_OF,
  type LockedAccount,
  type MemberRow,
} from './accounts.queries.ts'
import type { JoinCursor, MemberView } from './accounts.schema.ts'
import { mayManage } from './may-manage.ts'

export type MembersDeps = { readonly db: Database; readonly sessions: Pick<SessionVerifier, 'forget'> }

/** Members of the account that the caller acts for. Up to `page.take` rows. @throws EnhancedAppError FORBIDDEN */
export async function listMembers(
  deps: { readonly db: Database },
  principal: Principal,
  page: Page<JoinCursor>,
): Promise<MemberRow[]> {
  authorize(principal, 'members.read')
  const [at = null, id = null] = page.after ?? []
  return deps.db.query(LIST_MEMBERS, [principal.accountId, at, id, page.take])
}

/** Gives a member another role.
 * @throws EnhancedAppError FORBIDDEN, SESSION_REQUIRED, MEMBER_NOT_FOUND, ROLE_FORBIDDEN, LAST_OWNER */
export async function changeRole(
  deps: MembersDeps,
  principal: Principal,
  userId: string,
  role: MemberRole,
  origin: Origin,
): Promise<void> {
  authorize(principal, 'members.write')
  requireSession(principal)
  const { accountId } = principal
  await deps.db.transaction(async (tx) => {
    const { actor, member } = await lockRoles(tx, principal, userId)
    if (!mayManage(actor, member, role)) throw usersErrors.ROLE_FORBIDDEN()
    if ((await tx.execute(CHANGE_ROLE, [accountId, userId, role])) === 0) throw usersErrors.LAST_OWNER()
    if (!mayManage(role, null, 'billing')) await tx.execute(REVOKE_INVITATIONS_OF, [accountId, userId])
    const details = { from: member, to: role }
    await recordAudit(
      tx,
      { actor: principal.id, accountId, action: 'member.role_changed', subject: `user:${userId}`, details },
      origin,
    )
  })
}

/** Takes a member out of the account; themselves, that is leaving. Their keys for it stop working, their sessions go
 * back to their own account, and invitations they made are revoked: all within a second, everywhere.
 * @throws EnhancedAppError FORBIDDEN, SESSION_REQUIRED, MEMBER_NOT_FOUND, ROLE_FORBIDDEN, LAST_OWNER, ACCOUNT_PERSONAL */
export async function removeMember(
  deps: MembersDeps,
  principal: Principal,
  userId: string,
  origin: Origin,
): Promise<void> {
  const self = requireSession(principal)
  const isLeaving = self.userId === userId
  // Whoever came in may go out again.
  if (!isLeaving) authorize(principal, 'members.write')
  const { accountId } = principal
  const returned = await deps.db.transaction(async (tx) => {
    const { account, actor, member } = await lockRoles(tx, principal, userId)
    if (account.kind === 'personal') throw usersErrors.ACCOUNT_PERSONAL()
    if (!isLeaving && !mayManage(actor, member, null)) throw usersErrors.ROLE_FORBIDDEN()
    if ((await tx.execute(REMOVE_MEMBER, [accountId, userId])) === 0) throw usersErrors.LAST_OWNER()
    await tx.execute(REVOKE_INVITATIONS_OF, [accountId, userId])
    const action = isLeaving ? 'member.left' : 'member.removed'
    const details = { role: member }
    await recordAudit(tx, { actor: principal.id, accountId, action, subject: `user:${userId}`, details }, origin)
    return tx.query(RETURN_SESSIONS, [accountId, userId])
  })
  for (const { id } of returned) deps.sessions.forget(id)
}

/** Locks the account's members, and reads who is what now: a session may remember for a moment what is over.
 * @throws EnhancedAppError MEMBER_NOT_FOUND, FORBIDDEN */
export async function lockRoles(
  tx: Transaction,
  principal: Principal,
  userId: string,
): Promise<{ readonly account: LockedAccount; readonly actor: MemberRole; readonly member: MemberRole }> {
  const { account, actor, roles } = await lockActor(tx, principal, [userId])
  const member = roles.get(userId)
  if (member === undefined) throw usersErrors.MEMBER_NOT_FOUND()
  return { account, actor, member }
}

/** Locks the account's members, and reads what the caller is now. @throws EnhancedAppError FORBIDDEN */
export async function lockActor(tx: Transaction, principal: Principal, others: readonly string[] = []) {
  const { userId } = requireSession(principal)
  const [account] = await tx.query(LOCK_MEMBERS, [principal.accountId])
  const rows = await tx.query(FIND_ROLES, [principal.accountId, [userId, ...others]])
  const roles = new Map(rows.map((row) => [row.userId, row.role]))
  const actor = roles.get(userId)
  if (account === undefined || actor === undefined) throw usersErrors.FORBIDDEN({ permission: 'members.write' })
  return { account, actor, roles }
}

/** A member as the account sees them. */
export const presentMember = (row: MemberRow): MemberView => ({
  userId: row.userId,
  name: row.name,
  email: row.email,
  role: row.role,
  hasTwoFactor: row.hasTwoFactor,
  joinedAt: row.createdAt.toISOString(),
})
