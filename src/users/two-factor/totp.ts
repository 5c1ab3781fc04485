import { randomBytes } from 'node:crypto'
import { generateURI, ScureBase32Plugin, verifySync } from 'otplib'

/** RFC 6238 as every authenticator has it: HMAC-SHA1, six digits, steps of 30 s. */
const STEP_SECONDS = 30
/** RFC 4226, section 4: as long as the hash. */
const SECRET_BYTES = 20

const base32 = new ScureBase32Plugin()

export const makeTotpSecret = (): Buffer => randomBytes(SECRET_BYTES)

/** A secret as people type it into an authenticator that cannot see the picture. */
export const totpSecretText = (secret: Uint8Array): string => base32.encode(secret, { padding: false })

/** What the QR code holds. @param site shown in the authenticator, with the person's address */
export const totpUri = (secret: Uint8Array, site: string, email: string): string =>
  generateURI({ issuer: site, label: email, secret: totpSecretText(secret) })

/** The step that a code belongs to: the current one, the one before or the one after it, because clocks differ.
 * @param code six digits   @returns steps of 30 s since 1970, or null if the code is of none of them */
export function stepOfCode(secret: Uint8Array, code: string, nowMs: number): bigint | null {
  const epoch = Math.floor(nowMs / 1_000)
  const result = verifySync({ secret, token: code, epoch, epochTolerance: STEP_SECONDS })
  return result.valid ? BigInt(Math.floor(epoch / STEP_SECONDS) + result.delta) : null
}
