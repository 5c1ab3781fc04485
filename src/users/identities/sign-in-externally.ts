import type { Transaction } from '../../platform/database.ts'
import { EnhancedAppError } from '../../platform/errors.ts'
import { recordAudit, type Origin } from '../audit.ts'
import { createUserIn } from '../create-user.ts'
import type { PeopleDeps } from '../people/people.deps.ts'
import { CLOSE_REGISTRATIONS } from '../people/people.queries.ts'
import { grantWelcome } from '../people/register-person.ts'
import { readDevice } from '../sessions/known-device.ts'
import { openSession, type SignInDeps } from '../sessions/sign-in.ts'
import { beginCode } from '../sessions/sign-in-attempts.ts'
import type { SignedIn } from '../sessions/sessions.schema.ts'
import { checkSecondFactor } from '../two-factor/check-second-factor.ts'
import { usersErrors } from '../users.errors.ts'
import { sendMailJob } from '../users.jobs.ts'
import { authProviders } from './auth-providers.ts'
import {
  FIND_BY_EMAIL,
  FIND_BY_IDENTITY,
  INSERT_IDENTITY,
  NOTE_IDENTITY_USE,
  type PersonOfIdentity,
} from './identities.queries.ts'
import { nameOf, type ExternalPerson, type ExternalSignIn } from './identities.schema.ts'

export type ExternalDeps = SignInDeps & PeopleDeps & { readonly options: Parameters<typeof authProviders>[0] }

/** Signs in whom a provider vouches for. Who is known by the provider's own id is that person, whatever became of the
 * address; otherwise the address counts, if the provider has verified it and so have we; otherwise they are new here.
 * A second factor is asked for all the same: the provider stands for one.
 * SECURITY: believes the order. Its door is the site, which has it from the provider (route: req.isFromSite).
 * @throws EnhancedAppError PROVIDER_UNKNOWN, EXTERNAL_EMAIL_UNVERIFIED, EXTERNAL_ACCOUNT_UNVERIFIED, REGISTRATION_CLOSED,
 * TWO_FACTOR_REQUIRED, CODE_INVALID, SIGN_IN_DELAYED */
export async function signInExternally(deps: ExternalDeps, order: ExternalSignIn, origin: Origin): Promise<SignedIn> {
  requireProvider(deps, order)
  const person = await personOf(deps, order, origin)
  const deviceId = readDevice(deps.keyring, person.id, order.device ?? '')
  if (person.hasTwoFactor) {
    if (order.code === undefined)
      throw usersErrors.TWO_FACTOR_REQUIRED({ fields: [{ path: '/code', message: 'is missing' }] })
    const attempt = await beginCode(deps.db, person.id, deviceId)
    await checkSecondFactor(deps, person.id, order.code, origin)
    await attempt.succeeded()
  }
  await deps.db.execute(NOTE_IDENTITY_USE, [order.provider, order.subject, order.email])
  return openSession(deps, person, { deviceId, device: order.device }, origin)
}

/** @throws EnhancedAppError PROVIDER_UNKNOWN */
export function requireProvider(deps: Pick<ExternalDeps, 'options'>, { provider }: ExternalPerson): void {
  if (!authProviders(deps.options).some(({ id }) => id === provider)) throw usersErrors.PROVIDER_UNKNOWN({ provider })
}

async function personOf(deps: ExternalDeps, order: ExternalPerson, origin: Origin): Promise<PersonOfIdentity> {
  const { provider, subject } = order
  // Somebody may link or register between our looks and our write: then we look again.
  for (let tries = 0; tries < 3; tries += 1) {
    const [known] = await deps.db.query(FIND_BY_IDENTITY, [provider, subject])
    if (known !== undefined) return known
    if (!order.emailVerified) throw usersErrors.EXTERNAL_EMAIL_UNVERIFIED()
    const [sameAddress] = await deps.db.query(FIND_BY_EMAIL, [order.email])
    if (sameAddress === undefined) await registerExternally(deps, order, origin)
    else {
      if (!sameAddress.isVerified) throw usersErrors.EXTERNAL_ACCOUNT_UNVERIFIED()
      const isLinked = await deps.db.transaction((tx) => link(deps, tx, sameAddress.id, order, 'by_address', origin))
      // They have another account of this provider already: that one signs them in, this one does not.
      if (!isLinked && tries > 0) throw usersErrors.IDENTITY_TAKEN()
    }
  }
  const [made] = await deps.db.query(FIND_BY_IDENTITY, [provider, subject])
  if (made === undefined) throw usersErrors.IDENTITY_TAKEN()
  return made
}

/** A person without a password: the provider is their way in, and a link by mail sets one. */
async function registerExternally(deps: ExternalDeps, order: ExternalPerson, origin: Origin): Promise<void> {
  if (deps.options.registration === 'closed') throw usersErrors.REGISTRATION_CLOSED()
  const made = deps.db.transaction(async (tx) => {
    const { email } = order
    const person = { email, name: nameOf(order), isEmailVerified: true }
    const { userId, accountId } = await createUserIn(tx, `system:${order.provider}`, person, origin)
    await tx.execute(CLOSE_REGISTRATIONS, [email])
    if (!(await link(deps, tx, userId, order, 'new', origin))) throw usersErrors.IDENTITY_TAKEN()
    await grantWelcome(deps, tx, accountId)
  })
  await made.catch((error: unknown) => {
    // Twice at once: the other one made them, and the next look finds them.
    const isRace = error instanceof EnhancedAppError && ['EMAIL_TAKEN', 'IDENTITY_TAKEN'].includes(error.code)
    if (!isRace) throw error
  })
}

/** @param how `by_session`: the person is signed in and asks for it, so the addresses may differ
 * @returns false where the keys or the address do not allow it */
export async function link(
  deps: Pick<PeopleDeps, 'jobs'>,
  tx: Transaction,
  userId: string,
  { provider, subject, email }: ExternalPerson,
  how: 'new' | 'by_address' | 'by_session',
  origin: Origin,
): Promise<boolean> {
  const made = await tx.execute(INSERT_IDENTITY, [provider, subject, userId, email, how === 'by_session'])
  if (made === 0) return false
  const event = {
    actor: `user:${userId}`,
    accountId: null,
    action: 'identity.linked',
    subject: `user:${userId}`,
  } as const
  await recordAudit(tx, { ...event, details: { provider, how } }, origin)
  if (how !== 'new')
    await sendMailJob.enqueue({ jobs: deps.jobs, tx }, { kind: 'notice', notice: 'identity_linked', userId })
  return true
}
