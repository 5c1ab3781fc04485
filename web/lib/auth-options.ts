import 'server-only'
import { headers } from 'next/headers'
import type { NextAuthOptions, User } from 'next-auth'
import type { JWT } from 'next-auth/jwt'
import Credentials from 'next-auth/providers/credentials'
import { authProviders } from './auth-providers.ts'
import { keepDevice, knownDevice } from './device-cookie.ts'
import { secrets, sessionDays } from './environment.mjs'
import { closeSession, openSession, standingSession, type OpenedSession, type SignInOrder } from './open-session.ts'
import { admitFromOutside, forgetHalfway, halfwayOrder } from './outside-sign-in.ts'
import type { Problem } from './problem.ts'
import { isSecure, unseal } from './sealed-cookies.ts'
import { tooLate } from './sign-in-words.ts'

declare module 'next-auth' {
  interface User {
    /** Of the session at the API. Stays in the sealed cookie; no script ever sees it. */
    sid?: string
    bearer?: string
    isEmailVerified?: boolean
  }
}
declare module 'next-auth/jwt' {
  interface JWT {
    sid?: string
    bearer?: string
  }
}

const DAY_SECONDS = 24 * 60 * 60

/** NextAuth makes an identity into a browser's session; the identity itself, the session and its end are the API's. */
export function authOptions(): NextAuthOptions {
  const [secret] = secrets()
  const maxAge = sessionDays() * DAY_SECONDS
  return {
    secret,
    useSecureCookies: isSecure(),
    session: { strategy: 'jwt', maxAge },
    jwt: { maxAge, decode: ({ token }) => unseal(token) },
    pages: { signIn: '/sign-in', error: '/sign-in', signOut: '/sign-in', verifyRequest: '/sign-in', newUser: '/home' },
    providers: [
      Credentials({
        credentials: { email: {}, password: {}, code: {}, step: {} },
        authorize: (given) => signInByForm(given ?? {}),
      }),
      ...authProviders(),
    ],
    callbacks: {
      async signIn({ user, account }) {
        if (account?.type !== 'oauth') return true
        const admitted = await admitFromOutside({
          provider: account.provider,
          subject: account.providerAccountId,
          email: user.email ?? '',
          emailVerified: user.isEmailVerified ?? false,
          name: user.name ?? '',
        })
        if (admitted.kind === 'elsewhere') return admitted.path
        // What `jwt` gets next is this very object.
        Object.assign(user, sessionOf(admitted.session))
        return true
      },
      async jwt({ token, user }) {
        if (user !== undefined) return { ...token, sub: user.id, ...claimsOf(user) }
        // A session that was ended elsewhere ends here too: NextAuth then takes its cookie away.
        if (token.bearer === undefined || (await standingSession(token.bearer)) === 'ended') throw new SessionEnded()
        return token
      },
      session: ({ session, token }) => ({
        expires: session.expires,
        user: { id: token.sub, email: token.email ?? null, name: token.name ?? null },
      }),
      // Only to pages of this site, whatever an address asks for.
      redirect({ url, baseUrl }) {
        const wanted = URL.canParse(url, baseUrl) ? new URL(url, baseUrl) : new URL(baseUrl)
        return wanted.origin === new URL(baseUrl).origin ? wanted.href : baseUrl
      },
    },
    events: {
      async signOut({ token }) {
        if (typeof token?.bearer === 'string') await closeSession(token.bearer)
      },
    },
    logger: {
      error(code, metadata) {
        // Sessions end every day; nobody has to look at that.
        if (code !== 'JWT_SESSION_ERROR' && code !== 'CLIENT_FETCH_ERROR')
          process.stderr.write(`next-auth ${code} ${JSON.stringify(metadata, reasonOnly).slice(0, 2_000)}\n`)
      },
      warn: () => undefined,
      debug: () => undefined,
    },
  }
}

/** The session at the API has ended. */
class SessionEnded extends Error {
  override name = 'SessionEnded'
}

/** A refused sign-in; its message is what NextAuth hands to the page as `error`. */
class SignInRefused extends Error {
  override name = 'SignInRefused'
  constructor({ facts, ...problem }: Problem) {
    super(JSON.stringify({ ...problem, retryAfterSeconds: facts['retryAfterSeconds'] }))
  }
}

/** By password; or by the code that somebody whom another site vouches for has to give as well. */
async function signInByForm(given: Partial<Record<string, string>>): Promise<User> {
  const order = given['step'] === 'code' ? await halfwayOrder(given['code'] ?? '') : await passwordOrder(given)
  if (order === null) throw new SignInRefused(tooLate)
  const opened = await openSession(order, await headers())
  if (!opened.ok) throw new SignInRefused(opened.problem)
  await keepDevice(opened.data.device)
  if ('provider' in order) await forgetHalfway()
  return { email: order.email, ...sessionOf(opened.data) }
}

const passwordOrder = async (given: Partial<Record<string, string>>): Promise<SignInOrder> => ({
  email: given['email'] ?? '',
  password: given['password'] ?? '',
  ...(given['code'] ? { code: given['code'] } : {}),
  ...(await knownDevice()),
})

const sessionOf = ({ sessionId, token, userId }: OpenedSession) => ({ id: userId, sid: sessionId, bearer: token })

const claimsOf = ({ sid, bearer }: User): Pick<JWT, 'sid' | 'bearer'> => ({
  ...(sid === undefined ? {} : { sid }),
  ...(bearer === undefined ? {} : { bearer }),
})

/** An error's name and message: the rest of it may hold what somebody typed. */
const reasonOnly = (_key: string, value: unknown): unknown =>
  value instanceof Error ? `${value.name}: ${value.message}` : value
