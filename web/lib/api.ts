import createClient, { type Middleware } from 'openapi-fetch'
import type { paths } from './api-schema.d.ts'

export { ask } from './answer.ts'
export type { Answer, Problem } from './problem.ts'

/** The API, typed, from the browser: same origin, as whoever is signed in.
 * `const answer = await ask(api.GET('/api/runs/{id}', { params: { path: { id } } }))` */
export const api = createClient<paths>({ baseUrl: '', credentials: 'same-origin' })

let csrfToken: Promise<string> | undefined

/** The token that a page of this site can read and a foreign one cannot: every write by cookie carries it. */
export function csrf(): Promise<string> {
  csrfToken ??= fetchCsrfToken().catch((error: unknown) => {
    csrfToken = undefined
    throw error
  })
  return csrfToken
}

/** After signing in or out the cookie may be another. */
export function forgetCsrf(): void {
  csrfToken = undefined
}

async function fetchCsrfToken(): Promise<string> {
  const response = await fetch('/api/auth/csrf', { credentials: 'same-origin', cache: 'no-store' })
  const body: unknown = await response.json()
  if (typeof body !== 'object' || body === null || !('csrfToken' in body) || typeof body.csrfToken !== 'string')
    throw new TypeError('no token')
  return body.csrfToken
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

const sendCsrf: Middleware = {
  async onRequest({ request }) {
    if (!SAFE.has(request.method)) request.headers.set('x-csrf-token', await csrf())
    return request
  },
}
api.use(sendCsrf)
