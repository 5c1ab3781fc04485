import 'server-only'
import { cookies, headers } from 'next/headers'
import { z } from 'zod'
import { keepDevice, knownDevice } from './device-cookie.ts'
import { isConnectPath, localPath, nextPath } from './next-path.ts'
import { connectIdentity, openSession, type OpenedSession, type OutsideOrder } from './open-session.ts'
import { authCookie, ownCookie, ownCookieOptions, seal, unseal } from './sealed-cookies.ts'

/** Somebody whom another site vouches for: signed in, or sent on to the page that says what is missing. */
type Admitted =
  | { readonly kind: 'signed_in'; readonly session: OpenedSession }
  | { readonly kind: 'elsewhere'; readonly path: string }

const outside = z.object({
  provider: z.string(),
  subject: z.string(),
  email: z.string(),
  emailVerified: z.boolean(),
  name: z.string(),
})

/** Between what the other site says and the code of the authenticator. */
const HALFWAY = 'halfway'
const HALFWAY_SECONDS = 300

/** Signs in whom another site vouches for; or, asked from the account page, connects that identity to who is signed in. */
export async function admitFromOutside(identity: z.infer<typeof outside>): Promise<Admitted> {
  if (identity.email === '') return failed('EXTERNAL_EMAIL_MISSING')
  const path = await wayBack()
  if (isConnectPath(path)) {
    const session = await unseal((await cookies()).get(authCookie('session-token'))?.value)
    const answer = await connectIdentity(session?.bearer ?? '', identity, await headers())
    return answer.ok ? { kind: 'elsewhere', path } : failed(answer.problem.code)
  }
  const opened = await openSession({ ...identity, ...(await knownDevice()) }, await headers())
  if (!opened.ok) {
    if (opened.problem.code !== 'TWO_FACTOR_REQUIRED') return failed(opened.problem.code)
    const sealed = await seal(HALFWAY, { identity }, HALFWAY_SECONDS)
    ;(await cookies()).set(ownCookie(HALFWAY), sealed, ownCookieOptions(HALFWAY_SECONDS))
    return { kind: 'elsewhere', path: `/sign-in?step=code&next=${encodeURIComponent(path)}` }
  }
  await keepDevice(opened.data.device)
  return { kind: 'signed_in', session: opened.data }
}

/** The page reads from the cookie where they were going. */
const failed = (code: string): Admitted => ({ kind: 'elsewhere', path: `/sign-in?error=${encodeURIComponent(code)}` })

/** What somebody who is halfway in signs in with; null when that took too long. */
export async function halfwayOrder(code: string): Promise<OutsideOrder | null> {
  const sealed = await unseal((await cookies()).get(ownCookie(HALFWAY))?.value, HALFWAY)
  const identity = outside.safeParse(sealed?.['identity'])
  return identity.success ? { ...identity.data, code, ...(await knownDevice()) } : null
}

export async function forgetHalfway(): Promise<void> {
  ;(await cookies()).set(ownCookie(HALFWAY), '', ownCookieOptions(0))
}

/** Where somebody who went to another site was going. NextAuth keeps it in a cookie, which anybody's link may have set. */
export async function wayBack(): Promise<string> {
  return nextPath(localPath((await cookies()).get(authCookie('callback-url'))?.value))
}
