import { isIP } from 'node:net'
import { z } from 'zod'
import type { Keyring } from '../../platform/keyring.ts'
import { usersErrors } from '../users.errors.ts'
import { createSigningKeys } from './signing-keys.ts'

const claims = z.strictObject({
  iss: z.literal('bureau'),
  aud: z.literal('bureau:site'),
  iat: z.int(),
  exp: z.int(),
})

/** Longer than any that the site makes. */
const MAX_LENGTH = 512
const MAX_LIFE_SECONDS = 120
/** Clocks of two machines. */
const LEEWAY_SECONDS = 30

/** Tells the site's calls from everybody else's, which come over the same address: a token in `Bureau-Site` that the site
 * signs with a key from the same secret (web/lib/service-credential.ts). It opens nothing by itself. */
export type SiteCredential = {
  /** @throws EnhancedAppError TOKEN_INVALID, TOKEN_EXPIRED: another secret, or a clock that is wrong */
  check(token: string, nowMs: number): void
}

export function createSiteCredential(keyring: Keyring): SiteCredential {
  const keys = createSigningKeys(keyring, 'site service')
  return {
    check(token, nowMs) {
      const parsed = claims.safeParse(token.length > MAX_LENGTH ? null : keys.open(token))
      if (!parsed.success) throw usersErrors.TOKEN_INVALID({}, { cause: parsed.error })
      const { iat, exp } = parsed.data
      const now = nowMs / 1_000
      if (exp - iat > MAX_LIFE_SECONDS || iat > now + LEEWAY_SECONDS) throw usersErrors.TOKEN_INVALID()
      if (now >= exp + LEEWAY_SECONDS) throw usersErrors.TOKEN_EXPIRED()
    },
  }
}

/** The visitor's address as the site names it in `Bureau-Visitor`, or null. Only after {@link SiteCredential.check}. */
export const visitorAddress = (header: string | string[] | undefined): string | null =>
  typeof header === 'string' && isIP(header) !== 0 ? header : null
