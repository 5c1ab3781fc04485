import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { z } from 'zod'
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
  const base = config.http.url ?? (await lastAddress(config)) ?? `http://127.0.0.1:${config.http.port ?? DEFAULT_PORT}`
  return `Open this once, before ${link.expiresAt.toISOString()}:\n\n  ${new URL(link.path, base).href}\n\n`
}

/** Where the embedded mode said that it is at its last start: on another port where the usual one was taken. */
async function lastAddress(config: BureauConfig): Promise<string | null> {
  if (config.http.port !== undefined || config.platform.databaseUrl !== undefined) return null
  const text = await readFile(join(resolve(config.platform.dataDir), 'demo.json'), 'utf8').catch((error: unknown) => {
    // Nothing was seeded here.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  })
  return text === null ? null : z.object({ url: z.url() }).parse(JSON.parse(text)).url
}
