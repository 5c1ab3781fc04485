import { recordAudit, type Origin } from '../audit.ts'
import { requireSession } from '../authorize.ts'
import type { Principal } from '../principal.ts'
import { usersErrors } from '../users.errors.ts'
import { sendMailJob } from '../users.jobs.ts'
import { DELETE_IDENTITY, LIST_IDENTITIES, LOCK_PERSON, type IdentityRow } from './identities.queries.ts'
import type { ExternalPerson, Provider } from './identities.schema.ts'
import { link, requireProvider, type ExternalDeps } from './sign-in-externally.ts'

/** By whom the person may sign in. @throws EnhancedAppError SESSION_REQUIRED */
export async function listIdentities(deps: Pick<ExternalDeps, 'db'>, principal: Principal): Promise<IdentityRow[]> {
  const { userId } = requireSession(principal)
  return deps.db.query(LIST_IDENTITIES, [userId])
}

/** Links an account at a provider to the person who is signed in, whatever its address.
 * SECURITY: believes the order, as {@link signInExternally} does.
 * @throws EnhancedAppError SESSION_REQUIRED, PROVIDER_UNKNOWN, IDENTITY_TAKEN */
export async function linkIdentity(
  deps: Pick<ExternalDeps, 'db' | 'jobs' | 'options'>,
  principal: Principal,
  order: ExternalPerson,
  origin: Origin,
): Promise<void> {
  const { userId } = requireSession(principal)
  requireProvider(deps, order)
  const isLinked = await deps.db.transaction((tx) => link(deps, tx, userId, order, 'by_session', origin))
  if (!isLinked) throw usersErrors.IDENTITY_TAKEN()
}

/** Takes a way in away, unless it is the only one.
 * @throws EnhancedAppError SESSION_REQUIRED, IDENTITY_NOT_FOUND, IDENTITY_IS_LAST */
export async function unlinkIdentity(
  deps: Pick<ExternalDeps, 'db' | 'jobs'>,
  principal: Principal,
  provider: Provider,
  origin: Origin,
): Promise<void> {
  const { userId } = requireSession(principal)
  await deps.db.transaction(async (tx) => {
    const [person] = await tx.query(LOCK_PERSON, [userId])
    if ((await tx.execute(DELETE_IDENTITY, [userId, provider, person?.hasPassword ?? false])) === 0) {
      const linked = await tx.query(LIST_IDENTITIES, [userId])
      throw linked.some((one) => one.provider === provider)
        ? usersErrors.IDENTITY_IS_LAST()
        : usersErrors.IDENTITY_NOT_FOUND()
    }
    const event = {
      actor: principal.id,
      accountId: null,
      action: 'identity.unlinked',
      subject: `user:${userId}`,
    } as const
    await recordAudit(tx, { ...event, details: { provider } }, origin)
    await sendMailJob.enqueue({ jobs: deps.jobs, tx }, { kind: 'notice', notice: 'identity_unlinked', userId })
  })
}
