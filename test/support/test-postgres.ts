import { createHash } from 'node:crypto'
import { join } from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import {
  createEmbeddedPostgres,
  DataDirectoryInUseError,
  type EmbeddedPostgres,
} from '../../src/platform/embedded-postgres.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { migrate, readMigrations } from '../../src/platform/migrate.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Of the server's maintenance database. */
    serverUrl: string
    /** The migrated database that each test file's own is copied from. */
    templateName: string
  }
}

const ROOT = join(import.meta.dirname, '..', '..')
const MIGRATIONS = join(ROOT, 'prisma', 'migrations')
const CACHE = join(ROOT, 'node_modules', '.cache', 'test-postgres')
const KEPT_FOR_MS = 24 * 3_600_000

type Shared = { readonly serverUrl: string; readonly templateName: string; readonly stop: () => Promise<void> }

// Each project loads this module afresh, so what they share cannot live in it.
declare global {
  // oxlint-disable-next-line no-var -- only `var` declares a property of globalThis
  var bureauTestPostgres: { users: number; readonly shared: Promise<Shared> } | undefined
}

/** Boots one PostgreSQL for the whole run, or takes the one of BUREAU_TEST_DATABASE_URL, and migrates the template. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const entry = (globalThis.bureauTestPostgres ??= { users: 0, shared: boot() })
  entry.users += 1
  const shared = await entry.shared
  project.provide('serverUrl', shared.serverUrl)
  project.provide('templateName', shared.templateName)
  return async () => {
    entry.users -= 1
    if (entry.users > 0) return
    globalThis.bureauTestPostgres = undefined
    await shared.stop()
  }
}

async function boot(): Promise<Shared> {
  const given = process.env['BUREAU_TEST_DATABASE_URL']
  const server = given ? undefined : await bootEmbedded()
  const serverUrl = given ?? server?.url() ?? ''
  const admin = new pg.Client({ connectionString: serverUrl })
  await admin.connect()
  try {
    const templateName = await makeTemplate(admin, serverUrl)
    await dropOld(admin, templateName)
    return { serverUrl, templateName, stop: async () => server?.stop() }
  } finally {
    await admin.end()
  }
}

/** Several runs may go on at once: each takes the first data directory that nobody uses. */
async function bootEmbedded(): Promise<EmbeddedPostgres> {
  const log = createLogger('error', 2)
  // Nothing here outlives the machine, so nothing is flushed.
  const settings = { fsync: 'off', full_page_writes: 'off', max_connections: '300', max_wal_size: '256MB' }
  for (let n = 0; ; n++) {
    const server = createEmbeddedPostgres({ dataDir: join(CACHE, String(n)), log, settings })
    try {
      await server.start(AbortSignal.timeout(60_000))
      return server
    } catch (error) {
      await server.stop()
      if (!(error instanceof DataDirectoryInUseError)) throw error
    }
  }
}

/** Named after the migrations' contents, so that an unchanged folder is migrated once, not once a run. */
async function makeTemplate(admin: pg.Client, serverUrl: string): Promise<string> {
  const hash = createHash('sha256')
  for (const { name, checksum } of await readMigrations(MIGRATIONS)) hash.update(`${name} ${checksum}\n`)
  const templateName = `template_${hash.digest('hex').slice(0, 16)}`
  // Two runs on one given server must not make it twice.
  await admin.query('select pg_advisory_lock(hashtext($1))', [templateName])
  const { rowCount } = await admin.query('select 1 from pg_database where datname = $1 and datistemplate', [
    templateName,
  ])
  if (rowCount === 0) {
    await admin.query(`drop database if exists ${templateName}`)
    await admin.query(`create database ${templateName} template template0 encoding 'UTF8'`)
    const url = new URL(serverUrl)
    url.pathname = templateName
    await migrate({ url: url.href, directory: MIGRATIONS, log: createLogger('error', 2) })
    // Only now: a run that died in between left no template.
    await admin.query(`alter database ${templateName} is_template true`)
  }
  return templateName
}

/** Databases kept for a look after a failure, and templates of older migrations, go after a day. */
async function dropOld(admin: pg.Client, templateName: string): Promise<void> {
  const { rows } = await admin.query<{ datname: string; datistemplate: boolean }>(
    String.raw`select datname, datistemplate from pg_database where datname ~ '^(t[0-9]{13}_|template_[0-9a-f]{16}$)'
      and datname <> $1 and not exists (select from pg_stat_activity a where a.datname = pg_database.datname)`,
    [templateName],
  )
  for (const { datname, datistemplate } of rows) {
    if (datistemplate) {
      if (process.env['BUREAU_TEST_DATABASE_URL']) continue
      await admin.query(`alter database ${datname} is_template false`)
    } else if (Date.now() - Number(datname.slice(1, 14)) < KEPT_FOR_MS) continue
    await admin.query(`drop database if exists ${datname}`)
  }
}
