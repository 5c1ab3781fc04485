import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, startBureauProcess, type BureauProcess } from '../support/bureau-process.ts'
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
  /** How often each run was begun, as somebody outside saw it; empty unless that was asked for. */
  readonly begun: ReadonlyMap<string, number>
  /** Starts one more server process on this site. */
  start(): Promise<BureauProcess>
}

/** 1 credit a run and 0.25 for each effect: what a run that succeeded costs is {@link PAID_MICRO}. */
const RUN_MICRO = 1_000_000n
const EFFECT_MICRO = 250_000n
export const PAID_MICRO = RUN_MICRO + EFFECT_MICRO

/** One effect that can be counted on the bill and in the log. `waitMs` is how long it takes. BEGIN: what it does first. */
const EFFECT_AGENT = `export default async (input, ctx) => {
  BEGIN
  ctx.log.info('effect')
  ctx.charge('effect', 1)
  if (input.waitMs > 0) await new Promise((resolve) => setTimeout(resolve, input.waitMs))
  return { said: input.say, nonce: crypto.randomUUID() }
}`

/** Everything is removed at the end of the test file, servers first.
 * @param options.isCounted whether the agent tells a server outside that it begins: what the database says of a run that was
 * executed twice is only what the last of the two could write */
export async function aChaosSite(options: {
  readonly callers: number
  readonly isCounted?: boolean
}): Promise<ChaosSite> {
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
  const begun = new Map<string, number>()
  const host = options.isCounted === true ? await countBeginnings(begun) : null
  const creator = await aCaller(database.db, 0n, 'Creator')
  const callers = await Promise.all(
    Array.from({ length: options.callers }, (_, n) => aCaller(database.db, 20_000n * PAID_MICRO, `Caller ${n}`)),
  )
  const agentId = await publishAgent({ db: database.db, dataDir }, creator, {
    name: 'Effect',
    source: EFFECT_AGENT.replace('BEGIN', host === null ? '' : `await ctx.fetch('http://${host}/' + ctx.runId)`),
    ...(host !== null && { egress: [host] }),
    runMicro: RUN_MICRO,
    events: { effect: EFFECT_MICRO },
    maxMicro: 2n * RUN_MICRO,
    // Asking somebody outside takes its time on a busy machine.
    timeoutMs: host === null ? 5_000 : 20_000,
  })
  const throughProxy = new URL(database.url)
  throughProxy.port = String(proxy.port)
  return {
    database,
    proxy,
    callers,
    creator,
    agentId,
    begun,
    async start() {
      const server = await startBureauProcess({
        BUREAU_DATA: dataDir,
        DATABASE_URL: throughProxy.href,
        // The job queue and migrations go straight there: their messages are not those of a run.
        DATABASE_DIRECT_URL: database.url,
        ...(host !== null && { BUREAU_EGRESS_PRIVATE_HOSTS: host }),
        BUREAU_SANDBOX_BLANKS: '1',
        BUREAU_LOG_LEVEL: 'warn',
      })
      servers.push(server)
      return server
    },
  }
}

/** Hears from the agent itself that a run begins. @returns its host and port */
async function countBeginnings(begun: Map<string, number>): Promise<string> {
  const server = createServer((req, res) => {
    const runId = (req.url ?? '').slice(1)
    begun.set(runId, (begun.get(runId) ?? 0) + 1)
    res.end()
  })
  const port = await freePort()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  atEndOfFile(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  )
  return `127.0.0.1:${port}`
}
