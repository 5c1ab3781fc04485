import { createHash, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import { createBoundedCache } from '../../platform/bounded-cache.ts'
import { newCuid } from '../../platform/ids.ts'
import type { Keyring } from '../../platform/keyring.ts'
import { hashText } from '../keys.ts'
import { usersErrors } from '../users.errors.ts'

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

export type Jwk = {
  readonly kty: 'OKP'
  readonly crv: 'Ed25519'
  readonly x: string
  readonly kid: string
  readonly use: 'sig'
  readonly alg: 'EdDSA'
}

type SigningKey = {
  readonly kid: string
  readonly head: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  readonly jwk: Jwk
}

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

/** Client tokens: JWT (RFC 7519), EdDSA with Ed25519 (RFC 8037), keys derived from the site's secret, so that every
 * process signs and verifies alike with nothing stored (docs/adr/0006-sessions-and-client-tokens.md).
 *
 * Not a JWT library: those read the header to decide how to verify, which is where `none`, HMAC with the public key, and
 * foreign `jku` and `kid` come in. Here a token has to begin with the very bytes of one of our own headers, each of which
 * stands for one key and one algorithm; what another header says is never read. */
export function createClientTokens(keyring: Keyring): ClientTokens {
  const keys = keyring.derive('client tokens').map(signingKey)
  const byHead = new Map(keys.map((key) => [key.head, key]))
  const [current] = keys
  if (current === undefined) throw new RangeError('client tokens need a key')
  const verified = createBoundedCache<Claims>(MAX_VERIFIED)

  function verifiedClaims(token: string): Claims {
    const cacheKey = hashText(token)
    const known = verified.get(cacheKey)
    if (known !== undefined) return known
    const found = readToken(token, byHead)
    verified.set(cacheKey, found)
    return found
  }

  return {
    issue({ userId, sessionId }, audience, nowMs) {
      const { aud, lifeSeconds } = AUDIENCES[audience]
      const iat = Math.floor(nowMs / 1_000)
      const exp = iat + lifeSeconds
      const payload: Claims = { iss: ISSUER, aud, sub: `user:${userId}`, sid: sessionId, iat, exp, jti: newCuid() }
      const signed = `${current.head}.${encode(JSON.stringify(payload))}`
      const signature = sign(null, Buffer.from(signed), current.privateKey).toString('base64url')
      return { token: `${signed}.${signature}`, exp }
    },
    verify(token, audience, nowMs) {
      if (token.length > MAX_TOKEN_LENGTH) throw usersErrors.TOKEN_INVALID()
      const found = verifiedClaims(token)
      if (found.aud !== AUDIENCES[audience].aud) throw usersErrors.TOKEN_INVALID()
      if (nowMs >= found.exp * 1_000) throw usersErrors.TOKEN_EXPIRED()
      return found
    },
    jwks: { keys: keys.map((key) => key.jwk) },
  }
}

function readToken(token: string, byHead: ReadonlyMap<string, SigningKey>): Claims {
  const [head = '', body = '', signature = '', ...rest] = token.split('.')
  const key = byHead.get(head)
  if (key === undefined || rest.length > 0) throw usersErrors.TOKEN_INVALID()
  const bytes = Buffer.from(signature, 'base64url')
  // Base64 has several spellings of the same bytes; ours is the only one taken.
  const isCanonical = bytes.toString('base64url') === signature
  if (!isCanonical || !verify(null, Buffer.from(`${head}.${body}`), key.publicKey, bytes))
    throw usersErrors.TOKEN_INVALID()
  const parsed = claims.safeParse(JSON.parse(Buffer.from(body, 'base64url').toString('utf8')))
  if (!parsed.success) throw usersErrors.TOKEN_INVALID({}, { cause: parsed.error })
  return parsed.data
}

const encode = (text: string): string => Buffer.from(text).toString('base64url')

/** RFC 8410: what stands before the 32 bytes of an Ed25519 key in PKCS #8. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex')

function signingKey(seed: Buffer): SigningKey {
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), format: 'der', type: 'pkcs8' })
  const publicKey = createPublicKey(privateKey)
  const { x = '' } = publicKey.export({ format: 'jwk' })
  // RFC 7638: members in this order.
  const kid = createHash('sha256').update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest('base64url')
  const head = encode(JSON.stringify({ alg: 'EdDSA', typ: 'JWT', kid }))
  return { kid, head, privateKey, publicKey, jwk: { kty: 'OKP', crv: 'Ed25519', x, kid, use: 'sig', alg: 'EdDSA' } }
}
