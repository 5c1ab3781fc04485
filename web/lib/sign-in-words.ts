import { isRecord } from './is-record.ts'
import { readProblem, type Problem } from './problem.ts'

/** Why signing in by another site did not work, by the code that NextAuth puts into the address. Anybody can put anything
 * there, so only our own words are ever shown. */
export function signInErrorWords(code: string | undefined): string | null {
  if (code === undefined) return null
  switch (code) {
    case 'OAuthAccountNotLinked':
    case 'EmailNotVerified':
      return 'That account is not linked to yours here: its e-mail address is not confirmed there. Sign in with your password.'
    case 'AccessDenied':
      return 'That account may not sign in here. Choose another, or sign in with your password.'
    case 'SessionRequired':
      return 'Sign in to see this page.'
    case 'SessionRevoked':
    case 'SessionExpired':
      return 'You were signed out. Sign in again to go on.'
    default:
      return 'Signing in did not work. Try again, or sign in another way.'
  }
}

/** What somebody who comes to sign in has just done. */
export function doneWords(code: string | undefined): string | null {
  if (code === 'reset') return 'Your new password is set. Sign in with it.'
  return code === 'verified' ? 'Your address is confirmed and your account is there. Sign in to begin.' : null
}

/** What NextAuth's `error` says when the password was refused: a problem of our API as JSON, or its code alone. */
export function signInProblem(error: string): Problem {
  const body = jsonOf(error)
  if (isRecord(body)) {
    const status = typeof body['status'] === 'number' ? body['status'] : 401
    return readProblem(body, { status, headers: new Headers() })
  }
  const [title, fix] = WORDS[error] ?? ['Signing in did not work', 'Try again, or sign in another way.']
  return readProblem({ code: error, title, fix }, { status: 401, headers: new Headers() })
}

const WRONG = ['E-mail address or password is wrong', 'Check both, or ask for a link to set a new password.'] as const
const WORDS: Readonly<Record<string, readonly [string, string]>> = {
  CredentialsSignin: WRONG,
  CREDENTIALS_INVALID: WRONG,
  TWO_FACTOR_REQUIRED: ['A second factor is needed', 'Enter the code that your authenticator shows.'],
  CODE_INVALID: [
    'The code is wrong, or was used before',
    'Enter the code that your authenticator shows now, or a recovery code that you have not used.',
  ],
  SIGN_IN_DELAYED: ['Too many attempts', 'Wait a moment, then try again; or set a new password by mail.'],
  SIGN_IN_BUSY: ['Too many people are signing in right now', 'Try again in a moment.'],
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // A bare code.
    return null
  }
}
