import { randomBytes } from 'node:crypto'
import { hashSecret } from '../keys.ts'

const COUNT = 10
/** 80 bits: more than anybody could try against a fast hash, so that a slow one would protect nothing. */
const BYTES = 10
/** RFC 4648, letters lowered: no 0, 1, 8 or 9 to be mistaken for a letter. */
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'

export type RecoveryCodes = {
  /** As they are shown, once: `abcd-efgh-ijkl-mnop`. */
  readonly texts: readonly string[]
  readonly hashes: readonly Buffer[]
}

export function makeRecoveryCodes(): RecoveryCodes {
  const codes = Array.from({ length: COUNT }, () => base32(randomBytes(BYTES)))
  return { texts: codes.map((code) => code.replaceAll(/(.{4})(?=.)/g, '$1-')), hashes: codes.map(hashRecoveryCode) }
}

/** @param code without dashes, letters lowered */
export const hashRecoveryCode = (code: string): Buffer => hashSecret(`recovery ${code}`)

function base32(bytes: Buffer): string {
  let text = ''
  let value = 0
  let bits = 0
  for (const byte of bytes) {
    value = (value << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += ALPHABET[(value >>> bits) & 31] ?? ''
      value &= (1 << bits) - 1
    }
  }
  return text
}
