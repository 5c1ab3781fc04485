import { z } from 'zod'
import { createBoundedCache } from '../../platform/bounded-cache.ts'
import { newCuid } from '../../platform/ids.ts'
import type { Keyring } from '../../platform/keyring.ts'
import { hashText } from '../keys.ts'
import { usersErrors } from '../users.errors.ts'
import { createSigningKeys, type Jwk } from './signing-keys.ts'

/** What a token is for, and how long it holds. `realtime` opens one socket; the connection then lives by its session. */
export const AUDIENCES = {
  api: { aud: 'bureau:api', lifeSeconds: 15 * 60 },
  realtime: { aud: 'bureau:realtime', lifeSeconds: 60 },
} as const
export type Audience = keyof typeof AUDIENCES
export const AUDIENCE_NAMES = ['api', 'realtime'] as const satisfies readonly Audience[]

const ISSUER = 'bureau'

const claims = z.strictObject({
  iss: z.literal(ISSUER),
  aud: z.string(),
  sub: z.string().regex(/^user:[a-z0-9]+$/),
  sid: z.string().regex(/^[a-z0-9]{20,40}$/),
  iat: z.int(),
  exp: z.int(),
  jti: z.string(),
})
export type Claims = z.infer<typeof claims>

export type ClientTokens = {
  /** @returns the token and the second since 1970 at which it ends */
  issue(
    about: { readonly userId: string; readonly sessionId: string },
    audience: Audience,
    nowMs: number,
  ): { readonly token: string; readonly exp: number }
  /** The claims of a token that we signed for this audience and that has not expired. Whether its session still stands
   * is not looked at here.
   * @throws EnhancedAppError TOKEN_INVALID, TOKEN_EXPIRED */
  verify(token: string, audience: Audience, nowMs: number): Claims
  /** Public keys, the one in use first. */
  readonly jwks: { readonly keys: readonly Jwk[] }
}

/** Longer than any of ours. */
const MAX_TOKEN_LENGTH = 1_024
/** Signatures that were found good: checking one takes 0.1 ms, looking it up a hundredth of that. */
const MAX_VERIFIED = 10_000

/** Client tokens, signed with a key of their own (signing-keys.ts). */
export function createClientTokens(keyring: Keyring): ClientTokens {
  const keys = createSigningKeys(keyring, 'client tokens')
  const verified = createBoundedCache<Claims>(MAX_VERIFIED)

  function verifiedClaims(token: string): Claims {
    const cacheKey = hashText(token)
    const known = verified.get(cacheKey)
    if (known !== undefined) return known
    const parsed = claims.safeParse(keys.open(token))
    if (!parsed.success) throw usersErrors.TOKEN_INVALID({}, { cause: parsed.error })
    verified.set(cacheKey, parsed.data)
    return parsed.data
  }

  return {
    issue({ userId, sessionId }, audience, nowMs) {
      const { aud, lifeSeconds } = AUDIENCES[audience]
      const iat = Math.floor(nowMs / 1_000)
      const exp = iat + lifeSeconds
      const payload: Claims = { iss: ISSUER, aud, sub: `user:${userId}`, sid: sessionId, iat, exp, jti: newCuid() }
      return { token: keys.sign(payload), exp }
    },
    verify(token, audience, nowMs) {
      if (token.length > MAX_TOKEN_LENGTH) throw usersErrors.TOKEN_INVALID()
      const found = verifiedClaims(token)
      if (found.aud !== AUDIENCES[audience].aud) throw usersErrors.TOKEN_INVALID()
      if (nowMs >= found.exp * 1_000) throw usersErrors.TOKEN_EXPIRED()
      return found
    },
    jwks: { keys: keys.jwks },
  }
}
