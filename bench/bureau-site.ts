import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { createDatabase, type Database } from '../src/platform/database.ts'
import { DATABASE_USER, layoutOf } from '../src/platform/embedded-postgres-files.ts'
import { createLogger } from '../src/platform/logger.ts'
import { startBureauProcess, type BureauProcess } from '../test/support/bureau-process.ts'
import { eventually } from '../test/support/eventually.ts'

const demoFile = z.object({ url: z.url(), apiKey: z.string(), agents: z.record(z.string(), z.string()) })
const agentAnswer = z.object({ examples: z.array(z.object({ name: z.string(), input: z.unknown() })).min(1) })
const healthAnswer = z.looseObject({ sandbox: z.looseObject({ grade: z.string(), driver: z.string() }) })

/** A Bureau as `npm start` boots it, with its embedded PostgreSQL, in a folder of its own. */
export type BenchSite = {
  readonly server: BureauProcess
  readonly dataDir: string
  readonly databaseUrl: string
  readonly postgresPid: number
  readonly db: Database
  readonly echo: { readonly agentId: string; readonly body: string }
  readonly isolation: string
  stop(): Promise<void>
}

/** Boots Bureau and reads what it says about itself; the payload is the echo agent's own first example. */
export async function startBenchSite(env: Readonly<Record<string, string>> = {}): Promise<BenchSite> {
  const dataDir = await mkdtemp(join(tmpdir(), 'bureau-bench-'))
  let server: BureauProcess | undefined
  let database: ReturnType<typeof createDatabase> | undefined
  const stop = async (): Promise<void> => {
    await database?.stop()
    await server?.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
  try {
    server = await startBureauProcess({ BUREAU_DATA: dataDir, ...env })
    // It serves before it has published the demo agents, and writes this file, whole, when it has.
    const text = await eventually(() => readFile(join(dataDir, 'demo.json'), 'utf8'), { withinMs: 120_000 })
    const demo = demoFile.parse(JSON.parse(text))
    const agentId = demo.agents['echo'] ?? demo.agents['Echo']
    if (agentId === undefined) throw new Error(`no echo agent among ${Object.keys(demo.agents).join(', ')}`)
    const headers = { authorization: `Bearer ${demo.apiKey}` }
    const agent = agentAnswer.parse(await getJson(new URL(`/api/agents/${agentId}`, server.url), headers))
    const health = healthAnswer.parse(await getJson(new URL('/api/health', server.url), headers))
    const { url: databaseUrl, pid: postgresPid } = await embeddedPostgres(join(dataDir, 'postgres'))
    const log = createLogger('error', 2)
    database = createDatabase({ url: databaseUrl, poolMax: 4, statementTimeoutMs: 15_000, log, name: 'bench' })
    await database.start(AbortSignal.timeout(10_000))
    return {
      server,
      dataDir,
      databaseUrl,
      postgresPid,
      db: database,
      echo: { agentId, body: JSON.stringify(agent.examples[0]?.input) },
      isolation: `${health.sandbox.grade} (${health.sandbox.driver})`,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Where the embedded PostgreSQL listens: its launcher keeps port and password beside the cluster. */
async function embeddedPostgres(dataDir: string): Promise<{ url: string; pid: number }> {
  const { cluster } = layoutOf(dataDir)
  const read = async (path: string): Promise<string> => (await readFile(path, 'utf8')).trim()
  const [port, password, pidFile] = await Promise.all([
    read(join(dataDir, 'port')),
    read(join(dataDir, 'password')),
    read(join(cluster, 'postmaster.pid')),
  ])
  const pid = Number(pidFile.split('\n', 1)[0])
  return { url: `postgresql://${DATABASE_USER}:${encodeURIComponent(password)}@127.0.0.1:${port}/bureau`, pid }
}

async function getJson(url: URL, headers: Readonly<Record<string, string>>): Promise<unknown> {
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(10_000) })
  if (!response.ok) throw new Error(`${url.pathname} answered ${response.status}: ${await response.text()}`)
  return response.json()
}
