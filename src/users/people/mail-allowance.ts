import { networkOf } from '../../http/index.ts'
import type { Queryable } from '../../platform/database.ts'
import type { Origin } from '../audit.ts'
import { takeAttempt, throttleKey, type Pace } from '../throttle.ts'
import { usersErrors } from '../users.errors.ts'

/** Mails that one network may ask for: a whole school can register in a morning, a script cannot write to a city. */
const FROM_NETWORK: Pace = { free: 30, firstMs: 10_000, maxMs: 600_000, forgetMs: 3_600_000 }
/** Mails that anybody may have sent to one address: enough to lose a few, too few to annoy its owner. */
const TO_ADDRESS: Pace = { free: 4, firstMs: 60_000, maxMs: 3_600_000, forgetMs: 43_200_000 }

/** Counts a mail that somebody asks for who need not own the address.
 * @returns whether to send it. A refusal is not shown: it would tell that others have asked for this address
 * @throws EnhancedAppError MAILS_LIMITED for the network that asks */
export async function takeMailAllowance(db: Queryable, email: string, origin: Origin): Promise<boolean> {
  if (origin.address !== undefined) {
    const waitMs = await takeAttempt(db, throttleKey('mails_from', networkOf(origin.address)), FROM_NETWORK)
    if (waitMs !== null) throw usersErrors.MAILS_LIMITED({ retryAfterSeconds: Math.ceil(waitMs / 1_000) })
  }
  return (await takeAttempt(db, throttleKey('mails_to', email), TO_ADDRESS)) === null
}
