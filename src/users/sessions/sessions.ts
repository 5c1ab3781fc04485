import type { Page } from '../../http/index.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Database } from '../../platform/database.ts'
import type { Session } from '../../platform/generated/prisma/client.ts'
import type { Prisma } from '../../platform/prisma.ts'
import { recordAudit, type Origin } from '../audit.ts'
import { requireSession } from '../authorize.ts'
import type { MeView } from '../people/people.schema.ts'
import type { Principal } from '../principal.ts'
import { usersErrors } from '../users.errors.ts'
import type { SessionVerifier } from './authenticate-session.ts'
import type { Audience, ClientTokens } from './client-tokens.ts'
import { deviceWords } from './device-words.ts'
import { FIND_ME, FIND_OWN_SESSION, REVOKE_SESSION, REVOKE_SESSIONS, SWITCH_ACCOUNT } from './sessions.queries.ts'
import type { IssuedToken, SessionCursor, SessionView } from './sessions.schema.ts'

export type SessionDeps = {
  readonly db: Database
  readonly prisma: Prisma
  readonly clock: Clock
  readonly sessions: Pick<SessionVerifier, 'forget'>
  readonly tokens: Pick<ClientTokens, 'issue'>
}

/** The person's open sessions, newest first. Up to `page.take` rows. @throws EnhancedAppError SESSION_REQUIRED */
export async function listSessions(
  deps: { readonly prisma: Prisma; readonly clock: Clock },
  principal: Principal,
  page: Page<SessionCursor>,
): Promise<Session[]> {
  const { userId } = requireSession(principal)
  const after = page.after
  return deps.prisma.session.findMany({
    where: {
      userId,
      revokedAt: null,
      expiresAt: { gt: new Date(deps.clock.nowMs()) },
      ...(after && { OR: [{ createdAt: { lt: after[0] } }, { createdAt: after[0], id: { lt: after[1] } }] }),
    },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take: page.take,
  })
}

/** Ends one of the person's own sessions; a second time changes nothing. Refused everywhere within a second, and its
 * client tokens with it. @throws EnhancedAppError SESSION_REQUIRED, SESSION_NOT_FOUND also for somebody else's */
export async function revokeSession(
  deps: Pick<SessionDeps, 'db' | 'sessions'>,
  principal: Principal,
  id: string,
  origin: Origin,
): Promise<void> {
  const { userId } = requireSession(principal)
  await deps.db.transaction(async (tx) => {
    const [revoked] = await tx.query(REVOKE_SESSION, [id, userId])
    if (revoked === undefined) {
      const known = await tx.query(FIND_OWN_SESSION, [id, userId])
      if (known.length === 0) throw usersErrors.SESSION_NOT_FOUND()
      return
    }
    const { accountId } = revoked
    await recordAudit(
      tx,
      { actor: principal.id, accountId, action: 'session.revoked', subject: `session:${id}` },
      origin,
    )
  })
  deps.sessions.forget(id)
}

/** Ends every other session of the person. @returns how many @throws EnhancedAppError SESSION_REQUIRED */
export async function revokeOtherSessions(
  deps: Pick<SessionDeps, 'db'>,
  principal: Principal,
  origin: Origin,
): Promise<number> {
  const { userId, sessionId } = requireSession(principal)
  return deps.db.transaction(async (tx) => {
    const count = await tx.execute(REVOKE_SESSIONS, [userId, sessionId])
    const { accountId } = principal
    const subject = `user:${userId}`
    await recordAudit(
      tx,
      { actor: principal.id, accountId, action: 'session.revoked', subject, details: { count } },
      origin,
    )
    return count
  })
}

/** A token for a page or a socket, so that the session itself stays out of them.
 * @throws EnhancedAppError SESSION_REQUIRED: a token cannot make another, or it would never end */
export function issueToken(
  deps: Pick<SessionDeps, 'clock' | 'tokens'>,
  principal: Principal,
  audience: Audience,
): IssuedToken {
  const { token, exp } = deps.tokens.issue(requireSession(principal), audience, deps.clock.nowMs())
  return { token, tokenType: 'Bearer', expiresAt: new Date(exp * 1_000).toISOString() }
}

/** Has the session act for another account of the person, its client tokens too.
 * @throws EnhancedAppError SESSION_REQUIRED, ACCOUNT_NOT_FOUND also for one they do not belong to */
export async function switchAccount(
  deps: Pick<SessionDeps, 'db' | 'sessions'>,
  principal: Principal,
  accountId: string,
  origin: Origin,
): Promise<void> {
  const { userId, sessionId } = requireSession(principal)
  await deps.db.transaction(async (tx) => {
    const switched = await tx.execute(SWITCH_ACCOUNT, [sessionId, userId, accountId])
    if (switched === 0) throw usersErrors.ACCOUNT_NOT_FOUND()
    const subject = `session:${sessionId}`
    await recordAudit(tx, { actor: principal.id, accountId, action: 'session.account_switched', subject }, origin)
  })
  deps.sessions.forget(sessionId)
}

/** Who is signed in, and what they may do here. @throws EnhancedAppError SESSION_REQUIRED */
export async function getMe(deps: Pick<SessionDeps, 'db'>, principal: Principal): Promise<MeView> {
  const { userId, sessionId } = requireSession(principal)
  const [row] = await deps.db.query(FIND_ME, [userId, principal.accountId])
  if (row === undefined) throw usersErrors.SESSION_REVOKED()
  const { email, name, hasPassword, hasTwoFactor, createdAt, accountName, slug, kind, role } = row
  return {
    user: { id: userId, email, name, hasPassword, hasTwoFactor, createdAt: createdAt.toISOString() },
    account: { id: principal.accountId, name: accountName, slug, kind, role },
    permissions: [...principal.permissions],
    sessionId,
  }
}

/** A session as its person sees it. */
export const presentSession =
  (currentId: string | undefined) =>
  (row: Session): SessionView => ({
    id: row.id,
    isCurrent: row.id === currentId,
    accountId: row.accountId,
    address: row.address,
    userAgent: row.userAgent,
    device: deviceWords(row.userAgent),
    createdAt: row.createdAt.toISOString(),
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    expiresAt: row.expiresAt.toISOString(),
  })
