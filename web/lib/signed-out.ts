import { signInPath } from './next-path.ts'
import type { Problem } from './problem.ts'

const ENDED = new Set(['UNAUTHENTICATED', 'SESSION_EXPIRED', 'SESSION_REVOKED'])

/** Whether a problem means that nobody is signed in any more. */
export const isSignedOut = (problem: Pick<Problem, 'code'>): boolean => ENDED.has(problem.code)

/** Goes to sign in, and back to here afterwards. @returns whether it does */
export function leaveIfSignedOut(problem: Pick<Problem, 'code'>): boolean {
  if (!isSignedOut(problem)) return false
  const { pathname, search } = window.location
  window.location.assign(signInPath(pathname + search))
  return true
}
