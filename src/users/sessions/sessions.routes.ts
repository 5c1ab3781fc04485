import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { idText, pageOf, pageQuery, presentPage, readPage } from '../../http/index.ts'
import { meView } from '../people/people.schema.ts'
import { originOf } from '../request-origin.ts'
import type { ClientTokens } from './client-tokens.ts'
import {
  getMe,
  issueToken,
  listSessions,
  presentSession,
  revokeOtherSessions,
  revokeSession,
  switchAccount,
  type SessionDeps,
} from './sessions.ts'
import {
  accountSwitch,
  issuedToken,
  jwksView,
  sessionCursor,
  sessionView,
  signedIn,
  signInOrder,
  tokenOrder,
} from './sessions.schema.ts'
import { signIn, type SignInDeps } from './sign-in.ts'

export type SessionsRoutesDeps = SessionDeps & SignInDeps & { readonly tokens: ClientTokens }

const session = { config: { permission: 'session' as const } }
const anyone = { config: { permission: 'anyone' as const } }
const ended = z.void().describe('Ended; refused everywhere within a second')

/** Signing in and out, sessions, client tokens. No cookies: whoever calls holds the token and sends it as a header, which
 * no other site's page can make a browser do. */
export const sessionsRoutes =
  (deps: SessionsRoutesDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.post(
      '/api/sessions',
      { ...anyone, schema: { tags: ['people'], summary: 'Sign in', body: signInOrder, response: { 201: signedIn } } },
      async (req, reply) => {
        const opened = await signIn(deps, req.body, originOf(req))
        return reply.code(201).header('cache-control', 'no-store').send(opened)
      },
    )
    app.get(
      '/api/sessions',
      {
        ...session,
        schema: {
          tags: ['people'],
          summary: 'List your sessions',
          querystring: pageQuery,
          response: { 200: pageOf(sessionView) },
        },
      },
      async (req) => {
        const page = readPage(req.query, sessionCursor, sessionView)
        const rows = await listSessions(deps, req.principal, page)
        return presentPage(page, rows, presentSession(req.principal.sessionId), (row) => [row.createdAt, row.id])
      },
    )
    app.delete(
      '/api/sessions/current',
      { ...session, schema: { tags: ['people'], summary: 'Sign out', response: { 204: ended } } },
      async (req, reply) => {
        await revokeSession(deps, req.principal, req.principal.sessionId ?? '', originOf(req))
        return reply.code(204).send()
      },
    )
    app.delete(
      '/api/sessions',
      { ...session, schema: { tags: ['people'], summary: 'End all your other sessions', response: { 204: ended } } },
      async (req, reply) => {
        await revokeOtherSessions(deps, req.principal, originOf(req))
        return reply.code(204).send()
      },
    )
    app.delete(
      '/api/sessions/:id',
      {
        ...session,
        schema: {
          tags: ['people'],
          summary: 'End one of your sessions',
          params: z.object({ id: idText }),
          response: { 204: ended },
        },
      },
      async (req, reply) => {
        await revokeSession(deps, req.principal, req.params.id, originOf(req))
        return reply.code(204).send()
      },
    )
    app.put(
      '/api/sessions/current/account',
      {
        ...session,
        schema: {
          tags: ['people'],
          summary: 'Act for another of your accounts',
          body: accountSwitch,
          response: { 204: z.void() },
        },
      },
      async (req, reply) => {
        await switchAccount(deps, req.principal, req.body.accountId, originOf(req))
        return reply.code(204).send()
      },
    )
    app.get(
      '/api/me',
      { ...session, schema: { tags: ['people'], summary: 'Who is signed in', response: { 200: meView } } },
      (req) => getMe(deps, req.principal),
    )
    app.post(
      '/api/tokens',
      {
        ...session,
        schema: { tags: ['people'], summary: 'Get a client token', body: tokenOrder, response: { 201: issuedToken } },
      },
      async (req, reply) => {
        const issued = issueToken(deps, req.principal, req.body.audience)
        return reply.code(201).header('cache-control', 'no-store').send(issued)
      },
    )
    app.get(
      '/.well-known/jwks.json',
      { ...anyone, schema: { tags: ['people'], summary: 'Keys of client tokens', response: { 200: jwksView } } },
      async (_req, reply) =>
        reply.header('cache-control', 'public, max-age=300').send({ keys: [...deps.tokens.jwks.keys] }),
    )
  }
