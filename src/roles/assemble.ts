import type { Server as HttpServer } from 'node:http'
import { agentsRoutes, createAgentCache, createConsents, reportsRoutes, type AgentDeps } from '../agents/index.ts'
import { rollUpAnalytics } from '../analytics/index.ts'
import {
  createLowCredits,
  createPartitions,
  createPartitionsJob,
  creditsRoutes,
  grantCredits,
  rollUpLedgerJob,
  type PostOrder,
} from '../credits/index.ts'
import { agentDeployment, deploymentsRoutes, type DeploymentDeps } from '../deployments/index.ts'
import { createCodeCache, createObjectStore, type ObjectStore } from '../files/index.ts'
import {
  createSiteProcess,
  forwardUpgrades,
  gatewayRoutes,
  signInProviders,
  siteElsewhere,
  type GatewayDeps,
  type Site,
} from '../gateway/index.ts'
import { createHttpApp, createHttpService, docsRoutes, type HttpApp } from '../http/index.ts'
import { createJobQueue, type JobQueue } from '../jobs/index.ts'
import { cleanupJob, createHealth, createMetrics, monitoringJob, operationsRoutes } from '../operations/index.ts'
import type { Clock } from '../platform/clock.ts'
import { createDatabase, type Database } from '../platform/database.ts'
import { newUuidV7 } from '../platform/ids.ts'
import { keptSecret } from '../platform/kept-secret.ts'
import type { Lifecycle } from '../platform/lifecycle.ts'
import type { Logger } from '../platform/logger.ts'
import { createPrisma, type Prisma } from '../platform/prisma.ts'
import { createRedis } from '../platform/redis.ts'
import type { Service } from '../platform/service.ts'
import {
  accountRoom,
  createFollower,
  createPublisher,
  createRealtimeService,
  type Publisher,
} from '../realtime/index.ts'
import {
  createFindWaiting,
  createKeyCaps,
  createRunCancels,
  createRunDispatcher,
  createRunEvents,
  createRunLedger,
  createRunRooms,
  createRunWatch,
  createStreamLimits,
  createRunNetwork,
  createTrials,
  reapRunsJob,
  runsRoutes,
  type RunAgentDeps,
  type RunLedger,
  type RunWatch,
  type SettledRun,
  type Trials,
} from '../runs/index.ts'
import { secretsRoutes } from '../secrets/index.ts'
import { createDownloader, createSandbox, type Sandbox } from '../sandbox/index.ts'
import {
  cleanUpPeopleJob,
  createAuthentication,
  createKeyVerifier,
  createPeople,
  grantWelcomeJob,
  identityRoutes,
  mailNotificationsJob,
  notify,
  sendMailJob,
  setupRoutes,
  usersRoutes,
  type KeyVerifier,
  type People,
} from '../users/index.ts'
import type { BureauConfig } from './config.ts'
import type { DatabaseUrls } from './start-bureau.ts'

export type AssembleDeps = {
  readonly config: BureauConfig
  readonly dataDir: string
  readonly log: Logger
  readonly lifecycle: Lifecycle
  readonly urls: DatabaseUrls
  readonly clock: Clock
  /** Tells the console what happens after the start. */
  readonly say: (line: string) => void
}

/** The running parts of a process that serves everything. */
export type Assembly = {
  readonly url: string
  readonly db: Database
  readonly prisma: Prisma
  readonly keys: KeyVerifier
  readonly sandbox: Sandbox
  readonly jobs: JobQueue
  readonly agents: AgentDeps
  readonly deployments: DeploymentDeps
  readonly ledger: RunLedger
}

const RUN_PATH_CONNECTIONS = 8
export const DEFAULT_PORT = 3000

/** Builds everything from the platform up and starts it in order: what serves users comes last, so that it drains first. */
export async function assemble(deps: AssembleDeps): Promise<Assembly> {
  const parts = await createParts(deps)
  const { db, prisma, keys, sandbox, jobs, agents, store, ledger, listening } = parts
  const url = await serve(parts)
  listening.resolve(url)
  return { url, db, prisma, keys, sandbox, jobs, agents, deployments: { db, store, jobs }, ledger }
}

/** Everything that the routes stand on. */
export async function createParts(deps: AssembleDeps): Promise<Parts> {
  const { config, dataDir, log, lifecycle, urls, clock } = deps
  const { statementTimeoutMs, poolMax } = config.platform
  const db = await lifecycle.use(createDatabase({ url: urls.pooled, poolMax, statementTimeoutMs, log, name: 'bureau' }))
  const runDb = await lifecycle.use(
    createDatabase({ url: urls.pooled, poolMax: RUN_PATH_CONNECTIONS, statementTimeoutMs, log, name: 'bureau runs' }),
  )
  log.info({ connections: poolMax + RUN_PATH_CONNECTIONS + config.jobs.poolMax + 1 }, 'database connections at most')
  const redis =
    config.platform.redisUrl === undefined
      ? null
      : (await lifecycle.use(createRedis({ url: config.platform.redisUrl, log, name: 'bureau' }))).client
  await lifecycle.use({
    name: 'partitions',
    start: async () => void (await createPartitions({ db, log })),
    stop: () => Promise.resolve(),
  })

  const store = createObjectStore({ ...config.files, dataDir }, { log })
  await lifecycle.use(store)
  const codeCache = await lifecycle.use(
    createCodeCache(
      {
        dir: `${dataDir}/cache/code`,
        maxMemoryBytes: config.files.codeMemoryMb * 1_000_000,
        maxDiskBytes: config.files.codeDiskMb * 1_000_000,
      },
      { log },
    ),
  )
  const sandbox = await lifecycle.use(createSandbox({ config: config.sandbox, log, clock }))
  const agentCache = await lifecycle.use(createAgentCache({ db, redis, clock, log }))
  const agents: AgentDeps = { cache: agentCache, creatorShare: config.agents.creatorShare }
  const prisma = createPrisma({ pool: db.pool })
  const people = createPeople(
    { db, clock, log },
    {
      ...config.users,
      // Several processes of one site need the same: without the variable they share the folder, or they are one.
      secrets: [
        config.platform.sessionSecret ?? (await keptSecret(`${dataDir}/session-secret`)),
        ...config.platform.oldSecrets,
      ],
      mailFolder: `${dataDir}/mail`,
      isSecure: config.http.url?.startsWith('https:') ?? false,
      welcomeMicro: config.credits.welcomeMicro,
    },
  )
  const publisher = await lifecycle.use(createPublisher({ db, log }))
  // Mails that wait since the last start are worked on before this process listens.
  const listening = Promise.withResolvers<string>()
  const basis = {
    ...deps,
    db,
    runDb,
    prisma,
    redis,
    store,
    codeCache,
    sandbox,
    agents,
    people,
    publisher,
    listening,
  }
  const ledger = await lifecycle.use(
    createRunLedger({ db: runDb, reads: db, log, ownerId: newUuidV7(), queueMs: config.runs.queueMs }),
  )
  const jobs = await lifecycle.use(createJobs(basis))
  const keys = createKeyVerifier({ db, clock, log })
  return { ...basis, ledger, jobs, keys }
}

type Basis = AssembleDeps & {
  readonly db: Database
  readonly prisma: Prisma
  readonly redis: ReturnType<typeof createRedis>['client'] | null
  readonly store: ObjectStore
  readonly codeCache: ReturnType<typeof createCodeCache>
  readonly sandbox: Sandbox
  readonly agents: AgentDeps
  readonly runDb: Database
  readonly people: People
  readonly publisher: Publisher
  /** Resolved with the address people reach, once this process listens. */
  readonly listening: PromiseWithResolvers<string>
}

export type Parts = Basis & {
  readonly ledger: RunLedger
  readonly jobs: JobQueue
  readonly keys: KeyVerifier
}

function createJobs({ config, log, urls, db, store, sandbox, agents, people, listening }: Basis): JobQueue {
  const deps = {
    db,
    log,
    store,
    sandbox,
    agents,
    limits: config.sandbox,
    registry: config.deployments.registry,
    pythonIndex: config.deployments.pythonIndex,
    retention: config.retention,
    keyring: people.keyring,
    mailer: people.mailer,
    siteUrl: listening.promise,
    grantCredits: (order: PostOrder) => grantCredits({ db }, order),
  }
  return createJobQueue<typeof deps>({
    url: urls.direct,
    poolMax: config.jobs.poolMax,
    log,
    jobs: [
      agentDeployment,
      reapRunsJob,
      rollUpLedgerJob,
      createPartitionsJob,
      rollUpAnalytics,
      monitoringJob,
      cleanupJob,
      sendMailJob,
      grantWelcomeJob,
      cleanUpPeopleJob,
      mailNotificationsJob,
    ],
    deps,
  })
}

/** The run path and the other routes, not listening yet.
 * @param gateway where pages come from   @returns also the streams of runs, for sockets */
export async function createApp(
  parts: Parts,
  gateway: GatewayDeps,
): Promise<{ readonly app: HttpApp; readonly watch: RunWatch }> {
  const { config, log, db, prisma, redis, store, sandbox, agents, clock } = parts
  const metrics = createMetrics({ sandbox, pools: { main: db.pool, runs: parts.runDb.pool } })
  const health = createHealth({ db, store, redis, sandbox, clock, log })
  const app = await createHttpApp({
    config: config.http,
    log,
    clock,
    authentication: createAuthentication({
      keys: parts.keys,
      sessions: parts.people.sessions,
      cookies: parts.people.cookies,
      visitors: parts.people.visitors,
      site: parts.people.site,
      publicUrl: config.http.url,
      clock,
    }),
    ...(redis === null ? {} : { redis }),
    onRequestEnd: (ended) => metrics.observeRequest(ended),
  })
  const { runs } = config
  const trials = createTrials({ db, keyring: parts.people.keyring, clock }, config.trials)
  const runAgent = await serveQueuedRuns(parts, trials, (ended) => metrics.observeRun(ended))
  await app.register(
    runsRoutes({
      db,
      runAgent,
      receive: {
        uploads: {
          db,
          store,
          arriving: new Map(),
          finishing: new Map(),
          limits: {
            maxBytes: runs.uploadBytes,
            quotaBytes: runs.uploadQuotaBytes,
            ttlMs: runs.uploadTtlMs,
            partialTtlMs: runs.uploadPartialTtlMs,
          },
        },
        maxFiles: runs.uploadFiles,
        download: createDownloader(config.sandbox),
      },
      retention: config.retention,
      streams: createStreamLimits({ perAccount: runs.streamsPerAccount, perAddress: runs.streamsPerAddress }),
    }),
  )
  const site = () => ({
    isolation: sandbox.report().grade,
    retention: { days: config.retention.contentDays },
  })
  await app.register(
    agentsRoutes({ db, agents, store, site, trialsLeft: (agent, address) => trials.left(agent, address) }),
  )
  await app.register(reportsRoutes({ db }))
  await app.register(secretsRoutes({ db, keyring: parts.people.keyring }))
  await app.register(deploymentsRoutes({ db, store, jobs: parts.jobs, agents }))
  await app.register(creditsRoutes({ db }))
  await app.register(usersRoutes({ db, prisma }))
  await app.register(identityRoutes(parts.people, { db, prisma, clock, log, jobs: parts.jobs }))
  await app.register(setupRoutes({ db }, { url: config.http.url }))
  await app.register(operationsRoutes({ health, metrics, keys: parts.keys, config: config.operations }))
  await app.register(docsRoutes)
  await app.register(gatewayRoutes(gateway))
  return { app, watch: runAgent.watch }
}

/** The server, and what comes to it beside requests. @returns the address under which people reach it */
async function serve(parts: Parts): Promise<string> {
  const { config, log, lifecycle } = parts
  // Where it really listens; asked for by whoever comes later.
  let listensAt = ''
  const site = createSite(parts, () => listensAt)
  const { app, watch } = await createApp(parts, {
    site,
    options: {
      publicUrl: config.http.url,
      isDevelopment: config.gateway.site === 'development',
    },
    listensAt: () => listensAt,
    clock: parts.clock,
  })
  const { host, port } = config.http
  const service = await lifecycle.use(
    createHttpService({ app, log }, { host, port: port ?? DEFAULT_PORT, nextFree: port === undefined }),
  )
  await serveLiveUpdates(parts, app.server, watch)
  if (site !== null && config.gateway.site === 'development') forwardUpgrades(app.server, site)
  const bound = service.address()
  if (bound === null) throw new Error('the server listens nowhere')
  listensAt = addressOf(bound)
  if (site !== null && 'start' in site) await lifecycle.use(site)
  return config.http.url ?? listensAt
}

/** An address that a program on this machine can call: wherever else it listens, 0.0.0.0 is not one. */
function addressOf({ host, port }: { readonly host: string; readonly port: number }): string {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`
}

function createSite({ config, log, say, people }: Parts, listensAt: () => string): Site | (Site & Service) | null {
  const { site, siteUrl } = config.gateway
  if (site === 'none') return null
  if (siteUrl !== undefined) return siteElsewhere(siteUrl)
  const { secrets, sessionDays } = people.options
  return createSiteProcess({
    log,
    say,
    environment: () => ({
      apiUrl: listensAt(),
      publicUrl: config.http.url,
      secrets,
      sessionDays,
      providers: signInProviders(config.users),
    }),
  })
}

/** The run path: what the routes run agents with, and the queue beside it. */
async function serveQueuedRuns(
  parts: Parts & { readonly ledger: RunLedger },
  trials: Trials,
  observe: NonNullable<RunAgentDeps['onSettled']>,
): Promise<RunAgentDeps> {
  const { config, log, lifecycle, db, runDb, store, codeCache, sandbox, agents, ledger } = parts
  const { runsPerAccount, keyTtlMs, replayWaitMs } = config.runs
  const { maxOutputBytes, maxLogBytes, allowWeakIsolation } = config.sandbox
  const { ownerId } = ledger
  const slots = () => sandbox.report().slots.total
  const lowCredits = createLowCredits({ db, clock: parts.clock, log })
  const waiting = createFindWaiting({ db, runsPerAccount, slots })
  const cancels = await lifecycle.use(createRunCancels({ db, log, ownerId }))
  const events = await lifecycle.use(createRunEvents({ db: runDb, log, ownerId }))
  const watch = await lifecycle.use(createRunWatch({ db, log, events, waiting }))
  const execute = {
    sandbox,
    store,
    codeCache,
    agents,
    network: createRunNetwork({ db, keyring: parts.people.keyring, log }),
    ledger,
    cancels,
    events,
    watch,
    artifactTtlMs: config.retention.artifactDays * 86_400_000,
    onSettled(ended: Parameters<typeof observe>[0]) {
      observe(ended)
      tellAccount(parts.publisher, ended)
      if (ended.charge !== '0') lowCredits.spent(ended.accountId)
      tellPerson(parts, ended)
      const { agentName: _, wasAlone: __, ...facts } = ended
      log.info(facts, 'run ended')
    },
    options: { keyTtlMs, replayWaitMs, maxOutputBytes, maxLogBytes, allowWeakIsolation, runsPerAccount },
  }
  const dispatcher = await lifecycle.use(
    createRunDispatcher({ ...execute, db: runDb, log, runsPerAccount, onTook: (ms) => waiting.took(ms) }),
  )
  return {
    ...execute,
    consents: createConsents({ db }),
    caps: createKeyCaps({ db }),
    trials,
    onQueued: () => dispatcher.nudge(),
    waiting,
  }
}

/** For whoever has a page of the account open. */
function tellAccount(publisher: Publisher, { runId, accountId, agentId, outcome, code, charge }: SettledRun): void {
  const room = accountRoom(accountId)
  publisher.announce({ room, type: 'run:updated', data: { runId, agentId, status: outcome, code, charge } })
  publisher.announce({ room, type: 'balance:changed', data: { because: 'run' } })
}

/** Whoever queued a run and did not stay to see its end. */
function tellPerson({ db, log }: Parts, ended: SettledRun): void {
  const { runId, accountId, principal, agentName, outcome, charge } = ended
  if (!ended.wasAlone || outcome === 'canceled' || !principal.startsWith('user:')) return
  const data = { runId, agent: agentName, status: outcome, charge }
  notify(db, { userId: principal.slice('user:'.length), accountId }, { kind: 'run_ended', once: runId, data }).catch(
    (error: unknown) => log.warn({ err: error, runId }, 'the end of a run was not told'),
  )
}

/** Sockets for pages: after the server, so that they are closed before it drains. */
async function serveLiveUpdates(parts: Parts, server: HttpServer, watch: RunWatch): Promise<void> {
  const { config, log, lifecycle, db, urls, people, publisher, ledger } = parts
  const follower = await lifecycle.use(createFollower({ db, listenUrl: urls.direct, log }))
  await lifecycle.use(
    createRealtimeService({
      server,
      db,
      follower,
      publisher,
      log,
      config: config.realtime,
      siteUrl: config.http.url,
      processId: ledger.ownerId,
      sessions: people.sessions,
      runs: createRunRooms({ db, watch }),
    }),
  )
}
