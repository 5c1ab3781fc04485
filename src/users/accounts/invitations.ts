import type { Page } from '../../http/index.ts'
import type { JobSender } from '../../jobs/index.ts'
import type { Database } from '../../platform/database.ts'
import { newCuid } from '../../platform/ids.ts'
import type { Keyring } from '../../platform/keyring.ts'
import { recordAudit, type Origin } from '../audit.ts'
import { authorize, requireSession } from '../authorize.ts'
import { notify } from '../notifications/notify.ts'
import { readLinkToken } from '../people/link-tokens.ts'
import { FIND_PERSON } from '../people/people.queries.ts'
import type { Principal } from '../principal.ts'
import { takeAttempt, throttleKey, type Pace } from '../throttle.ts'
import { INSERT_MEMBER } from '../users.queries.ts'
import { usersErrors } from '../users.errors.ts'
import { sendMailJob } from '../users.jobs.ts'
import {
  ACCEPT_INVITATION,
  COUNT_OPEN_INVITATIONS,
  DECLINE_INVITATION,
  FIND_INVITATION,
  FIND_INVITED,
  INSERT_INVITATION,
  IS_MEMBER_BY_EMAIL,
  LIST_INVITATIONS,
  REVOKE_INVITATION,
  type InvitationRow,
  type InvitationState,
} from './accounts.queries.ts'
import type { InvitationOffer, InvitationView, JoinCursor, JoinedAccount, NewInvitation } from './accounts.schema.ts'
import { mayManage } from './may-manage.ts'
import { lockActor } from './members.ts'

export type InvitationsDeps = { readonly db: Database; readonly jobs: JobSender; readonly keyring: Keyring }

/** Open at once, an account. */
const MAX_OPEN = 100
/** Mails that one person may have sent to strangers by inviting them. */
const PACE: Pace = { free: 30, firstMs: 60_000, maxMs: 3_600_000, forgetMs: 86_400_000 }

/** Invites an address into the account that the caller acts for, whether anybody has it or not.
 * @throws EnhancedAppError FORBIDDEN, SESSION_REQUIRED, ACCOUNT_PERSONAL, ROLE_FORBIDDEN, MEMBER_ALREADY,
 * INVITATION_LIMIT_REACHED, MAILS_LIMITED */
export async function invite(
  deps: InvitationsDeps,
  principal: Principal,
  order: NewInvitation,
  origin: Origin,
): Promise<InvitationRow> {
  authorize(principal, 'members.write')
  const { userId } = requireSession(principal)
  const { accountId } = principal
  return deps.db.transaction(async (tx) => {
    const { account, actor } = await lockActor(tx, principal)
    if (account.kind !== 'team') throw usersErrors.ACCOUNT_PERSONAL()
    if (!mayManage(actor, null, order.role)) throw usersErrors.ROLE_FORBIDDEN()
    if ((await tx.query(IS_MEMBER_BY_EMAIL, [accountId, order.email])).length > 0) throw usersErrors.MEMBER_ALREADY()
    const [count] = await tx.query(COUNT_OPEN_INVITATIONS, [accountId, order.email])
    if ((count?.open ?? 0) >= MAX_OPEN) throw usersErrors.INVITATION_LIMIT_REACHED({ limit: MAX_OPEN })
    const waitMs = await takeAttempt(tx, throttleKey('invites', userId), PACE)
    if (waitMs !== null) throw usersErrors.MAILS_LIMITED({ retryAfterSeconds: Math.ceil(waitMs / 1_000) })
    const [row] = await tx.query(INSERT_INVITATION, [newCuid(), accountId, order.email, order.role, userId])
    if (row === undefined) throw new Error('an invitation was not stored')
    await sendMailJob.enqueue({ jobs: deps.jobs, tx }, { kind: 'invitation', invitationId: row.id })
    const [invited] = await tx.query(FIND_INVITED, [order.email, userId])
    if (invited !== undefined) {
      const data = { account: account.name, inviter: invited.inviter, role: order.role }
      await notify(tx, { userId: invited.userId, accountId: null }, { kind: 'invitation', once: row.id, data })
    }
    const subject = `invitation:${row.id}`
    const details = { email: order.email, role: order.role }
    await recordAudit(tx, { actor: principal.id, accountId, action: 'invitation.created', subject, details }, origin)
    return row
  })
}

/** Open invitations of the account, newest first. Up to `page.take` rows. @throws EnhancedAppError FORBIDDEN */
export async function listInvitations(
  deps: Pick<InvitationsDeps, 'db'>,
  principal: Principal,
  page: Page<JoinCursor>,
): Promise<InvitationRow[]> {
  authorize(principal, 'members.read')
  const [at = null, id = null] = page.after ?? []
  return deps.db.query(LIST_INVITATIONS, [principal.accountId, at, id, page.take])
}

/** Takes an invitation back. @throws EnhancedAppError FORBIDDEN, SESSION_REQUIRED, INVITATION_NOT_FOUND also for another
 * account's */
export async function revokeInvitation(
  deps: Pick<InvitationsDeps, 'db'>,
  principal: Principal,
  id: string,
  origin: Origin,
): Promise<void> {
  authorize(principal, 'members.write')
  const { accountId } = principal
  await deps.db.transaction(async (tx) => {
    const { actor } = await lockActor(tx, principal)
    const [state] = await tx.query(FIND_INVITATION, [id])
    if (state === undefined || state.accountId !== accountId) throw usersErrors.INVITATION_NOT_FOUND()
    if (!mayManage(actor, null, state.role)) throw usersErrors.ROLE_FORBIDDEN()
    const [row] = await tx.query(REVOKE_INVITATION, [id, accountId])
    if (row === undefined) throw usersErrors.INVITATION_NOT_FOUND()
    await recordAudit(
      tx,
      { actor: principal.id, accountId, action: 'invitation.revoked', subject: `invitation:${id}`, details: row },
      origin,
    )
  })
}

/** What the holder of a link is invited to. Looking does not use it up.
 * @throws EnhancedAppError LINK_INVALID, LINK_USED, LINK_EXPIRED */
export async function findOffer(
  deps: Pick<InvitationsDeps, 'db' | 'keyring'>,
  token: string,
): Promise<InvitationOffer> {
  const [state] = await deps.db.query(FIND_INVITATION, [readLinkToken(deps.keyring, 'invitation', token)])
  const { accountName, inviter, email, role, expiresAt } = refuseClosed(state)
  return { accountName, inviter, email, role, expiresAt: expiresAt.toISOString() }
}

/** Joins the account. The invitation is for an address, not for whoever got hold of the link.
 * @throws EnhancedAppError SESSION_REQUIRED, LINK_INVALID, LINK_USED, LINK_EXPIRED, INVITATION_FOR_ANOTHER, MEMBER_ALREADY */
export async function acceptInvitation(
  deps: InvitationsDeps,
  principal: Principal,
  token: string,
  origin: Origin,
): Promise<JoinedAccount> {
  const { userId } = requireSession(principal)
  const id = readLinkToken(deps.keyring, 'invitation', token)
  return deps.db.transaction(async (tx) => {
    const [person] = await tx.query(FIND_PERSON, [userId])
    const [state] = await tx.query(FIND_INVITATION, [id])
    const offer = refuseClosed(state)
    if (person === undefined || person.email !== offer.email) throw usersErrors.INVITATION_FOR_ANOTHER()
    // What counts: the looks above were for the answer.
    const [accepted] = await tx.query(ACCEPT_INVITATION, [id, person.email])
    if (accepted === undefined) throw usersErrors.LINK_USED()
    const { accountId, role } = accepted
    if ((await tx.execute(INSERT_MEMBER, [accountId, userId, role])) === 0) throw usersErrors.MEMBER_ALREADY()
    const subject = `user:${userId}`
    await recordAudit(
      tx,
      { actor: principal.id, accountId, action: 'member.joined', subject, details: { role } },
      origin,
    )
    return { accountId, role }
  })
}

/** Says no. The link is enough: nothing is given to who holds it.
 * @throws EnhancedAppError LINK_INVALID, LINK_USED, LINK_EXPIRED */
export async function declineInvitation(
  deps: Pick<InvitationsDeps, 'db' | 'keyring'>,
  token: string,
  origin: Origin,
): Promise<void> {
  const id = readLinkToken(deps.keyring, 'invitation', token)
  await deps.db.transaction(async (tx) => {
    const [state] = await tx.query(FIND_INVITATION, [id])
    refuseClosed(state)
    const [declined] = await tx.query(DECLINE_INVITATION, [id])
    if (declined === undefined) throw usersErrors.LINK_USED()
    const { accountId } = declined
    const subject = `invitation:${id}`
    await recordAudit(tx, { actor: 'system:invitation', accountId, action: 'invitation.declined', subject }, origin)
  })
}

function refuseClosed(state: InvitationState | undefined): InvitationState {
  if (state === undefined) throw usersErrors.LINK_INVALID()
  if (state.isClosed) throw usersErrors.LINK_USED()
  if (state.isExpired) throw usersErrors.LINK_EXPIRED()
  return state
}

/** An invitation as the account sees it: never its link. */
export const presentInvitation = (row: InvitationRow): InvitationView => ({
  id: row.id,
  email: row.email,
  role: row.role,
  invitedBy: row.invitedBy,
  expiresAt: row.expiresAt.toISOString(),
  createdAt: row.createdAt.toISOString(),
})
