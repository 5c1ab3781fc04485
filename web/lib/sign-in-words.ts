import { isRecord } from './is-record.ts'
import { readProblem, type Problem } from './problem.ts'

/** Why signing in by another site did not work, by the code that NextAuth puts into the address. Anybody can put anything
 * there, so only our own words are ever shown. */
export function signInErrorWords(code: string | undefined): string | null {
  if (code === undefined) return null
  // Anybody can put anything into an address, such as the name of a member that every object has.
  return Object.hasOwn(OUTSIDE, code) ? (OUTSIDE[code] ?? null) : UNKNOWN
}

const UNCONFIRMED =
  'The other site has not confirmed your e-mail address, so it cannot tell us who you are. Confirm it there and try again; or sign in with your password, and connect it on the account page.'
const UNKNOWN = 'Signing in did not work. Try again, or sign in another way.'
const OUTSIDE: Readonly<Record<string, string>> = {
  // Of our API.
  EXTERNAL_EMAIL_UNVERIFIED: UNCONFIRMED,
  EXTERNAL_EMAIL_MISSING:
    'The other site did not tell your e-mail address. Allow it there and try again, or sign in another way.',
  EXTERNAL_ACCOUNT_UNVERIFIED:
    'There is an account with your address here, but nobody has confirmed that it is theirs. Set a password by mail, then connect the other site on the account page.',
  IDENTITY_TAKEN:
    'That account of the other site belongs to somebody else here, or another one of it is connected to yours. Choose another there, or disconnect it first.',
  REGISTRATION_CLOSED: 'This site takes no registrations. Ask its operator for an account.',
  PROVIDER_UNKNOWN: 'One cannot sign in by that site any more. Sign in another way.',
  OFFLINE: 'We could not be reached. Try again in a moment.',
  SESSION_EXPIRED: 'You were signed out. Sign in again to go on.',
  SESSION_REVOKED: 'You were signed out. Sign in again to go on.',
  UNAUTHENTICATED: 'You were signed out. Sign in again to go on.',
  // Of the site that one came from.
  ProviderCanceled:
    'You left the other site without signing in there. Nothing has changed. Try again, or sign in another way.',
  // Of NextAuth.
  OAuthAccountNotLinked: UNCONFIRMED,
  EmailNotVerified: UNCONFIRMED,
  OAuthSignin: 'The other site cannot be reached right now. Try again in a moment, or sign in another way.',
  OAuthCallback:
    'What the other site sent back could not be used: the page was open for too long, or in another browser. Try again.',
  Callback: 'The other site refused to sign you in. Try again, or sign in another way.',
  AccessDenied: 'That account may not sign in here. Choose another, or sign in with your password.',
  SessionRequired: 'Sign in to see this page.',
  SessionRevoked: 'You were signed out. Sign in again to go on.',
  SessionExpired: 'You were signed out. Sign in again to go on.',
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
  const [title, fix] = (Object.hasOwn(WORDS, error) ? WORDS[error] : undefined) ?? [
    'Signing in did not work',
    'Try again, or sign in another way.',
  ]
  return readProblem({ code: error, title, fix }, { status: 401, headers: new Headers() })
}

/** Between another site's word and the code of the authenticator too much time went by. */
export const tooLate: Problem = readProblem(
  { code: 'SIGN_IN_TOO_LATE', title: 'That took too long', fix: 'Go back, and sign in by the other site again.' },
  { status: 401, headers: new Headers() },
)

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
