import { signInPath } from './next-path.ts'
import type { Problem } from './problem.ts'

const ENDED = new Set(['UNAUTHENTICATED', 'SESSION_EXPIRED', 'SESSION_REVOKED'])

/** Whether a problem means that nobody is signed in any more. */
export const isSignedOut = (problem: Pick<Problem, 'code'>): boolean => ENDED.has(problem.code)

let isSigningOut = false

/** This page signs out itself and knows where it goes then. */
export function noteSigningOut(): void {
  isSigningOut = true
}

/** Goes to sign in, and back to here afterwards. @returns whether it does */
export function leaveIfSignedOut(problem: Pick<Problem, 'code'>): boolean {
  if (isSigningOut || !isSignedOut(problem)) return false
  const { pathname, search } = window.location
  window.location.assign(signInPath(pathname + search))
  return true
}
