import type { Transaction } from '../../platform/database.ts'
import { newCuid, newUuidV7 } from '../../platform/ids.ts'
import type { Origin } from '../audit.ts'
import { createUserIn } from '../create-user.ts'
import { usersErrors } from '../users.errors.ts'
import { grantWelcomeJob, sendMailJob } from '../users.jobs.ts'
import { readLinkToken } from './link-tokens.ts'
import { takeMailAllowance } from './mail-allowance.ts'
import type { PeopleDeps } from './people.deps.ts'
import { CLOSE_REGISTRATIONS, FIND_REGISTRATION, INSERT_REGISTRATION, USE_REGISTRATION } from './people.queries.ts'
import type { RegistrationOrder, VerifiedPerson } from './people.schema.ts'
import { refuseWeakPassword } from './weak-passwords.ts'

/** Takes a registration and sends a link to its address. Nobody exists before the link is used, so whoever types a
 * stranger's address gets nothing by it, and keeps nobody from registering. The answer, and what it takes to give it,
 * are the same for an address that is known: its owner is told by mail.
 * @throws EnhancedAppError REGISTRATION_CLOSED, PASSWORD_WEAK, MAILS_LIMITED, SIGN_IN_BUSY */
export async function registerPerson(deps: PeopleDeps, order: RegistrationOrder, origin: Origin): Promise<void> {
  if (deps.options.registration === 'closed') throw usersErrors.REGISTRATION_CLOSED()
  refuseWeakPassword(order.password, order)
  const isMailAllowed = await takeMailAllowance(deps.db, order.email, origin)
  const passwordHash = await deps.passwords.hash(order.password)
  const registrationId = newCuid()
  await deps.db.transaction(async (tx) => {
    await tx.execute(INSERT_REGISTRATION, [registrationId, order.email, order.name, passwordHash])
    if (isMailAllowed) await sendMailJob.enqueue({ jobs: deps.jobs, tx }, { kind: 'verify_email', registrationId })
  })
}

/** Sends the latest link of an address again, if there is one.
 * @throws EnhancedAppError MAILS_LIMITED */
export async function resendVerification(deps: PeopleDeps, email: string, origin: Origin): Promise<void> {
  if (await takeMailAllowance(deps.db, email, origin)) {
    await sendMailJob.enqueue({ jobs: deps.jobs }, { kind: 'verify_email_again', email })
  }
}

/** Makes a registration a person, with the name and the password that belong to this very link: an earlier one for the
 * same address, by whoever that was, is worth nothing from now on.
 * @throws EnhancedAppError LINK_INVALID, LINK_USED, LINK_EXPIRED, EMAIL_TAKEN */
export async function verifyEmail(deps: PeopleDeps, token: string, origin: Origin): Promise<VerifiedPerson> {
  const id = readLinkToken(deps.keyring, 'verify_email', token)
  return deps.db.transaction(async (tx) => {
    const [registration] = await tx.query(USE_REGISTRATION, [id])
    if (registration === undefined) throw await whyNotVerified(tx, id)
    const { email, name, passwordHash } = registration
    const person = await createUserIn(
      tx,
      'system:registration',
      { email, name, passwordHash, isEmailVerified: true },
      origin,
    )
    await tx.execute(CLOSE_REGISTRATIONS, [email])
    await grantWelcome(deps, tx, person.accountId)
    return { userId: person.userId, accountId: person.accountId, email }
  })
}

/** Has the welcome credits granted with the commit that proves the address. */
export async function grantWelcome(deps: PeopleDeps, tx: Transaction, accountId: string): Promise<void> {
  const { welcomeMicro } = deps.options
  if (welcomeMicro <= 0n) return
  const operationId = newUuidV7()
  await grantWelcomeJob.enqueue(
    { jobs: deps.jobs, tx },
    { accountId, amountMicro: welcomeMicro.toString(), operationId },
  )
}

async function whyNotVerified(tx: Transaction, id: string) {
  const [row] = await tx.query(FIND_REGISTRATION, [id])
  if (row === undefined) return usersErrors.LINK_INVALID()
  // Another link of theirs was used: whoever holds this one has the mailbox, so this tells nobody else.
  if (row.isTaken) return usersErrors.LINK_USED()
  return row.isUsed ? usersErrors.LINK_USED() : usersErrors.LINK_EXPIRED()
}
