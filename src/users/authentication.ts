import type { FastifyInstance, FastifyRequest } from 'fastify'
import { isOwnOrigin, type Authentication } from '../http/index.ts'
import { systemClock, type Clock } from '../platform/clock.ts'
import { EnhancedAppError } from '../platform/errors.ts'
import type { KeyVerifier } from './authenticate-api-key.ts'
import { visitorPrincipal, type Permission, type Principal } from './principal.ts'
import { looksLikeSession, looksLikeToken, type SessionVerifier } from './sessions/authenticate-session.ts'
import type { SessionCookies } from './sessions/session-cookie.ts'
import { visitorAddress, type SiteCredential } from './sessions/site-credential.ts'
import type { VisitorCookies } from './sessions/visitor-cookie.ts'
import { requireSession } from './authorize.ts'
import { usersErrors } from './users.errors.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks. Reading it without anybody signed in throws UNAUTHENTICATED. */
    readonly principal: Principal
    /** Who asks, or null on a route that is open to anyone. */
    maybePrincipal: Principal | null
    /** Whether the site's own process asks, for a visitor or for itself. */
    isFromSite: boolean
    /** What makes a guest known again, where this is their first request; sent once there is something to know them by. */
    visitorCookie: string | null
  }
  interface FastifyContextConfig {
    /** Who may call the route; `anyone` also without a key; `session`: a person who is signed in, not their keys or client
     * tokens; `checked_by_route`: the route reads the credentials itself. A route that does not say is refused when it is
     * added. */
    permission?: Access
    /** Whether guests without an account may call it too, for what is their own. */
    isForVisitors?: boolean
  }
}

/** A permission, or how the route does without one. */
export type Access = Permission | 'anyone' | 'session' | 'checked_by_route'

/** Makes `Authorization: Bearer`, or else the cookie of a page of ours, into `req.principal`, and refuses early who lacks
 * the route's permission. The check that counts is `authorize` in the use case: here the body has not even been read. */
export function createAuthentication(deps: {
  readonly keys: KeyVerifier
  /** Without it nobody can be signed in. */
  readonly sessions?: SessionVerifier
  /** Without it cookies say nothing. */
  readonly cookies?: SessionCookies
  /** Without it guests run nothing. */
  readonly visitors?: VisitorCookies
  /** Without it nobody is believed to be the site. */
  readonly site?: SiteCredential
  /** BUREAU_URL. */
  readonly publicUrl?: string | undefined
  readonly clock?: Clock
}): Authentication {
  const { keys, sessions, cookies, visitors, site, clock = systemClock } = deps

  /** What a bearer is stands in how it begins. */
  function principalOf(bearer: string): Principal | Promise<Principal> {
    if (sessions !== undefined && looksLikeSession(bearer)) return sessions.authenticate(bearer)
    if (sessions !== undefined && looksLikeToken(bearer)) return sessions.authenticateToken(bearer)
    return keys.authenticate(bearer)
  }

  /** Null for nobody. What changes something must come from a page of ours: a browser sends cookies for any page. */
  async function principalOfCookie(
    req: FastifyRequest,
    header: string,
    mayBeNobody: boolean,
  ): Promise<Principal | null> {
    const bearer = await cookies?.bearerOf(header)
    if (bearer === undefined || bearer === null || sessions === undefined) return null
    let principal: Principal
    try {
      principal = await sessions.authenticate(bearer)
    } catch (error) {
      // A session that has ended must not keep anybody from what is open to all.
      if (mayBeNobody && error instanceof EnhancedAppError && error.status === 401) return null
      throw error
    }
    if (!SAFE.has(req.method) && !isFromOwnPage(req, header)) throw usersErrors.CSRF_REFUSED()
    return principal
  }

  /** A guest, on a route that is open to them: by their cookie, or at their first run by the token of their pages. */
  function visitorOf(req: FastifyRequest, header: string): Principal | null {
    if (visitors === undefined || req.routeOptions.config.isForVisitors !== true) return null
    const known = visitors.read(header)
    if (SAFE.has(req.method)) return known === null ? null : visitorPrincipal(known)
    if (!isFromOwnPage(req, header)) {
      if (known === null) return null
      throw usersErrors.CSRF_REFUSED()
    }
    if (known !== null) return visitorPrincipal(known)
    const { visitorId, setCookie } = visitors.make(String(req.headers['x-csrf-token']))
    req.visitorCookie = setCookie
    return visitorPrincipal(visitorId)
  }

  /** Both: what the browser says of where the request comes from, and a token that only pages of this site can read. */
  function isFromOwnPage(req: FastifyRequest, header: string): boolean {
    const from = req.headers['sec-fetch-site']
    const { origin, host } = req.headers
    const isSameOrigin =
      from === undefined ? origin !== undefined && isOwnOrigin(origin, host, deps.publicUrl) : from === 'same-origin'
    const token = req.headers['x-csrf-token']
    return isSameOrigin && typeof token === 'string' && (cookies?.isCsrfToken(header, token) ?? false)
  }

  return {
    install(app: FastifyInstance) {
      app.decorateRequest('maybePrincipal', null)
      app.decorateRequest('isFromSite', false)
      app.decorateRequest('visitorCookie', null)
      if (site !== undefined) app.addHook('onRequest', (req, _reply, done) => done(heedSite(req, site, clock)))
      app.decorateRequest('principal', {
        getter(this: FastifyRequest) {
          if (this.maybePrincipal === null) throw usersErrors.UNAUTHENTICATED()
          return this.maybePrincipal
        },
      })
      app.addHook('onRoute', (route) => {
        const { permission } = route.config ?? {}
        if (permission === undefined)
          throw new Error(`${String(route.method)} ${route.url} does not say who may call it`)
      })
    },
    identify(req) {
      const permission = req.is404 ? 'anyone' : req.routeOptions.config.permission
      if (permission === 'checked_by_route') return null
      const header = req.headers.authorization
      if (header === undefined) {
        const mayBeNobody = permission === 'anyone'
        const { cookie } = req.headers
        if (cookie !== undefined && cookies !== undefined) {
          return principalOfCookie(req, cookie, mayBeNobody).then((signedIn) => {
            const principal = signedIn ?? visitorOf(req, cookie)
            if (principal !== null) return admit(req, principal, permission)
            if (!mayBeNobody) throw usersErrors.UNAUTHENTICATED()
            return null
          })
        }
        if (!mayBeNobody) throw usersErrors.UNAUTHENTICATED()
        return null
      }
      if (!header.startsWith('Bearer ')) throw usersErrors.UNAUTHENTICATED()
      const found = principalOf(header.slice(7))
      return found instanceof Promise
        ? found.then((principal) => admit(req, principal, permission))
        : admit(req, found, permission)
    },
  }
}

const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/** The site speaks for its visitors: their calls count under their addresses, not all under the site's. */
function heedSite(req: FastifyRequest, site: SiteCredential, clock: Clock): Error | undefined {
  const token = req.headers['bureau-site']
  if (typeof token !== 'string') return undefined
  try {
    site.check(token, clock.nowMs())
  } catch (error) {
    return error instanceof Error ? error : new Error('thrown without an error', { cause: error })
  }
  req.isFromSite = true
  const address = visitorAddress(req.headers['bureau-visitor'])
  if (address !== null) Object.defineProperty(req, 'ip', { value: address })
  return undefined
}

function admit(
  req: FastifyRequest,
  principal: Principal,
  access: Exclude<Access, 'checked_by_route'> | undefined,
): string {
  if (access === 'session') requireSession(principal)
  else if (access !== 'anyone' && !(access !== undefined && principal.permissions.has(access))) {
    throw usersErrors.FORBIDDEN({ permission: access })
  }
  req.maybePrincipal = principal
  return principal.id
}
