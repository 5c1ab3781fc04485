import type { FastifyRequest } from 'fastify'

/** Pages that are the same for everybody who is not signed in. What they say of one visitor alone they ask for in the
 * browser. */
const PUBLIC = [/^\/$/, /^\/agents$/, /^\/agents\/[^/]+\/[^/]+$/, /^\/creators\/[^/]+$/, /^\/terms$/, /^\/privacy$/]

/** Longer ones are nobody's link, and would only fill the memory. */
const MAX_ADDRESS = 600

/** Whether a kept page may answer: a whole public page, asked for by a browser in which nobody is signed in. */
export function mayBeKept(req: Pick<FastifyRequest, 'method' | 'url' | 'headers'>): boolean {
  const { method, url, headers } = req
  if ((method !== 'GET' && method !== 'HEAD') || url.length > MAX_ADDRESS) return false
  // Parts of pages, which the site's own scripts ask for while somebody moves about.
  if (headers['rsc'] !== undefined || headers['next-action'] !== undefined || url.includes('_rsc=')) return false
  if (headers.authorization !== undefined || (headers.cookie ?? '').includes('next-auth.session-token')) return false
  const path = url.split('?', 1)[0] ?? ''
  return PUBLIC.some((pattern) => pattern.test(path))
}
