import 'server-only'
import { cookies, headers } from 'next/headers'
import type { NextAuthOptions, User } from 'next-auth'
import { decode, type JWT } from 'next-auth/jwt'
import Credentials from 'next-auth/providers/credentials'
import { authProviders } from './auth-providers.ts'
import { publicUrl, secrets, sessionDays } from './environment.mjs'
import { closeSession, openSession, standingSession, type OpenedSession } from './open-session.ts'
import type { Problem } from './problem.ts'

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
/** Remembers that this browser has signed in before, so that guesses from elsewhere do not delay its owner. */
const DEVICE_DAYS = 400

/** NextAuth makes an identity into a browser's session; the identity itself, the session and its end are the API's. */
export function authOptions(): NextAuthOptions {
  const isSecure = publicUrl()?.startsWith('https:') ?? false
  const [secret] = secrets()
  const maxAge = sessionDays() * DAY_SECONDS
  return {
    secret,
    useSecureCookies: isSecure,
    session: { strategy: 'jwt', maxAge },
    jwt: { maxAge, decode: decodeWithAny },
    pages: { signIn: '/sign-in', error: '/sign-in', signOut: '/sign-in', verifyRequest: '/sign-in', newUser: '/home' },
    providers: [
      Credentials({
        credentials: { email: {}, password: {}, code: {} },
        authorize: (given) => signInByPassword(given ?? {}, isSecure),
      }),
      ...authProviders(),
    ],
    callbacks: {
      async signIn({ user, account }) {
        if (account?.type !== 'oauth') return true
        const opened = await openSession(
          {
            provider: account.provider,
            subject: account.providerAccountId,
            email: user.email ?? '',
            emailVerified: user.isEmailVerified ?? false,
            name: user.name ?? '',
          },
          await headers(),
        )
        if (!opened.ok) return `/sign-in?error=${encodeURIComponent(opened.problem.code)}`
        // What `jwt` gets next is this very object.
        Object.assign(user, sessionOf(opened.data))
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

async function signInByPassword(given: Partial<Record<string, string>>, isSecure: boolean): Promise<User> {
  const jar = await cookies()
  const deviceCookie = `${isSecure ? '__Host-' : ''}bureau.device`
  const device = jar.get(deviceCookie)?.value
  const opened = await openSession(
    {
      email: given['email'] ?? '',
      password: given['password'] ?? '',
      ...(given['code'] ? { code: given['code'] } : {}),
      ...(device === undefined ? {} : { device: device.slice(0, 128) }),
    },
    await headers(),
  )
  if (!opened.ok) throw new SignInRefused(opened.problem)
  if (opened.data.device !== undefined) {
    const lasting = {
      httpOnly: true,
      sameSite: 'lax',
      secure: isSecure,
      path: '/',
      maxAge: DEVICE_DAYS * DAY_SECONDS,
    } as const
    jar.set(deviceCookie, opened.data.device, lasting)
  }
  return { email: given['email'] ?? '', ...sessionOf(opened.data) }
}

const sessionOf = ({ sessionId, token, userId }: OpenedSession) => ({ id: userId, sid: sessionId, bearer: token })

const claimsOf = ({ sid, bearer }: User): Pick<JWT, 'sid' | 'bearer'> => ({
  ...(sid === undefined ? {} : { sid }),
  ...(bearer === undefined ? {} : { bearer }),
})

/** Cookies that were sealed with the secret before the last change still open. */
async function decodeWithAny({ token }: { token?: string }): Promise<JWT | null> {
  if (token === undefined) return null
  for (const secret of secrets()) {
    const opened = await decode({ token, secret }).catch(() => null) // Of another secret, expired, or no token.
    if (opened !== null) return opened
  }
  return null
}

/** An error's name and message: the rest of it may hold what somebody typed. */
const reasonOnly = (_key: string, value: unknown): unknown =>
  value instanceof Error ? `${value.name}: ${value.message}` : value
