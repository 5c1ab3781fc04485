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
  | OutsideOrder

type Identity = {
  readonly provider: string
  readonly subject: string
  readonly email: string
  readonly emailVerified: boolean
  readonly name: string
}
export type OutsideOrder = Identity & { readonly code?: string; readonly device?: string }

/** Opens a session at the API for the visitor whose request this is. Only the API knows passwords and people.
 * @param asked headers of the visitor's request */
export async function openSession(order: SignInOrder, asked: Pick<Headers, 'get'>): Promise<Answer<OpenedSession>> {
  const answer = await post('provider' in order ? '/api/sessions/external' : '/api/sessions', order, asked)
  return answer.ok ? { ok: true, data: signedIn.parse(answer.data) } : answer
}

/** Lets another site's word sign in the person whose session this is.
 * @param asked headers of the visitor's request */
export const connectIdentity = (
  bearer: string,
  identity: Identity,
  asked: Pick<Headers, 'get'>,
): Promise<Answer<unknown>> => post('/api/identities', identity, asked, { authorization: `Bearer ${bearer}` })

async function post(
  path: string,
  body: object,
  asked: Pick<Headers, 'get'>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer<unknown>> {
  let response: Response
  try {
    response = await fetch(new URL(path, apiUrl()), {
      method: 'POST',
      headers: { ...visitorHeaders(asked), ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      cache: 'no-store',
      signal: AbortSignal.timeout(15_000),
    })
  } catch {
    // Refused or too late: the API restarts, or is overloaded.
    return { ok: false, problem: offline }
  }
  const said: unknown = await response.json().catch(() => null) // Nothing to say, or somebody in between answered with a page.
  return response.ok ? { ok: true, data: said } : { ok: false, problem: readProblem(said, response) }
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
