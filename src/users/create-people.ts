import type { Clock } from '../platform/clock.ts'
import type { Parsed } from '../platform/config.ts'
import type { Database } from '../platform/database.ts'
import { createKeyring, type Keyring } from '../platform/keyring.ts'
import type { Logger } from '../platform/logger.ts'
import { createMailer, type Mailer } from './mail/mailer.ts'
import { createPasswords, type Passwords } from './people/passwords.ts'
import { createSessionVerifier, type SessionVerifier } from './sessions/authenticate-session.ts'
import { createClientTokens, type ClientTokens } from './sessions/client-tokens.ts'
import { createSessionCookies, type SessionCookies } from './sessions/session-cookie.ts'
import { createSiteCredential, type SiteCredential } from './sessions/site-credential.ts'
import { createVisitorCookies, type VisitorCookies } from './sessions/visitor-cookie.ts'
import type { usersOptions } from './users.options.ts'

export type PeopleOptions = Parsed<typeof usersOptions> & {
  /** The site's secret, and those it had before. */
  readonly secrets: readonly string[]
  readonly mailFolder: string
  /** Whether people come by https. */
  readonly isSecure?: boolean
  /** Granted once to who proves an address; 0n for nothing. */
  readonly welcomeMicro: bigint
}

/** What a process has to know people, their sessions and their mail. */
export type People = {
  readonly keyring: Keyring
  readonly mailer: Mailer
  readonly sessions: SessionVerifier
  readonly tokens: ClientTokens
  readonly cookies: SessionCookies
  readonly visitors: VisitorCookies
  readonly site: SiteCredential
  readonly passwords: Passwords
  readonly options: PeopleOptions
}

export type PeopleParts = { readonly db: Database; readonly clock: Clock; readonly log: Logger }

/** Sender of mails that go into files, where nobody looks at it. */
const NO_SENDER = 'Bureau <bureau@localhost>'

export function createPeople(deps: PeopleParts, options: PeopleOptions): People {
  const keyring = createKeyring(options.secrets)
  const tokens = createClientTokens(keyring)
  const isSecure = options.isSecure ?? false
  const mail = { smtpUrl: options.smtpUrl, from: options.mailFrom ?? NO_SENDER, folder: options.mailFolder }
  return {
    keyring,
    tokens,
    cookies: createSessionCookies(deps, { secrets: options.secrets, isSecure }),
    visitors: createVisitorCookies({ keyring, clock: deps.clock }, { isSecure }),
    site: createSiteCredential(keyring),
    mailer: createMailer(mail, deps),
    sessions: createSessionVerifier({ ...deps, tokens }),
    passwords: createPasswords(),
    options,
  }
}
