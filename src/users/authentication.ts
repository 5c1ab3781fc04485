import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Authentication } from '../http/index.ts'
import type { KeyVerifier } from './authenticate-api-key.ts'
import type { Permission, Principal } from './principal.ts'
import { looksLikeSession, looksLikeToken, type SessionVerifier } from './sessions/authenticate-session.ts'
import { requireSession } from './authorize.ts'
import { usersErrors } from './users.errors.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks. Reading it without anybody signed in throws UNAUTHENTICATED. */
    readonly principal: Principal
    /** Who asks, or null on a route that is open to anyone. */
    maybePrincipal: Principal | null
  }
  interface FastifyContextConfig {
    /** Who may call the route; `anyone` also without a key; `session`: a person who is signed in, not their keys or client
     * tokens; `checked_by_route`: the route reads the credentials itself. A route that does not say is refused when it is
     * added. */
    permission?: Access
  }
}

/** A permission, or how the route does without one. */
export type Access = Permission | 'anyone' | 'session' | 'checked_by_route'

/** Makes `Authorization: Bearer` into `req.principal`, and refuses early who lacks the route's permission. The check that
 * counts is `authorize` in the use case: here the body has not even been read. */
export function createAuthentication(deps: {
  readonly keys: KeyVerifier
  /** Without it nobody can be signed in. */
  readonly sessions?: SessionVerifier
}): Authentication {
  const { keys, sessions } = deps

  /** What a bearer is stands in how it begins. */
  function principalOf(bearer: string): Principal | Promise<Principal> {
    if (sessions !== undefined && looksLikeSession(bearer)) return sessions.authenticate(bearer)
    if (sessions !== undefined && looksLikeToken(bearer)) return sessions.authenticateToken(bearer)
    return keys.authenticate(bearer)
  }

  return {
    install(app: FastifyInstance) {
      app.decorateRequest('maybePrincipal', null)
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
        if (permission !== 'anyone') throw usersErrors.UNAUTHENTICATED()
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
