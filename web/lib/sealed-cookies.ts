import 'server-only'
import { decode, encode, type JWT } from 'next-auth/jwt'
import { publicUrl, secrets } from './environment.mjs'

/** Whether people come by https. Cookies are then named so that a browser takes them from nowhere else. */
export const isSecure = (): boolean => publicUrl()?.startsWith('https:') ?? false

/** How NextAuth calls one of its cookies here. */
export const authCookie = (name: 'session-token' | 'callback-url'): string =>
  `${isSecure() ? '__Secure-' : ''}next-auth.${name}`

/** A cookie of ours that no script reads and no neighbour under the same domain sets. */
export const ownCookie = (name: string): string => `${isSecure() ? '__Host-' : ''}bureau.${name}`

/** @param maxAge seconds */
export const ownCookieOptions = (maxAge: number) =>
  ({ httpOnly: true, sameSite: 'lax', secure: isSecure(), path: '/', maxAge }) as const

/** @param use what it is sealed for: nothing else opens it, a session's cookie least of all   @param maxAge seconds */
export const seal = (use: string, token: JWT, maxAge: number): Promise<string> =>
  encode({ token, secret: secrets()[0] ?? '', salt: use, maxAge })

/** Null for what is of another use, expired or not ours. What was sealed with a secret before the last change still opens. */
export async function unseal(token: string | undefined, use = ''): Promise<JWT | null> {
  if (token === undefined) return null
  for (const secret of secrets()) {
    const opened = await decode({ token, secret, salt: use }).catch(() => null) // Of another secret, expired, or no token.
    if (opened !== null) return opened
  }
  return null
}
