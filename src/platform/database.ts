import pg from 'pg'
import { setTimeout as pause } from 'node:timers/promises'
import { faultOf } from './database-fault.ts'
import { platformErrors } from './errors.ts'
import type { Logger } from './logger.ts'
import type { Service } from './service.ts'

/** A named statement, prepared once per connection. `Row` is what it returns; nothing checks that but the tests. */
export type Statement<Row extends pg.QueryResultRow = pg.QueryResultRow> = {
  readonly name: string
  readonly text: string
  /** Never set: carries the row's type. */
  readonly row?: Row
}

/** Names a statement: `<domain>.<what it does>`. PostgreSQL cuts names at 63 bytes and would then mix two of them.
 * @throws RangeError if the name is longer */
export function statement<Row extends pg.QueryResultRow = pg.QueryResultRow>(
  name: string,
  text: string,
): Statement<Row> {
  if (Buffer.byteLength(name) > 63) throw new RangeError(`statement name ${name} is longer than 63 bytes`)
  return Object.freeze({ name, text })
}

/** What a statement can be run on: the pool, or one transaction. */
export type Queryable = {
  /** The rows. `int8` arrives as `bigint`, `timestamptz` as `Date`, `bytea` as `Buffer`. */
  query<Row extends pg.QueryResultRow>(statement: Statement<Row>, params?: readonly unknown[]): Promise<Row[]>
  /** The number of affected rows: the guard is in the WHERE, so somebody must read it. */
  execute(statement: Statement, params?: readonly unknown[]): Promise<number>
}

/** An open transaction. `client` is for libraries that join it, such as the job queue. */
export type Transaction = Queryable & { readonly client: pg.PoolClient }

export type Database = Queryable & {
  /** Runs `work` between BEGIN and COMMIT; whatever it throws rolls back and passes on.
   * Nothing may leave the process inside. @throws Error if PostgreSQL rolled back although `work` was content */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>
  /** For the hot path and for libraries. */
  readonly pool: pg.Pool
}

export type DatabaseOptions = {
  readonly url: string
  /** Connections at most; the sum over all pools of a process is what PostgreSQL's `max_connections` must bear. */
  readonly poolMax: number
  /** The server ends a statement after so many milliseconds; the client gives up 5 s later. */
  readonly statementTimeoutMs: number
  readonly log: Logger
  /** `application_name`, seen in `pg_stat_activity`. */
  readonly name: string
}

const INT8 = pg.types.builtins.INT8
const CONNECT_TIMEOUT_MS = 5_000
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 30_000
const IDLE_CLIENT_TIMEOUT_MS = 60_000

/** Credits are bigint; a double would round them above 2^53. Local to our pools: libraries keep `pg`'s own parsers. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => (oid === INT8 && format !== 'binary' ? BigInt : pg.types.getTypeParser(oid, format)),
}

/** The pool of a process to one PostgreSQL. `start` waits until it answers. */
export function createDatabase(options: DatabaseOptions): Database & Service {
  const { log, name, statementTimeoutMs } = options
  const pool = new pg.Pool({
    connectionString: options.url,
    application_name: name,
    max: options.poolMax,
    types,
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_CLIENT_TIMEOUT_MS,
    statement_timeout: statementTimeoutMs,
    // A server that vanished without a FIN would otherwise hold its caller for ever.
    query_timeout: statementTimeoutMs + 5_000,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
  })
  // Without these listeners a lost connection is an uncaught exception: `error` on the pool reports idle clients,
  // the one on the client those that are out on loan between two queries.
  pool.on('error', (error) => log.warn({ err: error, pool: name }, 'idle database connection lost'))
  pool.on('connect', (client) => {
    client.on('error', (error) => log.warn({ err: error, pool: name }, 'database connection lost'))
  })
  let stopping: Promise<void> | undefined

  return {
    name: `database ${name}`,
    pool,
    ...queryable(pool),
    async transaction(work) {
      const client = await pool.connect().catch(unavailable)
      let broken: unknown
      try {
        await client.query('begin').catch(unavailable)
        const result = await work({ client, ...queryable(client) })
        const { command } = await client.query('commit').catch(unavailable)
        // After a failed statement whose error was swallowed, COMMIT answers ROLLBACK without complaint.
        if (command !== 'COMMIT') throw new Error('the transaction was rolled back: a statement in it had failed')
        return result
      } catch (error) {
        await client.query('rollback').catch((cause: unknown) => {
          broken = cause
        })
        throw error
      } finally {
        client.release(broken !== undefined)
      }
    },
    start: (signal) => waitUntilReady(pool, name, log, signal),
    stop() {
      stopping ??= pool.end()
      return stopping
    },
  }
}

/** A database that does not answer is told as such at every door, whichever statement met it first.
 * @throws EnhancedAppError DEPENDENCY_UNAVAILABLE, or the error itself where PostgreSQL refused the statement */
function unavailable(error: unknown): never {
  if (faultOf(error) !== 'lost') throw error
  throw platformErrors.DEPENDENCY_UNAVAILABLE({ dependency: 'database', retryAfterSeconds: 2 }, { cause: error })
}

function queryable(on: pg.Pool | pg.PoolClient): Queryable {
  return {
    query: async <Row extends pg.QueryResultRow>({ name, text }: Statement<Row>, params: readonly unknown[] = []) => {
      const { rows } = await on.query<Row>({ name, text, values: [...params] }).catch(unavailable)
      return rows
    },
    execute: async ({ name, text }, params = []) => {
      const { rowCount } = await on.query({ name, text, values: [...params] }).catch(unavailable)
      return rowCount ?? 0
    },
  }
}

/** Not up yet: refused, reset, starting, shutting down. A wrong password or database name is a fault at once. */
const NOT_YET = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE', 'ETIMEDOUT', '57P01', '57P02', '57P03'])

async function waitUntilReady(pool: pg.Pool, name: string, log: Logger, signal: AbortSignal): Promise<void> {
  for (let waitMs = 50; ; waitMs = Math.min(waitMs * 2, 1_000)) {
    signal.throwIfAborted()
    try {
      await pool.query('select 1')
      return
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : ''
      if (!NOT_YET.has(code)) throw error
      log[waitMs < 1_000 ? 'debug' : 'warn']({ pool: name, code }, 'still waiting for the database')
    }
    await pause(waitMs, undefined, { signal })
  }
}
