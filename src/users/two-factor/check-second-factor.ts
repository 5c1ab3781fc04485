import type { JobSender } from '../../jobs/index.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Database } from '../../platform/database.ts'
import type { Keyring } from '../../platform/keyring.ts'
import { recordAudit, type Origin } from '../audit.ts'
import { FIND_OWN_ACCOUNT } from '../users.queries.ts'
import { usersErrors } from '../users.errors.ts'
import { sendMailJob } from '../users.jobs.ts'
import { FIND_TOTP, TAKE_RECOVERY_CODE, TAKE_STEP } from './two-factor.queries.ts'
import { hashRecoveryCode } from './recovery-codes.ts'
import { stepOfCode } from './totp.ts'

export type SecondFactorDeps = {
  readonly db: Database
  readonly jobs: JobSender
  readonly keyring: Keyring
  readonly clock: Clock
}

/** Takes a code of the authenticator, or a recovery code: each once, whoever sends it first.
 * SECURITY: attempts are counted by the caller.
 * @param code six digits, or sixteen letters and digits
 * @throws EnhancedAppError CODE_INVALID, TWO_FACTOR_OFF */
export async function checkSecondFactor(
  deps: SecondFactorDeps,
  userId: string,
  code: string,
  origin: Origin,
): Promise<void> {
  const isTaken =
    code.length === 6 ? await takeTotpCode(deps, userId, code) : await takeRecoveryCode(deps, userId, code, origin)
  if (!isTaken) throw usersErrors.CODE_INVALID({ fields: [{ path: '/code', message: 'is wrong, or was used before' }] })
}

async function takeTotpCode({ db, keyring, clock }: SecondFactorDeps, userId: string, code: string): Promise<boolean> {
  const [row] = await db.query(FIND_TOTP, [userId])
  if (row === undefined || !row.isOn || row.secret === null) throw usersErrors.TWO_FACTOR_OFF()
  const step = stepOfCode(openTotpSecret(keyring, userId, row.secret), code, clock.nowMs())
  return step !== null && (await db.execute(TAKE_STEP, [userId, step])) === 1
}

async function takeRecoveryCode(
  deps: SecondFactorDeps,
  userId: string,
  code: string,
  origin: Origin,
): Promise<boolean> {
  return deps.db.transaction(async (tx) => {
    if ((await tx.execute(TAKE_RECOVERY_CODE, [userId, hashRecoveryCode(code)])) === 0) return false
    const [own] = await tx.query(FIND_OWN_ACCOUNT, [userId])
    const subject = `user:${userId}`
    await recordAudit(
      tx,
      { actor: subject, accountId: own?.accountId ?? null, action: 'recovery_code.used', subject },
      origin,
    )
    await sendMailJob.enqueue({ jobs: deps.jobs, tx }, { kind: 'notice', notice: 'recovery_code_used', userId })
    return true
  })
}

const PURPOSE = 'totp'

export const sealTotpSecret = (keyring: Keyring, userId: string, secret: Uint8Array): Buffer =>
  keyring.seal(PURPOSE, `user:${userId}`, secret)

/** @throws Error where the site's secret was changed and the old one is not named any more */
export function openTotpSecret(keyring: Keyring, userId: string, sealed: Uint8Array): Buffer {
  const secret = keyring.open(PURPOSE, `user:${userId}`, sealed)
  if (secret === null) throw new Error('a two-factor secret was sealed under a secret that this site does not know')
  return secret
}
