import { createHash, randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import type { Logger } from './logger.ts'

/** The key of the advisory lock that the Prisma CLI takes, so that the two never migrate at once. */
const LOCK_KEY = 72707369
const LOCK_WAIT_MS = 120_000

/** A migration whose first line is this runs statement by statement, each in its own transaction, as
 * `create index concurrently` demands. Statements end with `;` at the end of a line. As a crash may leave it half
 * done, it is run again at the next start and must bear that: `drop index concurrently if exists …` first. */
export const OUTSIDE_TRANSACTION = '-- outside a transaction'

/** The database and the folder disagree in a way that only a person can decide. */
export class MigrationError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'MigrationError'
  }
}

export type MigrateOptions = {
  readonly url: string
  /** The folder with one folder per migration, each holding `migration.sql`. */
  readonly directory: string
  readonly log: Logger
  readonly signal?: AbortSignal
}

type Migration = { readonly name: string; readonly sql: string; readonly checksum: string }
type Recorded = {
  readonly migration_name: string
  readonly checksum: string
  readonly finished_at: Date | null
  readonly rolled_back_at: Date | null
}

/** Brings the database up to the folder, as `prisma migrate deploy` would but without the CLI and its engine; what it
 * leaves is accepted by the CLI, and the other way round. Safe to call from several processes at once.
 * @returns the names of the migrations applied now
 * @throws MigrationError on an edited, unknown or half-applied migration; nothing is applied then */
export async function migrate(options: MigrateOptions): Promise<string[]> {
  const { log, directory } = options
  const signal = options.signal ?? AbortSignal.timeout(LOCK_WAIT_MS)
  const known = await readMigrations(directory)
  const client = new pg.Client({ connectionString: options.url, application_name: 'bureau migrate', keepAlive: true })
  // A connection that breaks rejects the running query; the event on top of it must not end the process.
  client.on('error', (error) => log.warn({ err: error }, 'migration connection lost'))
  await client.connect()
  try {
    await lock(client, log, signal)
    await client.query(CREATE_TABLE)
    const { rows } = await client.query<Recorded>(
      'select migration_name, checksum, finished_at, rolled_back_at from _prisma_migrations order by started_at',
    )
    const pending = pendingMigrations(known, rows)
    for (const migration of pending) {
      signal.throwIfAborted()
      const from = performance.now()
      await apply(client, migration)
      log.info({ migration: migration.name, tookMs: Math.round(performance.now() - from) }, 'migration applied')
    }
    return pending.map((migration) => migration.name)
  } finally {
    // Ends the session, and the lock with it.
    await client.end()
  }
}

/** Every migration of the folder in the order of its name.
 * @throws MigrationError if a folder holds no `migration.sql` */
export async function readMigrations(directory: string): Promise<Migration[]> {
  const entries = await readdir(directory, { withFileTypes: true })
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  return Promise.all(
    names.toSorted().map(async (name) => {
      const file = join(directory, name, 'migration.sql')
      const bytes = await readFile(file).catch((cause: unknown) => {
        throw new MigrationError(`migration ${name} has no readable migration.sql`, { cause })
      })
      return { name, sql: bytes.toString('utf8'), checksum: createHash('sha256').update(bytes).digest('hex') }
    }),
  )
}

/** Decides what is still to be applied. @throws MigrationError naming every disagreement, not only the first */
function pendingMigrations(known: readonly Migration[], recorded: readonly Recorded[]): Migration[] {
  const byName = new Map(known.map((migration) => [migration.name, migration]))
  const applied = new Set<string>()
  const problems: string[] = []
  for (const row of recorded) {
    if (row.rolled_back_at !== null) continue
    const migration = byName.get(row.migration_name)
    if (migration === undefined) {
      problems.push(`${row.migration_name} is in the database but not in this version: it is older than its database`)
    } else if (row.finished_at === null) {
      if (isOutsideTransaction(migration)) continue
      problems.push(`${row.migration_name} began and did not finish: mend it, then run "prisma migrate resolve"`)
    } else if (row.checksum !== migration.checksum) {
      problems.push(`${row.migration_name} was edited after it had been applied: put it back, add a new one`)
    } else applied.add(row.migration_name)
  }
  if (problems.length > 0) throw new MigrationError(`The database cannot be migrated: ${problems.join('; ')}`)
  return known.filter((migration) => !applied.has(migration.name))
}

function isOutsideTransaction(migration: Migration): boolean {
  return migration.sql.split('\n', 1)[0]?.trim() === OUTSIDE_TRANSACTION
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  try {
    if (isOutsideTransaction(migration)) await applyPieces(client, migration)
    else await applyWhole(client, migration)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new MigrationError(`migration ${migration.name} failed: ${reason}`, { cause })
  }
}

/** The migration and its record commit together, so a crash leaves either both or nothing. */
async function applyWhole(client: pg.Client, { name, sql, checksum }: Migration): Promise<void> {
  try {
    await client.query('begin')
    await client.query(sql)
    await client.query(RECORD, [randomUUID(), checksum, name])
    await client.query('commit')
  } catch (error) {
    // The connection may be what failed; its end rolls back as well, and the first error is the one to tell.
    await client.query('rollback').catch(() => undefined)
    throw error
  }
}

async function applyPieces(client: pg.Client, { name, sql, checksum }: Migration): Promise<void> {
  const id = randomUUID()
  await client.query(
    'delete from _prisma_migrations where migration_name = $1 and finished_at is null and rolled_back_at is null',
    [name],
  )
  await client.query(
    'insert into _prisma_migrations (id, checksum, migration_name, applied_steps_count) values ($1, $2, $3, 0)',
    [id, checksum, name],
  )
  for (const piece of sql.split(/;[ \t]*$/m)) if (piece.trim() !== '') await client.query(piece)
  await client.query('update _prisma_migrations set finished_at = now(), applied_steps_count = 1 where id = $1', [id])
}

/** Polls instead of waiting in `pg_advisory_lock`: a waiting statement holds a snapshot, and the other process's
 * `create index concurrently` would wait for it, for ever. */
async function lock(client: pg.Client, log: Logger, signal: AbortSignal): Promise<void> {
  for (let tries = 0; ; tries++) {
    signal.throwIfAborted()
    const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [LOCK_KEY])
    if (rows[0]?.locked) return
    if (tries === 5) log.info('waiting for another process that migrates the database')
    await pause(200, undefined, { signal })
  }
}

// Prisma's own definition, word for word.
const CREATE_TABLE = `
  create table if not exists _prisma_migrations (
    id varchar(36) primary key not null,
    checksum varchar(64) not null,
    finished_at timestamptz,
    migration_name varchar(255) not null,
    logs text,
    rolled_back_at timestamptz,
    started_at timestamptz not null default now(),
    applied_steps_count integer not null default 0
  )`

const RECORD = `
  insert into _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
  values ($1, $2, $3, clock_timestamp(), clock_timestamp(), 1)`
