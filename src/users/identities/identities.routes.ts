import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { originOf } from '../request-origin.ts'
import { signedIn } from '../sessions/sessions.schema.ts'
import { usersErrors } from '../users.errors.ts'
import { authProviders } from './auth-providers.ts'
import { linkIdentity, listIdentities, unlinkIdentity } from './identities.ts'
import { authProviderView, externalPerson, externalSignIn, identityView, providerName } from './identities.schema.ts'
import { signInExternally, type ExternalDeps } from './sign-in-externally.ts'

/** Signing in by GitHub, Google or an OpenID Connect issuer. The site speaks with the provider; what it learned there it
 * tells here, under its own credential. */
export const identitiesRoutes =
  (deps: ExternalDeps): FastifyPluginAsyncZod =>
  async (app) => {
    const providers = authProviders(deps.options)
    app.get(
      '/api/auth-providers',
      {
        config: { permission: 'anyone' },
        schema: {
          tags: ['people'],
          summary: 'By whom one may sign in',
          response: { 200: z.array(authProviderView) },
        },
      },
      () => providers,
    )
    app.post(
      '/api/sessions/external',
      {
        config: { permission: 'anyone' },
        schema: {
          tags: ['people'],
          summary: 'Sign in whom a provider vouches for',
          description: 'For the site alone: takes its own credential in `Bureau-Site`.',
          body: externalSignIn,
          response: { 201: signedIn },
        },
      },
      async (req, reply) => {
        requireSite(req)
        const opened = await signInExternally(deps, req.body, originOf(req))
        return reply.code(201).header('cache-control', 'no-store').send(opened)
      },
    )
    app.get(
      '/api/identities',
      {
        config: { permission: 'session' },
        schema: { tags: ['people'], summary: 'By whom you may sign in', response: { 200: z.array(identityView) } },
      },
      async (req) =>
        (await listIdentities(deps, req.principal)).map(({ provider, email, createdAt, lastUsedAt }) => ({
          provider,
          name: providers.find(({ id }) => id === provider)?.name ?? provider,
          email,
          createdAt: createdAt.toISOString(),
          lastUsedAt: lastUsedAt?.toISOString() ?? null,
        })),
    )
    app.post(
      '/api/identities',
      {
        config: { permission: 'session' },
        schema: {
          tags: ['people'],
          summary: 'Link an account at a provider',
          description: 'For the site alone, as the person who is signed in.',
          body: externalPerson,
          response: { 204: z.void() },
        },
      },
      async (req, reply) => {
        requireSite(req)
        await linkIdentity(deps, req.principal, req.body, originOf(req))
        return reply.code(204).send()
      },
    )
    app.delete(
      '/api/identities/:provider',
      {
        config: { permission: 'session' },
        schema: {
          tags: ['people'],
          summary: 'Unlink an account at a provider',
          params: z.object({ provider: providerName }),
          response: { 204: z.void() },
        },
      },
      async (req, reply) => {
        await unlinkIdentity(deps, req.principal, req.params.provider, originOf(req))
        return reply.code(204).send()
      },
    )
  }

/** A missing credential is a refusal. @throws EnhancedAppError SITE_ONLY */
function requireSite(req: FastifyRequest): void {
  if (!req.isFromSite) throw usersErrors.SITE_ONLY()
}
