import type { Queryable } from '../../platform/database.ts'
import { networkOf } from '../../http/index.ts'
import { countAttempts, forgetAttempts, returnAttempt, takeAttempt, throttleKey, type Pace } from '../throttle.ts'
import { usersErrors } from '../users.errors.ts'

const HOUR_MS = 3_600_000
const LONGEST_MS = 900_000

/** One network against one person, or one device of theirs: mistyping is free, guessing is not. */
const PAIR: Pace = { free: 5, firstMs: 1_000, maxMs: LONGEST_MS, forgetMs: HOUR_MS }
/** The same while many networks guess at this person: one attempt each. The first of a network is never refused, so that
 * whoever attacks from anywhere cannot keep the owner out, who comes from somewhere else or on a device that is known. */
const PAIR_UNDER_ATTACK: Pace = { free: 1, firstMs: 15_000, maxMs: LONGEST_MS, forgetMs: HOUR_MS }
const ATTACK_FROM = 30
const ATTACK_MS = 900_000
/** One network against anybody: one common password tried on everybody. */
const NETWORK: Pace = { free: 50, firstMs: 1_000, maxMs: LONGEST_MS, forgetMs: HOUR_MS }
/** Wrong passwords of one person, only counted. */
const COUNTED: Pace = { free: 1_000_000, firstMs: 0, maxMs: 0, forgetMs: ATTACK_MS }
/** Codes come after the password: whoever guesses them has it, and delays nobody but who shares it. */
const CODE: Pace = { free: 5, firstMs: 2_000, maxMs: LONGEST_MS, forgetMs: 24 * HOUR_MS }

export type SignInFacts = {
  /** As typed, whether it is somebody's or not: unknown addresses are counted like known ones. */
  readonly email: string
  readonly address: string | undefined
  /** A device that this person has signed in on before. */
  readonly deviceId: string | null
}

export type SignInAttempt = {
  /** The password was wrong. */
  failed(): Promise<void>
  /** The password was right, and nothing has come of it yet. */
  wasNoGuess(): Promise<void>
  succeeded(): Promise<void>
}

/** Counts an attempt to sign in before the password is looked at.
 * @throws EnhancedAppError SIGN_IN_DELAYED with `retryAfterSeconds` */
export async function beginSignIn(db: Queryable, facts: SignInFacts): Promise<SignInAttempt> {
  const network = facts.address === undefined ? 'none' : networkOf(facts.address)
  const person = throttleKey('person', facts.email)
  const ofNetwork = facts.deviceId === null ? throttleKey('network', network) : null
  const pair = throttleKey('pair', facts.email, facts.deviceId === null ? network : `device ${facts.deviceId}`)
  const isAttacked = facts.deviceId === null && (await countAttempts(db, person, ATTACK_MS)) >= ATTACK_FROM
  await take(db, pair, isAttacked ? PAIR_UNDER_ATTACK : PAIR)
  if (ofNetwork !== null) await take(db, ofNetwork, NETWORK)
  const giveBackNetwork = async () => {
    if (ofNetwork !== null) await returnAttempt(db, ofNetwork)
  }
  return {
    async failed() {
      await takeAttempt(db, person, COUNTED)
    },
    async wasNoGuess() {
      await returnAttempt(db, pair)
      await giveBackNetwork()
    },
    async succeeded() {
      await forgetAttempts(db, [pair])
      await giveBackNetwork()
    },
  }
}

/** Counts an attempt at a second factor.
 * @throws EnhancedAppError SIGN_IN_DELAYED */
export async function beginCode(
  db: Queryable,
  userId: string,
  deviceId: string | null,
): Promise<{ succeeded(): Promise<unknown> }> {
  const key = throttleKey('code', userId, deviceId ?? '')
  await take(db, key, CODE)
  return { succeeded: () => forgetAttempts(db, [key]) }
}

async function take(db: Queryable, key: string, pace: Pace): Promise<void> {
  const waitMs = await takeAttempt(db, key, pace)
  if (waitMs !== null) throw usersErrors.SIGN_IN_DELAYED({ retryAfterSeconds: Math.ceil(waitMs / 1_000) })
}
