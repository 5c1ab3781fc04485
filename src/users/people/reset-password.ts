import { newCuid } from '../../platform/ids.ts'
import { recordAudit, type Origin } from '../audit.ts'
import { REVOKE_SESSIONS } from '../sessions/sessions.queries.ts'
import { FIND_OWN_ACCOUNT } from '../users.queries.ts'
import { usersErrors } from '../users.errors.ts'
import { sendMailJob } from '../users.jobs.ts'
import { readLinkToken } from './link-tokens.ts'
import { takeMailAllowance } from './mail-allowance.ts'
import type { PeopleDeps } from './people.deps.ts'
import {
  CLOSE_REGISTRATIONS,
  CLOSE_RESETS,
  FIND_RESET,
  INSERT_RESET,
  SET_PASSWORD,
  USE_RESET,
} from './people.queries.ts'
import type { PasswordResetOrder } from './people.schema.ts'
import { grantWelcome } from './register-person.ts'
import { refuseWeakPassword } from './weak-passwords.ts'

/** Sends a link to set a new password, if the address is somebody's; asking does and answers the same if it is not.
 * @throws EnhancedAppError MAILS_LIMITED */
export async function requestPasswordReset(deps: PeopleDeps, email: string, origin: Origin): Promise<void> {
  const isMailAllowed = await takeMailAllowance(deps.db, email, origin)
  const resetId = newCuid()
  await deps.db.transaction(async (tx) => {
    await tx.execute(INSERT_RESET, [resetId, email])
    if (isMailAllowed) await sendMailJob.enqueue({ jobs: deps.jobs, tx }, { kind: 'reset_password', resetId })
  })
}

/** Sets a new password by a link, and ends every session: who knew the old one is out within a second. Two-factor stays:
 * a mailbox is one factor.
 * @throws EnhancedAppError LINK_INVALID, LINK_USED, LINK_EXPIRED, PASSWORD_WEAK, SIGN_IN_BUSY */
export async function resetPassword(deps: PeopleDeps, order: PasswordResetOrder, origin: Origin): Promise<void> {
  const id = readLinkToken(deps.keyring, 'reset_password', order.token)
  const [reset] = await deps.db.query(FIND_RESET, [id])
  if (reset === undefined || reset.userId === null || reset.name === null) throw usersErrors.LINK_INVALID()
  const { userId, email } = reset
  if (reset.isUsed) throw usersErrors.LINK_USED()
  if (reset.isExpired) throw usersErrors.LINK_EXPIRED()
  refuseWeakPassword(order.password, { email, name: reset.name })
  const passwordHash = await deps.passwords.hash(order.password)
  await deps.db.transaction(async (tx) => {
    // What counts: the look above was for the answer. Of two clicks at once one passes here.
    if ((await tx.execute(USE_RESET, [id])) === 0) throw usersErrors.LINK_USED()
    const [set] = await tx.query(SET_PASSWORD, [userId, passwordHash])
    if (set === undefined) throw usersErrors.LINK_INVALID()
    await tx.execute(CLOSE_RESETS, [email])
    await tx.execute(CLOSE_REGISTRATIONS, [email])
    await tx.execute(REVOKE_SESSIONS, [userId, null])
    const [own] = await tx.query(FIND_OWN_ACCOUNT, [userId])
    const accountId = own?.accountId ?? null
    if (!set.wasVerified && accountId !== null) await grantWelcome(deps, tx, accountId)
    const subject = `user:${userId}`
    await recordAudit(tx, { actor: subject, accountId, action: 'password.reset', subject }, origin)
    await sendMailJob.enqueue({ jobs: deps.jobs, tx }, { kind: 'notice', notice: 'password_changed', userId })
  })
}
