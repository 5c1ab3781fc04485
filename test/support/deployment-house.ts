import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { aDatabase, type TestDatabase } from './database.ts'
import { atEndOfFile } from './each-file.ts'
import { createAgentCache, type AgentCache, type AgentDeps } from '../../src/agents/index.ts'
import { createDiskStore, type ObjectStore } from '../../src/files/index.ts'
import { createJobQueue, type JobQueue } from '../../src/jobs/index.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { loadConfig } from '../../src/platform/config.ts'
import { createLogger, type Logger } from '../../src/platform/logger.ts'
import { createSandbox, sandboxOptions, type Sandbox, type SandboxConfig } from '../../src/sandbox/index.ts'
import { createUser, systemPrincipal, type Principal } from '../../src/users/index.ts'
import { agentDeployment, awaitDeployment, deployAgent, type Deployment } from '../../src/deployments/index.ts'

export type House = {
  readonly db: TestDatabase['db']
  readonly url: string
  readonly dataDir: string
  readonly store: ObjectStore
  readonly sandbox: Sandbox
  readonly jobs: JobQueue
  readonly agentCache: AgentCache
  readonly agents: AgentDeps
  readonly log: Logger
  readonly limits: SandboxConfig
  readonly admin: Principal
  readonly creatorId: string
  /** Deploys these files as the admin and waits for the end. */
  deploy(slug: string, files: Readonly<Record<string, string>>): Promise<Deployment>
}

/** Everything a deployment needs, real: PostgreSQL, job queue, disk store, sandbox. Stopped at the end of the file.
 * @param options.role `sends`: deployments wait for another process
 * @param options.at the database and folder of a server that does them, instead of its own */
export async function aDeploymentHouse({
  at,
  ...options
}: {
  readonly role?: 'works' | 'sends'
  readonly at?: { readonly database: TestDatabase; readonly dataDir: string }
} = {}): Promise<House> {
  const { db, url } = at?.database ?? (await aDatabase())
  const log = createLogger('fatal', 2)
  const signal = AbortSignal.timeout(30_000)
  const dataDir = at?.dataDir ?? (await mkdtemp(join(tmpdir(), 'bureau-deploy-')))
  const config = loadConfig({ sandbox: sandboxOptions }, { BUREAU_SANDBOX_BLANKS: '0' }).sandbox
  const store = createDiskStore({ dir: join(dataDir, 'objects') })
  const sandbox = createSandbox({ config, log, clock: systemClock })
  const agentCache = createAgentCache({ db, redis: null, clock: systemClock, log })
  const jobs = createJobQueue({
    url,
    poolMax: 3,
    log,
    jobs: [agentDeployment],
    ...options,
    deps: { db, store, sandbox, agents: { cache: agentCache }, limits: config },
  })
  for (const service of [store, sandbox, agentCache, jobs]) {
    await service.start(signal)
    atEndOfFile(() => service.stop())
  }
  const creator = await createUser({ db }, 'system:test', {
    email: 'creator@example.com',
    name: 'Creator',
    roles: ['admin'],
  })
  const admin = systemPrincipal('test', creator.accountId)
  return {
    db,
    url,
    dataDir,
    store,
    sandbox,
    jobs,
    agentCache,
    agents: { cache: agentCache, creatorShare: 8_000 },
    log,
    limits: config,
    admin,
    creatorId: creator.userId,
    async deploy(slug, files) {
      const sourceFiles = new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)]))
      const order = { slug, sourceFiles, createdBy: creator.userId }
      const { deploymentId } = await deployAgent({ db, store, jobs }, admin, order)
      return awaitDeployment({ db }, admin, deploymentId, { signal: AbortSignal.timeout(60_000) })
    },
  }
}
