import type { Transaction } from '../../platform/database.ts'
import { recordAudit, type AuditAction, type Origin } from '../audit.ts'
import { requireSession } from '../authorize.ts'
import { confirmPerson } from '../people/confirm-person.ts'
import type { Passwords } from '../people/passwords.ts'
import type { Principal } from '../principal.ts'
import { REVOKE_SESSIONS } from '../sessions/sessions.queries.ts'
import { beginCode } from '../sessions/sign-in-attempts.ts'
import { usersErrors } from '../users.errors.ts'
import { sendMailJob, type Notice } from '../users.jobs.ts'
import { checkSecondFactor, openTotpSecret, sealTotpSecret, type SecondFactorDeps } from './check-second-factor.ts'
import { makeRecoveryCodes } from './recovery-codes.ts'
import { makeTotpSecret, stepOfCode, totpSecretText, totpUri } from './totp.ts'
import {
  CONFIRM_TOTP,
  COUNT_RECOVERY_CODES,
  FIND_TOTP,
  INSERT_RECOVERY_CODES,
  OFFER_TOTP,
  REMOVE_RECOVERY_CODES,
  SWITCH_OFF_TOTP,
} from './two-factor.queries.ts'
import type { ConfirmedOrder, OfferedSecret, TwoFactorView } from './two-factor.schema.ts'

export type TwoFactorDeps = SecondFactorDeps & { readonly passwords: Passwords }

const SITE = 'Bureau'

/** Whether two-factor is on, and how many recovery codes are left. @throws EnhancedAppError SESSION_REQUIRED */
export async function getTwoFactor({ db }: Pick<TwoFactorDeps, 'db'>, principal: Principal): Promise<TwoFactorView> {
  const { userId } = requireSession(principal)
  const [totp] = await db.query(FIND_TOTP, [userId])
  const [codes] = await db.query(COUNT_RECOVERY_CODES, [userId])
  return { isOn: totp?.isOn ?? false, recoveryCodesLeft: codes?.left ?? 0 }
}

/** Offers a secret for the authenticator. It is not asked for before its first code was sent back.
 * @throws EnhancedAppError SESSION_REQUIRED, PASSWORD_WRONG, SIGN_IN_DELAYED, TWO_FACTOR_ON */
export async function offerTwoFactor(
  deps: TwoFactorDeps,
  principal: Principal,
  password: string,
): Promise<OfferedSecret> {
  const person = await confirmPerson(deps, principal, password)
  const secret = makeTotpSecret()
  const offered = await deps.db.execute(OFFER_TOTP, [person.id, sealTotpSecret(deps.keyring, person.id, secret)])
  if (offered === 0) throw usersErrors.TWO_FACTOR_ON()
  return { secret: totpSecretText(secret), uri: totpUri(secret, SITE, person.email) }
}

/** Switches two-factor on by the first code, and gives the recovery codes, shown this once. Every other session ends: one
 * that somebody else holds was made without the second factor.
 * @throws EnhancedAppError SESSION_REQUIRED, TWO_FACTOR_ON, TWO_FACTOR_OFF without an offer, CODE_INVALID, SIGN_IN_DELAYED */
export async function confirmTwoFactor(
  deps: TwoFactorDeps,
  principal: Principal,
  code: string,
  origin: Origin,
): Promise<readonly string[]> {
  const { userId, sessionId } = requireSession(principal)
  const [row] = await deps.db.query(FIND_TOTP, [userId])
  if (row === undefined || row.secret === null) throw usersErrors.TWO_FACTOR_OFF()
  if (row.isOn) throw usersErrors.TWO_FACTOR_ON()
  const attempt = await beginCode(deps.db, userId, sessionId)
  const step = stepOfCode(openTotpSecret(deps.keyring, userId, row.secret), code, deps.clock.nowMs())
  if (step === null) throw usersErrors.CODE_INVALID({ fields: [{ path: '/code', message: 'is wrong' }] })
  await attempt.succeeded()
  return deps.db.transaction(async (tx) => {
    if ((await tx.execute(CONFIRM_TOTP, [userId, row.secret, step])) === 0) throw usersErrors.TWO_FACTOR_ON()
    const texts = await renewCodes(tx, userId)
    await tx.execute(REVOKE_SESSIONS, [userId, sessionId])
    await tell(deps, tx, { principal, userId, action: 'two_factor.enabled', notice: 'two_factor_enabled' }, origin)
    return texts
  })
}

/** Switches two-factor off, with both factors.
 * @throws EnhancedAppError SESSION_REQUIRED, PASSWORD_WRONG, CODE_INVALID, SIGN_IN_DELAYED, TWO_FACTOR_OFF */
export async function disableTwoFactor(
  deps: TwoFactorDeps,
  principal: Principal,
  order: ConfirmedOrder,
  origin: Origin,
): Promise<void> {
  const userId = await confirmBoth(deps, principal, order, origin)
  await deps.db.transaction(async (tx) => {
    if ((await tx.execute(SWITCH_OFF_TOTP, [userId])) === 0) throw usersErrors.TWO_FACTOR_OFF()
    await tx.execute(REMOVE_RECOVERY_CODES, [userId])
    await tell(deps, tx, { principal, userId, action: 'two_factor.disabled', notice: 'two_factor_disabled' }, origin)
  })
}

/** Ten new recovery codes; the old ones work no more.
 * @throws EnhancedAppError as {@link disableTwoFactor} */
export async function renewRecoveryCodes(
  deps: TwoFactorDeps,
  principal: Principal,
  order: ConfirmedOrder,
  origin: Origin,
): Promise<readonly string[]> {
  const userId = await confirmBoth(deps, principal, order, origin)
  return deps.db.transaction(async (tx) => {
    const texts = await renewCodes(tx, userId)
    await tell(deps, tx, { principal, userId, action: 'recovery_codes.made', notice: null }, origin)
    return texts
  })
}

async function confirmBoth(
  deps: TwoFactorDeps,
  principal: Principal,
  order: ConfirmedOrder,
  origin: Origin,
): Promise<string> {
  const person = await confirmPerson(deps, principal, order.password)
  const [row] = await deps.db.query(FIND_TOTP, [person.id])
  if (row === undefined || !row.isOn) throw usersErrors.TWO_FACTOR_OFF()
  const attempt = await beginCode(deps.db, person.id, person.sessionId)
  await checkSecondFactor(deps, person.id, order.code, origin)
  await attempt.succeeded()
  return person.id
}

async function renewCodes(tx: Transaction, userId: string): Promise<readonly string[]> {
  const codes = makeRecoveryCodes()
  await tx.execute(REMOVE_RECOVERY_CODES, [userId])
  await tx.execute(INSERT_RECOVERY_CODES, [userId, codes.hashes])
  return codes.texts
}

async function tell(
  { jobs }: TwoFactorDeps,
  tx: Transaction,
  fact: {
    readonly principal: Principal
    readonly userId: string
    readonly action: AuditAction
    readonly notice: Notice | null
  },
  origin: Origin,
): Promise<void> {
  const { principal, userId, action, notice } = fact
  await recordAudit(
    tx,
    { actor: principal.id, accountId: principal.accountId, action, subject: `user:${userId}` },
    origin,
  )
  if (notice !== null) await sendMailJob.enqueue({ jobs, tx }, { kind: 'notice', notice, userId })
}
