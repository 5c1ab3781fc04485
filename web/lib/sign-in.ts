import { signIn, signOut } from 'next-auth/react'
import { forgetCsrf } from './api.ts'
import { offline, readProblem, type Answer } from './problem.ts'

/** Signs in by password, in this browser. Answers with the API's own problem: `TWO_FACTOR_REQUIRED` asks for `code`. */
export async function signInWithPassword(given: {
  readonly email: string
  readonly password: string
  readonly code?: string
}): Promise<Answer<null>> {
  const answer = await signIn('credentials', { ...given, redirect: false }).catch(() => undefined) // No network.
  if (answer === undefined) return { ok: false, problem: offline }
  if (answer.ok && !answer.error) {
    forgetCsrf()
    return { ok: true, data: null }
  }
  const headers = new Headers()
  return {
    ok: false,
    problem: readProblem(parsed(answer.error), { status: statusOf(answer.error) ?? answer.status, headers }),
  }
}

/** Goes to another site to sign in, and comes back to `next`. */
export async function signInWith(providerId: string, next: string): Promise<void> {
  await signIn(providerId, { callbackUrl: next })
}

/** Ends this browser's session, at the API too, and goes to `next`. */
export async function signOutHere(next: string): Promise<void> {
  forgetCsrf()
  await signOut({ callbackUrl: next })
}

/** The problem as lib/auth-options.ts hands it through NextAuth, which knows only a text. */
function parsed(error: string | null | undefined): unknown {
  try {
    return JSON.parse(error ?? '')
  } catch {
    // One of NextAuth's own words.
    return null
  }
}

function statusOf(error: string | null | undefined): number | undefined {
  const problem = parsed(error)
  const isSaid = typeof problem === 'object' && problem !== null && 'status' in problem
  return isSaid && typeof problem.status === 'number' ? problem.status : undefined
}
