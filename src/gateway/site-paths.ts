/** What NextAuth answers itself, below /api/auth/. Everything else below /api/ is the API's, and never reaches the site. */
const NEXTAUTH_ACTIONS = [
  'signin',
  'signout',
  'callback',
  'session',
  'csrf',
  'providers',
  'error',
  'verify-request',
  '_log',
]
const NEXTAUTH = new RegExp(`^/api/auth/(?:${NEXTAUTH_ACTIONS.join('|')})(?:/[\\w-]{1,64})?$`)

/** First parts of paths that the server answers itself. What is unknown below them is a coded 404, not a page. */
const OURS = new Set(['api', 'docs', 'metrics', 'setup', '.well-known', 'socket.io'])

/** Whether the site answers this path. */
export function isOfSite(path: string): boolean {
  if (NEXTAUTH.test(path)) return true
  // As the router of the API reads it: a second slash or an encoded letter makes it somebody else's path there as well.
  const first = path.split('/', 2)[1] ?? ''
  return !OURS.has(first.toLowerCase())
}
