import { resolve } from 'node:path'
import { createDatabase, type Database } from '../platform/database.ts'
import { findEmbeddedUrl } from '../platform/embedded-postgres-url.ts'
import { platformErrors } from '../platform/errors.ts'
import { createLogger } from '../platform/logger.ts'
import type { BureauConfig } from '../roles/config.ts'

/** Runs something on the database of the site on this machine: the operator's own, or the embedded one of a site that
 * is running.
 * @throws DEPENDENCY_UNAVAILABLE if it does not answer within ten seconds; Error where no site was ever started */
export async function onSiteDatabase<T>(config: BureauConfig, work: (db: Database) => Promise<T>): Promise<T> {
  const { databaseUrl, dataDir, statementTimeoutMs } = config.platform
  const url = databaseUrl ?? (await findEmbeddedUrl(resolve(dataDir, 'postgres')))
  if (url === null) throw new Error('There is no site here yet: start it once with npm start, then run this beside it.')
  const db = createDatabase({ url, poolMax: 1, statementTimeoutMs, log: createLogger('error', 2), name: 'bureau cli' })
  const deadline = AbortSignal.timeout(10_000)
  try {
    await db.start(deadline).catch((cause: unknown) => {
      if (deadline.aborted) throw platformErrors.DEPENDENCY_UNAVAILABLE({ dependency: 'database' }, { cause })
      throw cause
    })
    return await work(db)
  } finally {
    await db.stop()
  }
}
