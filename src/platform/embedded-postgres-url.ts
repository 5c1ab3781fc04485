import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DATABASE_USER } from './embedded-postgres-files.ts'

/** The address of the embedded PostgreSQL that another process serves from this folder: for commands beside a running
 * site, which may read its password.
 * @param dataDir the folder given to `createEmbeddedPostgres`   @returns null where no cluster was ever started */
export async function findEmbeddedUrl(dataDir: string): Promise<string | null> {
  const read = (name: string): Promise<string | null> =>
    readFile(join(dataDir, name), 'utf8').then(
      (text) => text.trim() || null,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return null
        throw error
      },
    )
  const [port, password] = await Promise.all([read('port'), read('password')])
  return port === null || password === null
    ? null
    : `postgresql://${DATABASE_USER}:${password}@127.0.0.1:${port}/bureau`
}
