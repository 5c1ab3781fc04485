/** Where to go after signing in, if it is a page of this site. Whoever makes a link chooses this text, so anything that a
 * browser could take for another site leads home instead: `//host`, `/\host`, a scheme, control characters. */
export function nextPath(asked: string | null | undefined, otherwise = '/home'): string {
  if (asked === null || asked === undefined || !asked.startsWith('/') || asked.length > 2_000) return otherwise
  // A backslash is a slash to browsers, and they drop tabs and line ends.
  if (/[\\\p{Cc}]/u.test(asked) || asked.startsWith('//')) return otherwise
  return /^\/(sign-in|register|api\/)/.test(asked) ? otherwise : asked
}

/** The page to sign in at, that leads back to `path`. */
export const signInPath = (path: string): string => `/sign-in?next=${encodeURIComponent(path)}`

/** NextAuth says where to return to as a whole address; only its path is followed, so never to another site. */
export function localPath(address: string | undefined): string | undefined {
  if (address === undefined || !URL.canParse(address)) return address
  const { pathname, search } = new URL(address)
  return pathname + search
}

/** Where somebody comes back to who connects another site's account to their own. That they go there is what tells the two
 * apart: signing in, and connecting. */
export const connectPath = (provider: string): string => `${CONNECT}${encodeURIComponent(provider)}`
export const isConnectPath = (path: string): boolean => path.startsWith(CONNECT)
const CONNECT = '/account?connected='
