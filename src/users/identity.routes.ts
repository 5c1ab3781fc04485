import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { JobSender } from '../jobs/index.ts'
import type { Prisma } from '../platform/prisma.ts'
import { accountsRoutes } from './accounts/accounts.routes.ts'
import { invitationsRoutes } from './accounts/invitations.routes.ts'
import { auditRoutes } from './audit.routes.ts'
import type { People, PeopleParts } from './create-people.ts'
import { identitiesRoutes } from './identities/identities.routes.ts'
import { mailRoutes } from './mail/mail.routes.ts'
import { notificationsRoutes } from './notifications/notifications.routes.ts'
import { peopleRoutes } from './people/people.routes.ts'
import { sessionsRoutes } from './sessions/sessions.routes.ts'
import { twoFactorRoutes } from './two-factor/two-factor.routes.ts'

/** Every route about people: who they are, how they sign in, which accounts they belong to. */
export const identityRoutes =
  (people: People, parts: PeopleParts & { readonly prisma: Prisma; readonly jobs: JobSender }): FastifyPluginAsyncZod =>
  async (app) => {
    const deps = { ...people, ...parts }
    await app.register(peopleRoutes(deps))
    await app.register(sessionsRoutes(deps))
    await app.register(identitiesRoutes(deps))
    await app.register(twoFactorRoutes(deps))
    await app.register(accountsRoutes(deps))
    await app.register(invitationsRoutes(deps))
    await app.register(notificationsRoutes(deps))
    await app.register(auditRoutes(deps))
    await app.register(mailRoutes(deps))
  }
