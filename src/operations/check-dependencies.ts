import type { Redis } from 'ioredis'
import type { ObjectStore } from '../files/index.ts'
import { statement, type Database } from '../platform/database.ts'
import type { Logger } from '../platform/logger.ts'

/** How a part is. `not_configured`: this site does without it. */
export type PartStatus = 'ok' | 'failed' | 'not_configured'

/** A part that has not answered by then has failed: whoever asks for the health wants to know within a breath. */
const DEADLINE_MS = 2_000

const PING = statement<{ ok: number }>('operations.ping', 'select 1 as ok')

/** Does the database answer a query? */
export function checkDatabaseConnection(deps: { readonly db: Database; readonly log: Logger }): Promise<PartStatus> {
  return check('database', deps.log, () => deps.db.query(PING))
}

/** Can objects be written and read? Without a bucket the disk serves, and S3 is not configured. */
export function checkS3Access(deps: { readonly store: ObjectStore; readonly log: Logger }): Promise<PartStatus> {
  if (deps.store.driver !== 's3') return Promise.resolve('not_configured')
  return checkObjectStore(deps)
}

/** The same for whatever store there is. */
export function checkObjectStore(deps: { readonly store: ObjectStore; readonly log: Logger }): Promise<PartStatus> {
  return check('object store', deps.log, () => deps.store.check())
}

/** Does Redis answer? */
export function checkRedisConnection(deps: {
  readonly redis: Redis | null
  readonly log: Logger
}): Promise<PartStatus> {
  const { redis } = deps
  if (redis === null) return Promise.resolve('not_configured')
  return check('redis', deps.log, () => redis.ping())
}

async function check(part: string, log: Logger, ask: () => Promise<unknown>): Promise<PartStatus> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${DEADLINE_MS} ms`)), DEADLINE_MS)
  })
  try {
    await Promise.race([ask(), late])
    return 'ok'
  } catch (error) {
    log.warn({ part, err: error }, 'health check failed')
    return 'failed'
  } finally {
    clearTimeout(timer)
  }
}
