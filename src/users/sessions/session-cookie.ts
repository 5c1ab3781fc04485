import { createHash, timingSafeEqual } from 'node:crypto'
import { createRequire } from 'node:module'
import { z } from 'zod'
import { createBoundedCache } from '../../platform/bounded-cache.ts'
import type { Clock } from '../../platform/clock.ts'
import { hashText } from '../keys.ts'

/** What the site puts into a browser's session (web/lib/auth-options.ts). */
const claims = z.object({ bearer: z.string().max(200), exp: z.number() })
type Claims = z.infer<typeof claims>

/** The cookies that NextAuth sets in the site, as the API reads them. This file alone knows how NextAuth writes them:
 * whoever replaces it writes another one of this type. */
export type SessionCookies = {
  /** The session's secret, `bus_…`; null without a cookie, or with one that is not ours or has expired. */
  bearerOf(header: string): string | null | Promise<string | null>
  /** Whether a page of ours made this request: `given` is the token that only such a page can read. */
  isCsrfToken(header: string, given: string): boolean
}

/** The one function of NextAuth's that the server uses, loaded by the first person who is signed in. By `require`, because
 * its types bring Next.js's along, which declare Node's environment anew for the whole project. */
const nextAuth = (): { decode(sealed: { token: string; secret: string }): Promise<unknown> } => load('next-auth/jwt')
const load = createRequire(import.meta.url)

/** Decrypting a cookie takes 0.15 ms, looking it up a fiftieth of that. */
const MAX_KEPT = 10_000
const MAX_COOKIE_LENGTH = 4_096

/** @param options.secrets the one in use first   @param options.isSecure whether people come by https */
export function createSessionCookies(
  deps: { readonly clock: Clock },
  options: { readonly secrets: readonly string[]; readonly isSecure: boolean },
): SessionCookies {
  const { secrets, isSecure } = options
  const sessionName = `${isSecure ? '__Secure-' : ''}next-auth.session-token`
  const csrfName = `${isSecure ? '__Host-' : ''}next-auth.csrf-token`
  const kept = createBoundedCache<Claims>(MAX_KEPT)

  const standing = ({ bearer, exp }: Claims): string | null => (deps.clock.nowMs() < exp * 1_000 ? bearer : null)

  async function open(cookie: string, key: string): Promise<string | null> {
    for (const secret of secrets) {
      const parsed = claims.safeParse(
        await nextAuth()
          .decode({ token: cookie, secret })
          .catch(() => null), // Another secret's, changed, expired, or no token.
      )
      if (!parsed.success) continue
      kept.set(key, parsed.data)
      return standing(parsed.data)
    }
    return null
  }

  return {
    bearerOf(header) {
      const cookie = readCookie(header, sessionName)
      if (cookie === null || cookie.length > MAX_COOKIE_LENGTH) return null
      const key = hashText(cookie)
      const known = kept.get(key)
      return known === undefined ? open(cookie, key) : standing(known)
    },
    isCsrfToken(header, given) {
      const cookie = decoded(readCookie(header, csrfName) ?? '')
      const [token = '', hash = ''] = cookie.split('|')
      // Signed by us: a neighbour under the same domain can set cookies, but not this one.
      const isOurs = secrets.some((secret) =>
        isEqual(hash, createHash('sha256').update(`${token}${secret}`).digest('hex')),
      )
      return isOurs && token.length > 0 && isEqual(token, given)
    },
  }
}

/** The first cookie of a name. Names of ours hold nothing that would have to be decoded. */
export function readCookie(header: string, name: string): string | null {
  for (const part of header.split(';')) {
    const at = part.indexOf('=')
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim()
  }
  return null
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // Not what we set.
    return ''
  }
}

function isEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.byteLength === right.byteLength && timingSafeEqual(left, right)
}
