import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { JobSender } from '../jobs/index.ts'
import type { Clock } from '../platform/clock.ts'
import type { Parsed } from '../platform/config.ts'
import type { Database } from '../platform/database.ts'
import { createKeyring, type Keyring } from '../platform/keyring.ts'
import type { Logger } from '../platform/logger.ts'
import type { Prisma } from '../platform/prisma.ts'
import { accountsRoutes } from './accounts/accounts.routes.ts'
import { invitationsRoutes } from './accounts/invitations.routes.ts'
import { auditRoutes } from './audit.routes.ts'
import { mailRoutes } from './mail/mail.routes.ts'
import { createMailer, type Mailer } from './mail/mailer.ts'
import { createPasswords, type Passwords } from './people/passwords.ts'
import { peopleRoutes } from './people/people.routes.ts'
import { createSessionVerifier, type SessionVerifier } from './sessions/authenticate-session.ts'
import { createClientTokens, type ClientTokens } from './sessions/client-tokens.ts'
import { sessionsRoutes } from './sessions/sessions.routes.ts'
import { twoFactorRoutes } from './two-factor/two-factor.routes.ts'
import type { usersOptions } from './users.options.ts'

export type PeopleOptions = Parsed<typeof usersOptions> & {
  /** The site's secret, and those it had before. */
  readonly secrets: readonly string[]
  readonly mailFolder: string
  /** Granted once to who proves an address; 0n for nothing. */
  readonly welcomeMicro: bigint
}

/** What a process has to know people, their sessions and their mail. */
export type People = {
  readonly keyring: Keyring
  readonly mailer: Mailer
  readonly sessions: SessionVerifier
  readonly tokens: ClientTokens
  readonly passwords: Passwords
  readonly options: PeopleOptions
}

type PeopleParts = { readonly db: Database; readonly clock: Clock; readonly log: Logger }

/** Sender of mails that go into files, where nobody looks at it. */
const NO_SENDER = 'Bureau <bureau@localhost>'

export function createPeople(deps: PeopleParts, options: PeopleOptions): People {
  const keyring = createKeyring(options.secrets)
  const tokens = createClientTokens(keyring)
  const mail = { smtpUrl: options.smtpUrl, from: options.mailFrom ?? NO_SENDER, folder: options.mailFolder }
  return {
    keyring,
    tokens,
    mailer: createMailer(mail, deps),
    sessions: createSessionVerifier({ ...deps, tokens }),
    passwords: createPasswords(),
    options,
  }
}

/** Every route about people: who they are, how they sign in, which accounts they belong to. */
export const identityRoutes =
  (people: People, parts: PeopleParts & { readonly prisma: Prisma; readonly jobs: JobSender }): FastifyPluginAsyncZod =>
  async (app) => {
    const deps = { ...people, ...parts }
    await app.register(peopleRoutes(deps))
    await app.register(sessionsRoutes(deps))
    await app.register(twoFactorRoutes(deps))
    await app.register(accountsRoutes(deps))
    await app.register(invitationsRoutes(deps))
    await app.register(auditRoutes(deps))
    await app.register(mailRoutes(deps))
  }
