import { api, ask, csrf, forgetCsrf } from './api.ts'
import { isRecord } from './is-record.ts'
import { offline, type Problem } from './problem.ts'
import { signInProblem } from './sign-in-words.ts'
import { noteSigningOut } from './signed-out.ts'

/** Signing in and out of the browser session, which NextAuth keeps in a cookie that no script can read. Its protocol is
 * spoken here directly: `next-auth/react` would bring a provider and a poll of its own onto every page. */

export type SignInAnswer = { readonly ok: true } | { readonly ok: false; readonly problem: Problem }

/** Signs in by password. `TWO_FACTOR_REQUIRED` asks for the same again with a code. */
export const signInWithPassword = (given: {
  readonly email: string
  readonly password: string
  readonly code?: string
}): Promise<SignInAnswer> => signInByForm(given)

/** Goes on where another site has vouched for somebody who has a second factor here. */
export const signInWithCode = (code: string): Promise<SignInAnswer> => signInByForm({ step: 'code', code })

async function signInByForm(given: Readonly<Record<string, string>>): Promise<SignInAnswer> {
  try {
    const { url } = await post('callback/credentials', { ...given, callbackUrl: '/' })
    const error = url === null ? 'UNKNOWN' : new URL(url, window.location.origin).searchParams.get('error')
    if (error !== null) return { ok: false, problem: signInProblem(error) }
    forgetCsrf()
    return { ok: true }
  } catch (error) {
    return { ok: false, problem: unreachable(error) }
  }
}

/** Goes to another site to sign in there, and comes back to `next`. */
export async function signInWith(providerId: string, next: string): Promise<Problem | null> {
  try {
    const { url } = await post(`signin/${encodeURIComponent(providerId)}`, { callbackUrl: next })
    if (url === null) return signInProblem('OAuthSignin')
    window.location.assign(url)
    return null
  } catch (error) {
    return unreachable(error)
  }
}

/** Signs out: the session ends everywhere it is known, then the cookie goes. */
export async function signOutHere(next: string): Promise<void> {
  noteSigningOut()
  await ask(api.DELETE('/api/sessions/current'))
  try {
    await post('signout', { callbackUrl: next })
  } catch (error) {
    // The session has ended all the same: the cookie is worth nothing, and the next page finds that out.
    if (!(error instanceof TypeError)) throw error
  }
  forgetCsrf()
  window.location.assign(next)
}

/** Other sites by which one can sign in here. Without an answer the password still works, so none are offered. */
export async function listProviders(signal: AbortSignal): Promise<readonly { id: string; name: string }[]> {
  try {
    const response = await fetch('/api/auth/providers', { signal })
    const body: unknown = response.ok ? await response.json() : null
    if (!isRecord(body)) return []
    return Object.values(body).flatMap((provider) =>
      isRecord(provider) &&
      provider['type'] !== 'credentials' &&
      typeof provider['id'] === 'string' &&
      typeof provider['name'] === 'string'
        ? [{ id: provider['id'], name: provider['name'] }]
        : [],
    )
  } catch (error) {
    if (error instanceof TypeError || signal.aborted) return []
    throw error
  }
}

async function post(action: string, fields: Readonly<Record<string, string>>): Promise<{ url: string | null }> {
  const response = await fetch(`/api/auth/${action}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ ...fields, csrfToken: await csrf(), json: 'true' }),
    credentials: 'same-origin',
  })
  const body: unknown = await response.json().catch(() => null)
  return { url: isRecord(body) && typeof body['url'] === 'string' ? body['url'] : null }
}

function unreachable(error: unknown): Problem {
  // `fetch` rejects with a TypeError when there was no answer; anything else is a fault of ours.
  if (error instanceof TypeError) return offline
  throw error
}
