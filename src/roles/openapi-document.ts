import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../platform/clock.ts'
import { loadConfig } from '../platform/config.ts'
import type { Lifecycle } from '../platform/lifecycle.ts'
import { createLogger } from '../platform/logger.ts'
import { createApp, createParts } from './assemble.ts'
import { optionGroups } from './config.ts'

/** The OpenAPI document of the API as it is without settings. Everything is put together as for a server and nothing is
 * started: no database is asked, nothing listens. */
export async function openApiDocument(): Promise<unknown> {
  const config = loadConfig(optionGroups, { NEXTAUTH_SECRET: 'signs nothing, seals nothing, serves nobody' })
  const nobody = 'postgresql://nobody@127.0.0.1:1/nothing'
  const neverStarting: Lifecycle = { use: (service) => Promise.resolve(service), stop: () => Promise.resolve() }
  const parts = await createParts({
    config,
    dataDir: join(tmpdir(), 'bureau-openapi'),
    log: createLogger('silent'),
    lifecycle: neverStarting,
    urls: { pooled: nobody, direct: nobody },
    clock: systemClock,
    say: () => undefined,
  })
  const { app } = await createApp(parts, {
    site: null,
    options: { publicUrl: undefined, isDevelopment: false },
    listensAt: () => '',
    clock: systemClock,
  })
  await app.ready()
  const document: unknown = app.swagger()
  await app.close()
  return document
}
