import { isStorable } from '../../http/index.ts'
import { recordAudit, type Origin } from '../audit.ts'
import type { Passwords } from '../people/passwords.ts'
import { checkSecondFactor, type SecondFactorDeps } from '../two-factor/check-second-factor.ts'
import { FIND_OWN_ACCOUNT } from '../users.queries.ts'
import { usersErrors } from '../users.errors.ts'
import { makeSession } from './authenticate-session.ts'
import { notify } from '../notifications/notify.ts'
import { makeDevice, readDevice } from './known-device.ts'
import {
  END_OLDEST_SESSIONS,
  FIND_SIGN_IN,
  INSERT_SESSION,
  REHASH_PASSWORD,
  type SignInRow,
} from './sessions.queries.ts'
import type { SignedIn, SignInOrder } from './sessions.schema.ts'
import { beginCode, beginSignIn } from './sign-in-attempts.ts'

export type SignInDeps = SecondFactorDeps & {
  readonly passwords: Passwords
  readonly options: { readonly sessionDays: number }
}

/** More than anybody has browsers; a bound on what one person can fill. */
const MAX_SESSIONS = 100

/** Signs a person in. The session is new each time, whatever the request brings along. Unknown addresses, people without
 * a password and wrong passwords get one answer, at one cost: a password hash is computed for each.
 * @throws EnhancedAppError CREDENTIALS_INVALID, TWO_FACTOR_REQUIRED, CODE_INVALID, SIGN_IN_DELAYED, SIGN_IN_BUSY */
export async function signIn(deps: SignInDeps, order: SignInOrder, origin: Origin): Promise<SignedIn> {
  const { db, keyring, passwords } = deps
  const [person] = await db.query(FIND_SIGN_IN, [order.email])
  const deviceId = readDevice(keyring, person?.id ?? '', order.device ?? '')
  const attempt = await beginSignIn(db, { email: order.email, address: origin.address, deviceId })
  const check = await passwords.check(person?.passwordHash ?? null, order.password)
  if (!check.isRight || person === undefined) {
    await attempt.failed()
    throw usersErrors.CREDENTIALS_INVALID({ fields: [{ path: '/password', message: 'is wrong, or the address is' }] })
  }
  if (person.hasTwoFactor) {
    if (order.code === undefined) {
      await attempt.wasNoGuess()
      throw usersErrors.TWO_FACTOR_REQUIRED({ fields: [{ path: '/code', message: 'is missing' }] })
    }
    const attemptAtCode = await beginCode(db, person.id, deviceId)
    await checkSecondFactor(deps, person.id, order.code, origin)
    await attemptAtCode.succeeded()
  }
  await attempt.succeeded()
  const passwordHash = check.isOutdated ? await rehash(deps, person, order.password) : person.passwordHash
  return openSession(deps, { ...person, passwordHash }, { deviceId, device: order.device }, origin)
}

async function rehash({ db, passwords }: SignInDeps, person: SignInRow, password: string): Promise<string | null> {
  const better = await passwords.hash(password)
  const replaced = await db.execute(REHASH_PASSWORD, [person.id, person.passwordHash, better])
  return replaced === 1 ? better : person.passwordHash
}

/** A session for somebody whose proof was checked.
 * SECURITY: checks nothing but that password and second factor are still those that were looked at.
 * @throws EnhancedAppError CREDENTIALS_INVALID where they were changed meanwhile */
export async function openSession(
  deps: Pick<SignInDeps, 'db' | 'keyring' | 'options'>,
  person: Pick<SignInRow, 'id' | 'passwordHash' | 'hasTwoFactor'>,
  known: { readonly deviceId: string | null; readonly device: string | undefined },
  origin: Origin,
): Promise<SignedIn> {
  const fresh = makeSession()
  return deps.db.transaction(async (tx) => {
    const [own] = await tx.query(FIND_OWN_ACCOUNT, [person.id])
    // Everybody owns the account that was made with them.
    if (own === undefined || own.accountId === null) throw new Error('a person without an account of their own')
    const [row] = await tx.query(INSERT_SESSION, [
      fresh.id,
      person.id,
      own.accountId,
      fresh.hash,
      origin.address ?? null,
      describeAgent(origin.userAgent),
      deps.options.sessionDays,
      person.passwordHash,
      person.hasTwoFactor,
    ])
    // The password or the second factor was changed since they were looked at.
    if (row === undefined) throw usersErrors.CREDENTIALS_INVALID()
    await tx.execute(END_OLDEST_SESSIONS, [person.id, MAX_SESSIONS])
    await recordAudit(
      tx,
      {
        actor: `user:${person.id}`,
        accountId: own.accountId,
        action: 'session.created',
        subject: `session:${fresh.id}`,
      },
      origin,
    )
    // Not of the first one there ever was, which is their own doing.
    if (known.deviceId === null && row.isAnother)
      await notify(
        tx,
        { userId: person.id, accountId: null },
        {
          kind: 'new_session',
          once: fresh.id,
          data: { address: origin.address ?? null, device: describeAgent(origin.userAgent) },
        },
      )
    return {
      token: fresh.text,
      sessionId: fresh.id,
      expiresAt: row.expiresAt.toISOString(),
      device:
        known.deviceId !== null && known.device !== undefined ? known.device : makeDevice(deps.keyring, person.id),
      userId: person.id,
      accountId: own.accountId,
    }
  })
}

/** What a browser says it is, as the list of sessions shows it. */
function describeAgent(userAgent: string | undefined): string | null {
  if (userAgent === undefined || !isStorable(userAgent)) return null
  return userAgent.slice(0, 200)
}
