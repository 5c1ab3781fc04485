import 'server-only'
import { z } from 'zod'
import { apiUrl } from './environment.mjs'
import { offline, readProblem, type Answer } from './problem.ts'
import { visitorHeaders } from './service-credential.ts'

const signedIn = z.object({
  token: z.string(),
  sessionId: z.string(),
  userId: z.string(),
  device: z.string().optional(),
})
export type OpenedSession = z.infer<typeof signedIn>

/** What somebody signs in with: a password, or another site's word for who they are. */
export type SignInOrder =
  | { readonly email: string; readonly password: string; readonly code?: string; readonly device?: string }
  | {
      readonly provider: string
      readonly subject: string
      readonly email: string
      readonly emailVerified: boolean
      readonly name: string
    }

/** Opens a session at the API for the visitor whose request this is. Only the API knows passwords and people.
 * @param asked headers of the visitor's request */
export async function openSession(order: SignInOrder, asked: Pick<Headers, 'get'>): Promise<Answer<OpenedSession>> {
  const path = 'provider' in order ? '/api/sessions/external' : '/api/sessions'
  let response: Response
  try {
    response = await fetch(new URL(path, apiUrl()), {
      method: 'POST',
      headers: { ...visitorHeaders(asked), 'content-type': 'application/json' },
      body: JSON.stringify(order),
      cache: 'no-store',
      signal: AbortSignal.timeout(15_000),
    })
  } catch {
    // Refused or too late: the API restarts, or is overloaded.
    return { ok: false, problem: offline }
  }
  const body: unknown = await response.json().catch(() => null) // Somebody in between answered with a page.
  if (!response.ok) return { ok: false, problem: readProblem(body, response) }
  return { ok: true, data: signedIn.parse(body) }
}

/** Whether the session still stands, and whose it is. */
export async function standingSession(bearer: string): Promise<'open' | 'ended'> {
  const response = await fetch(new URL('/api/me', apiUrl()), {
    headers: { authorization: `Bearer ${bearer}` },
    cache: 'no-store',
    signal: AbortSignal.timeout(5_000),
  })
  await response.body?.cancel()
  return response.status === 401 ? 'ended' : 'open'
}

/** Ends the session at the API; one that has ended already is fine. */
export async function closeSession(bearer: string): Promise<void> {
  const response = await fetch(new URL('/api/sessions/current', apiUrl()), {
    method: 'DELETE',
    headers: { authorization: `Bearer ${bearer}` },
    signal: AbortSignal.timeout(5_000),
  })
  await response.body?.cancel()
}
