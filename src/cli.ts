import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { ConfigError, EX_CONFIG } from './platform/config.ts'
import { createDatabase } from './platform/database.ts'
import { EnhancedAppError } from './platform/errors.ts'
import { findEmbeddedUrl } from './platform/embedded-postgres-url.ts'
import { createLogger } from './platform/logger.ts'
import { DEFAULT_PORT } from './roles/assemble.ts'
import { readConfig, type BureauConfig } from './roles/config.ts'
import { createSetupLink } from './users/index.ts'

const USAGE = `Usage:
  bureau admin create <email> [--name NAME]   Make the first admin, or let a lost one back in: prints a link that
                                              works once, for an hour. Deletes nobody.

The site must have been started once, because that makes the tables. Configuration is that of the site (npm start -- --help).
`

/** sysexits.h: the command was used wrongly. */
const EX_USAGE = 64

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { name: { type: 'string' }, help: { type: 'boolean' } },
  })
  const [noun, verb, email, ...rest] = positionals
  if (values.help === true) return tell(USAGE, 0)
  if (noun !== 'admin' || verb !== 'create' || email === undefined || rest.length > 0) return tell(USAGE, EX_USAGE)
  return createAdmin(readConfig(), { email, ...(values.name === undefined ? {} : { name: values.name }) })
}

async function createAdmin(
  config: BureauConfig,
  order: { readonly email: string; readonly name?: string },
): Promise<number> {
  const url = config.platform.databaseUrl ?? (await findEmbeddedUrl(resolve(config.platform.dataDir, 'postgres')))
  if (url === null)
    return tell('There is no site here yet: start it once with npm start, then run this beside it.\n', 1)
  const log = createLogger('error', 2)
  const { statementTimeoutMs } = config.platform
  const db = createDatabase({ url, poolMax: 1, statementTimeoutMs, log, name: 'bureau cli' })
  try {
    await db.start(AbortSignal.timeout(10_000))
    const link = await createSetupLink({ db }, order)
    const base = config.http.url ?? `http://127.0.0.1:${config.http.port ?? DEFAULT_PORT}`
    return tell(`Open this once, before ${link.expiresAt.toISOString()}:\n\n  ${new URL(link.path, base).href}\n\n`, 0)
  } finally {
    await db.stop()
  }
}

function tell(text: string, exitCode: number): number {
  const stream = exitCode === 0 ? process.stdout : process.stderr
  stream.write(text)
  return exitCode
}

function problemOf(error: unknown): string {
  if (error instanceof ConfigError) return error.problems.join('\n')
  if (error instanceof EnhancedAppError) return `${error.code}: ${error.spec.title}. ${error.fix}`
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'ECONNREFUSED' || (error instanceof Error && error.name === 'TimeoutError'))
    return 'The database does not answer. Start the site (npm start) and run this beside it.'
  return error instanceof Error ? error.message : String(error)
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`${problemOf(error)}\n`)
  return error instanceof ConfigError ? EX_CONFIG : 1
})
