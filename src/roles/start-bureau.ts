import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createEmbeddedPostgres } from '../platform/embedded-postgres.ts'
import { systemClock } from '../platform/clock.ts'
import { ConfigError } from '../platform/config.ts'
import { createDatabase } from '../platform/database.ts'
import { createLifecycle, type Lifecycle } from '../platform/lifecycle.ts'
import { createLogger, type Logger } from '../platform/logger.ts'
import { migrate } from '../platform/migrate.ts'
import { assemble, type Assembly } from './assemble.ts'
import { problemsOfProviders } from '../users/index.ts'
import type { BureauConfig } from './config.ts'
import { introduce } from './introduce.ts'
import { seedDemo } from './seed-demo.ts'
import { warmPython } from './warm-python.ts'

const MIGRATIONS = fileURLToPath(new URL('../../prisma/migrations', import.meta.url))

export type Bureau = {
  /** The address it really listens on. */
  readonly url: string
  /** Drains and stops everything in order. Idempotent. */
  stop(): Promise<void>
}

export type Console = { readonly say: (line: string) => void; readonly signal: AbortSignal }

/** Starts everything this process does, in order, telling the console what it is at. On a failure whatever was started
 * is stopped again before the error passes on. */
export async function startBureau(config: BureauConfig, console: Console): Promise<Bureau> {
  const { signal } = console
  const isEmbedded = config.platform.databaseUrl === undefined
  refuseNonsense(config, isEmbedded)
  const log = createLogger(config.platform.logLevel ?? (isEmbedded ? 'error' : 'info'))
  // With services of an operator's own, standard output is read by a collector: one JSON object a line and nothing else.
  const say = isEmbedded ? console.say : (line: string) => line.trim() !== '' && log.info(line.trim())
  const lifecycle = createLifecycle({ log, times: { startMs: 120_000, drainMs: 18_000, stopMs: 8_000 } })
  signal.addEventListener('abort', () => void lifecycle.stop(), { once: true })
  try {
    const dataDir = resolve(config.platform.dataDir)
    await mkdir(dataDir, { recursive: true, mode: 0o711 })
    const urls = await openDatabase({ config, dataDir, log, lifecycle, say, signal })
    const assembly = await assemble({ config, dataDir, log, lifecycle, urls, clock: systemClock, say })
    await seedAndIntroduce({ config, dataDir, isEmbedded, assembly, say, signal })
    void warmPython(assembly, log)
    return { url: assembly.url, stop: () => lifecycle.stop() }
  } catch (error) {
    await lifecycle.stop()
    throw error
  }
}

/** Combinations that would silently do nothing, or something else than was meant. */
function refuseNonsense(config: BureauConfig, isEmbedded: boolean): void {
  const problems: string[] = []
  const { platform } = config
  if (isEmbedded && platform.nodeEnv === 'production')
    problems.push('DATABASE_URL: must be set in production; the embedded database is for trying things out')
  if (platform.nodeEnv === 'production' && platform.sessionSecret === undefined)
    problems.push('NEXTAUTH_SECRET: must be set in production, at least 32 random characters')
  if (isEmbedded && platform.databaseDirectUrl !== undefined)
    problems.push('DATABASE_DIRECT_URL: is set without DATABASE_URL, so nothing would use it')
  if (config.users.smtpUrl !== undefined && config.users.mailFrom === undefined)
    problems.push('BUREAU_MAIL_FROM: must be set with SMTP_URL, or no server takes the mails')
  problems.push(...problemsOfProviders(config.users))
  if (config.gateway.site === 'development' && platform.nodeEnv === 'production')
    problems.push('BUREAU_SITE: development lets pages evaluate text as code, so not in production')
  if (config.gateway.site === 'development' && config.gateway.siteUrl === undefined)
    problems.push('SITE_URL: must name the site in development; `npm run dev` starts it and sets both')
  if (config.gateway.site === 'none' && config.gateway.siteUrl !== undefined)
    problems.push('SITE_URL: is set with BUREAU_SITE=none, so nothing would use it')
  if (problems.length > 0) throw new ConfigError(problems)
}

export type DatabaseUrls = { readonly pooled: string; readonly direct: string }

type Opening = {
  readonly config: BureauConfig
  readonly dataDir: string
  readonly log: Logger
  readonly lifecycle: Lifecycle
  readonly say: (line: string) => void
  readonly signal: AbortSignal
}

async function openDatabase({ config, dataDir, log, lifecycle, say, signal }: Opening): Promise<DatabaseUrls> {
  const { databaseUrl, databaseDirectUrl, statementTimeoutMs } = config.platform
  let urls: DatabaseUrls
  if (databaseUrl === undefined) {
    say('Starting the embedded PostgreSQL …')
    const embedded = await lifecycle.use(createEmbeddedPostgres({ dataDir: `${dataDir}/postgres`, log }))
    urls = { pooled: embedded.url(), direct: embedded.url() }
  } else {
    say('Waiting for PostgreSQL …')
    urls = { pooled: databaseUrl, direct: databaseDirectUrl ?? databaseUrl }
    await untilItAnswers(urls.direct, statementTimeoutMs, log, signal)
  }
  const applied = await migrate({ url: urls.direct, directory: MIGRATIONS, log, signal })
  if (applied.length > 0) say(`Brought the database up to date (${applied.length} migrations).`)
  return urls
}

async function untilItAnswers(
  url: string,
  statementTimeoutMs: number,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  const probe = createDatabase({ url, poolMax: 1, statementTimeoutMs, log, name: 'bureau start' })
  try {
    await probe.start(signal)
  } finally {
    await probe.stop()
  }
}

type Finishing = {
  readonly config: BureauConfig
  readonly dataDir: string
  readonly isEmbedded: boolean
  readonly assembly: Assembly
  readonly say: (line: string) => void
  readonly signal: AbortSignal
}

/** With a database of somebody's own, and in production, nothing is ever seeded. */
async function seedAndIntroduce({ config, dataDir, isEmbedded, assembly, say, signal }: Finishing): Promise<void> {
  const demo =
    isEmbedded && config.platform.nodeEnv !== 'production' ? await seedDemo(assembly, { dataDir, say, signal }) : null
  const mailFolder = config.users.smtpUrl === undefined ? join(dataDir, 'mail') : null
  introduce({ assembly, demo, say, port: config.http.port, mailFolder })
}
