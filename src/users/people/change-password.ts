import { recordAudit, type Origin } from '../audit.ts'
import type { Principal } from '../principal.ts'
import { REVOKE_SESSIONS } from '../sessions/sessions.queries.ts'
import { usersErrors } from '../users.errors.ts'
import { sendMailJob } from '../users.jobs.ts'
import { confirmPerson } from './confirm-person.ts'
import type { PeopleDeps } from './people.deps.ts'
import { CLOSE_RESETS, REPLACE_PASSWORD } from './people.queries.ts'
import type { PasswordChange } from './people.schema.ts'
import { refuseWeakPassword } from './weak-passwords.ts'

/** Sets a new password with the current one. Every other session of the person ends, and so do links to set one.
 * @throws EnhancedAppError SESSION_REQUIRED, PASSWORD_WRONG, PASSWORD_WEAK, SIGN_IN_DELAYED, SIGN_IN_BUSY */
export async function changePassword(
  deps: PeopleDeps,
  principal: Principal,
  order: PasswordChange,
  origin: Origin,
): Promise<void> {
  const person = await confirmPerson(deps, principal, order.password)
  refuseWeakPassword(order.newPassword, person, '/newPassword')
  const passwordHash = await deps.passwords.hash(order.newPassword)
  await deps.db.transaction(async (tx) => {
    const replaced = await tx.execute(REPLACE_PASSWORD, [person.id, person.passwordHash, passwordHash])
    // Changed by somebody else since it was confirmed.
    if (replaced === 0) throw usersErrors.PASSWORD_WRONG({ fields: [{ path: '/password', message: 'is wrong' }] })
    await tx.execute(CLOSE_RESETS, [person.email])
    await tx.execute(REVOKE_SESSIONS, [person.id, person.sessionId])
    const subject = `user:${person.id}`
    await recordAudit(
      tx,
      { actor: principal.id, accountId: principal.accountId, action: 'password.changed', subject },
      origin,
    )
    await sendMailJob.enqueue(
      { jobs: deps.jobs, tx },
      { kind: 'notice', notice: 'password_changed', userId: person.id },
    )
  })
}
