import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startBureauProcess, type BureauProcess } from '../support/bureau-process.ts'
import { aCaller, type Caller } from '../support/callers.ts'
import { aDatabase, type TestDatabase } from '../support/database.ts'
import { atEndOfFile } from '../support/each-file.ts'
import { publishAgent } from '../support/publish-agent.ts'
import { startPostgresProxy, type PostgresProxy } from './postgres-proxy.ts'

/** A database, an object store, a proxy between servers and PostgreSQL, callers with credits and one paid agent; servers
 * come and go. */
export type ChaosSite = {
  readonly database: TestDatabase
  readonly proxy: PostgresProxy
  readonly callers: readonly Caller[]
  readonly creator: Caller
  readonly agentId: string
  /** Starts one more server process on this site. */
  start(): Promise<BureauProcess>
}

/** 1 credit a run and 0.25 for each effect: what a run that succeeded costs is {@link PAID_MICRO}. */
const RUN_MICRO = 1_000_000n
const EFFECT_MICRO = 250_000n
export const PAID_MICRO = RUN_MICRO + EFFECT_MICRO

/** One effect that can be counted outside: an event on the bill, and a log line. `waitMs` is how long it takes. */
const EFFECT_AGENT = `export default async (input, ctx) => {
  ctx.log.info('effect')
  ctx.charge('effect', 1)
  if (input.waitMs > 0) await new Promise((resolve) => setTimeout(resolve, input.waitMs))
  return { said: input.say, nonce: crypto.randomUUID() }
}`

/** Everything is removed at the end of the test file, servers first. */
export async function aChaosSite(options: { readonly callers: number }): Promise<ChaosSite> {
  const database = await aDatabase()
  const dataDir = await mkdtemp(join(tmpdir(), 'bureau-chaos-'))
  const { hostname, port } = new URL(database.url)
  const proxy = await startPostgresProxy({ host: hostname, port: Number(port) })
  const servers: BureauProcess[] = []
  atEndOfFile(async () => {
    await Promise.all(servers.map((server) => server.kill()))
    await proxy.stop()
    await rm(dataDir, { recursive: true, force: true })
  })
  const creator = await aCaller(database.db, 0n, 'Creator')
  const callers = await Promise.all(
    Array.from({ length: options.callers }, (_, n) => aCaller(database.db, 20_000n * PAID_MICRO, `Caller ${n}`)),
  )
  const agentId = await publishAgent({ db: database.db, dataDir }, creator, {
    name: 'Effect',
    source: EFFECT_AGENT,
    runMicro: RUN_MICRO,
    events: { effect: EFFECT_MICRO },
    maxMicro: 2n * RUN_MICRO,
    timeoutMs: 5_000,
  })
  const throughProxy = new URL(database.url)
  throughProxy.port = String(proxy.port)
  return {
    database,
    proxy,
    callers,
    creator,
    agentId,
    async start() {
      const server = await startBureauProcess({
        BUREAU_DATA: dataDir,
        DATABASE_URL: throughProxy.href,
        // The job queue and migrations go straight there: their messages are not those of a run.
        DATABASE_DIRECT_URL: database.url,
        BUREAU_SANDBOX_BLANKS: '1',
        BUREAU_LOG_LEVEL: 'warn',
      })
      servers.push(server)
      return server
    },
  }
}
