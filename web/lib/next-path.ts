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
