import type { Permission, Principal } from './principal.ts'
import { usersErrors } from './users.errors.ts'

/** What a permission is asked for. Facts that are left out are not checked, so a use case names all it has. */
export type Subject = {
  /** A key may be bound to some agents. */
  readonly agentId?: string
  /** Whose it is: only this account, or an admin of the site, may. */
  readonly ownerAccountId?: string
}

/** The check that counts, called first in every use case.
 * @throws EnhancedAppError FORBIDDEN naming the permission; never whether the subject exists */
export function authorize(principal: Principal, permission: Permission, subject: Subject = {}): void {
  const isAllowed =
    principal.permissions.has(permission) &&
    (subject.agentId === undefined || principal.agentIds === null || principal.agentIds.includes(subject.agentId)) &&
    (subject.ownerAccountId === undefined || principal.isAdmin || principal.accountId === subject.ownerAccountId)
  if (!isAllowed) throw usersErrors.FORBIDDEN({ permission })
}

/** What only a person may do who is signed in: neither their keys nor the client tokens of their session.
 * @throws EnhancedAppError SESSION_REQUIRED */
export function requireSession(principal: Principal): { readonly userId: string; readonly sessionId: string } {
  const { userId, sessionId } = principal
  if (userId === null || sessionId === undefined) throw usersErrors.SESSION_REQUIRED()
  return { userId, sessionId }
}
