import type { Database } from '../../platform/database.ts'
import { requireSession } from '../authorize.ts'
import type { Principal } from '../principal.ts'
import { forgetAttempts, takeAttempt, throttleKey, type Pace } from '../throttle.ts'
import { usersErrors } from '../users.errors.ts'
import type { Passwords } from './passwords.ts'
import { FIND_PERSON, type PersonRow } from './people.queries.ts'

const PACE: Pace = { free: 5, firstMs: 1_000, maxMs: 900_000, forgetMs: 3_600_000 }

export type ConfirmedPerson = PersonRow & { readonly sessionId: string; readonly passwordHash: string }

/** Asks for the password once more before something that a stolen session must not be able to do. Counted by session,
 * so that whoever stole one delays nobody else.
 * @throws EnhancedAppError SESSION_REQUIRED, PASSWORD_WRONG, SIGN_IN_DELAYED, SIGN_IN_BUSY */
export async function confirmPerson(
  deps: { readonly db: Database; readonly passwords: Passwords },
  principal: Principal,
  password: string,
): Promise<ConfirmedPerson> {
  const { userId, sessionId } = requireSession(principal)
  const [person] = await deps.db.query(FIND_PERSON, [userId])
  if (person === undefined) throw usersErrors.SESSION_REQUIRED()
  const key = throttleKey('confirm', sessionId)
  const waitMs = await takeAttempt(deps.db, key, PACE)
  if (waitMs !== null) throw usersErrors.SIGN_IN_DELAYED({ retryAfterSeconds: Math.ceil(waitMs / 1_000) })
  const { passwordHash } = person
  const { isRight } = await deps.passwords.check(passwordHash, password)
  if (!isRight || passwordHash === null)
    throw usersErrors.PASSWORD_WRONG({ fields: [{ path: '/password', message: 'is wrong' }] })
  await forgetAttempts(deps.db, [key])
  return { ...person, passwordHash, sessionId }
}
