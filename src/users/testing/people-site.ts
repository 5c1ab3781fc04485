import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { aDatabase, type TestDatabase } from '../../../test/support/database.ts'
import { atEndOfFile } from '../../../test/support/each-file.ts'
import { eventually } from '../../../test/support/eventually.ts'
import { createHttpApp, httpOptions, type HttpApp } from '../../http/index.ts'
import { createJobQueue, type JobQueue } from '../../jobs/index.ts'
import { systemClock, type Clock } from '../../platform/clock.ts'
import { loadConfig } from '../../platform/config.ts'
import { createLogger } from '../../platform/logger.ts'
import { createPrisma } from '../../platform/prisma.ts'
import { createKeyVerifier } from '../authenticate-api-key.ts'
import { createAuthentication } from '../authentication.ts'
import { createPeople, type People, type PeopleOptions } from '../create-people.ts'
import { identityRoutes } from '../identity.routes.ts'
import type { KeptMail } from '../mail/mailer.ts'
import {
  cleanUpPeopleJob,
  grantWelcomeJob,
  mailNotificationsJob,
  sendMailJob,
  type UsersJobDeps,
} from '../users.jobs.ts'
import { usersOptions } from '../users.options.ts'
import { usersRoutes } from '../users.routes.ts'

export const SITE_URL = 'https://bureau.example'
export const SECRET = 'a secret of at least thirty-two characters'

type Grant = Parameters<UsersJobDeps['grantCredits']>[0]

export type PersonOfTest = {
  readonly email: string
  readonly password: string
  readonly userId: string
  readonly accountId: string
}
export type Signed = {
  readonly token: string
  readonly sessionId: string
  readonly device: string
  readonly accountId: string
}

export type Sent = {
  /** Bearer. */
  readonly as?: string
  /** The address it comes from. */
  readonly from?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** A site with people and nothing else: database, job queue, mails in files, one process of its routes. */
export type PeopleSite = {
  readonly database: TestDatabase
  readonly people: People
  readonly jobs: JobQueue
  readonly app: HttpApp
  /** What the ledger was asked to grant. */
  readonly grants: Grant[]
  /** Lets the site's own clock run ahead; the database's does not. */
  advance(ms: number): void
  /** The routes once more, as another process on the same database has them. */
  anotherProcess(): Promise<HttpApp>
  post(path: string, payload: object, sent?: Sent): Promise<Answer>
  send(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    sent?: Sent & { readonly payload?: object },
  ): Promise<Answer>
  /** The newest mail to an address, once it is there. @param subject part of its subject */
  mailTo(email: string, subject: string): Promise<KeptMail & { readonly token: string }>
  /** Somebody who registered and followed the link. */
  aPerson(name?: string): Promise<PersonOfTest>
  signIn(person: { readonly email: string; readonly password: string }, more?: object): Promise<Signed>
}

export type Answer = Awaited<ReturnType<HttpApp['inject']>>

export async function aPeopleSite(options: Partial<PeopleOptions> = {}): Promise<PeopleSite> {
  const database = await aDatabase()
  const { db } = database
  const mailFolder = await mkdtemp(join(tmpdir(), 'bureau-mail-'))
  const log = createLogger('silent')
  const { http, users } = loadConfig({ http: httpOptions, users: usersOptions }, {})
  let aheadMs = 0
  const clock: Clock = { nowMs: () => Date.now() + aheadMs, monotonicMs: systemClock.monotonicMs }
  const prisma = createPrisma({ pool: db.pool })
  const settings = { ...users, secrets: [SECRET], mailFolder, welcomeMicro: 0n, ...options }
  const people = createPeople({ db, clock, log }, settings)
  const grants: Grant[] = []
  const jobs = createJobQueue<UsersJobDeps>({
    url: database.url,
    poolMax: 4,
    log,
    jobs: [sendMailJob, grantWelcomeJob, cleanUpPeopleJob, mailNotificationsJob],
    deps: {
      db,
      keyring: people.keyring,
      mailer: people.mailer,
      siteUrl: Promise.resolve(SITE_URL),
      grantCredits: async (order) => void grants.push(order),
    },
    pollSeconds: 0.5,
  })
  await jobs.start(AbortSignal.timeout(20_000))
  atEndOfFile(async () => {
    await jobs.stop()
    await rm(mailFolder, { recursive: true, force: true })
  })

  async function aProcess(of: People): Promise<HttpApp> {
    const keys = createKeyVerifier({ db, clock, log })
    const { sessions, cookies, site } = of
    const authentication = createAuthentication({ keys, sessions, cookies, site, clock, publicUrl: SITE_URL })
    const made = await createHttpApp({ config: http, log, authentication })
    await made.register(identityRoutes(of, { db, prisma, clock, log, jobs }))
    await made.register(usersRoutes({ db, prisma }))
    await made.ready()
    atEndOfFile(() => made.close())
    return made
  }
  const app = await aProcess(people)

  let count = 0
  const site: PeopleSite = {
    database,
    people,
    jobs,
    app,
    grants,
    advance: (ms) => void (aheadMs += ms),
    anotherProcess: () => aProcess(createPeople({ db, clock, log }, settings)),
    post: (path, payload, sent = {}) => site.send('POST', path, { ...sent, payload }),
    send: (method, path, { as, from, headers, payload } = {}) =>
      app.inject({
        method,
        url: path,
        remoteAddress: from ?? '192.0.2.1',
        headers: { ...(as === undefined ? {} : { authorization: `Bearer ${as}` }), ...headers },
        ...(payload === undefined ? {} : { payload }),
      }),
    mailTo: (email, subject) =>
      eventually(
        async () => {
          const mails = await people.mailer.list({ take: 1_000, after: null })
          const found = mails.find((mail) => mail.to === email && mail.subject.includes(subject))
          if (found === undefined) throw new Error(`no mail "${subject}" to ${email}`)
          return { ...found, token: /(?:token=|\/invitations\/)([\w.-]+)/.exec(found.text)?.[1] ?? '' }
        },
        { withinMs: 8_000 },
      ),
    async aPerson(name = 'Ada Lovelace') {
      const email = `person${++count}@example.com`
      const password = `a phrase nobody says ${count}`
      const from = `198.51.${count % 250}.1`
      await site.post('/api/users', { email, name, password }, { from })
      const { token } = await site.mailTo(email, 'Confirm')
      const answer = await site.post('/api/users/verification', { token }, { from })
      const { userId, accountId }: { userId: string; accountId: string } = answer.json()
      return { email, password, userId, accountId }
    },
    async signIn({ email, password }, more = {}) {
      const answer = await site.post('/api/sessions', { email, password, ...more })
      if (answer.statusCode !== 201) throw new Error(`not signed in: ${answer.body}`)
      return answer.json<Signed>()
    },
  }
  return site
}
