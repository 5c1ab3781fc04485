import { DEFAULT_PORT } from '../roles/assemble.ts'
import type { BureauConfig } from '../roles/config.ts'
import { createSetupLink } from '../users/index.ts'
import { onSiteDatabase } from './site-database.ts'

/** `bureau admin create`: the link by which the first admin, or a lost one, comes in. */
export async function createAdmin(
  config: BureauConfig,
  order: { readonly email: string; readonly name?: string },
): Promise<string> {
  const link = await onSiteDatabase(config, (db) => createSetupLink({ db }, order))
  const base = config.http.url ?? `http://127.0.0.1:${config.http.port ?? DEFAULT_PORT}`
  return `Open this once, before ${link.expiresAt.toISOString()}:\n\n  ${new URL(link.path, base).href}\n\n`
}
