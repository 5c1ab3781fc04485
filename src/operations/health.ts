import type { Redis } from 'ioredis'
import { z } from 'zod'
import type { ObjectStore } from '../files/index.ts'
import type { Clock } from '../platform/clock.ts'
import type { Database } from '../platform/database.ts'
import type { Logger } from '../platform/logger.ts'
import type { SandboxReport } from '../sandbox/index.ts'
import { checkDatabaseConnection, checkObjectStore, checkRedisConnection, checkS3Access } from './check-dependencies.ts'

const part = z.enum(['ok', 'failed', 'not_configured'])

export const healthView = z.object({
  status: z
    .enum(['ok', 'degraded', 'failed'])
    .describe('failed: runs cannot be served; degraded: they can, but something is not well'),
  database: part,
  s3: part,
  redis: part,
  files: part.describe('Whatever store holds the files, S3 or the disk'),
  sandbox: z.object({
    grade: z.enum(['strong', 'process', 'none']),
    driver: z.string(),
    limiter: z.string(),
    why: z.string().nullable().describe('Why the grade is not strong'),
    mend: z.string().nullable().describe('The command that lifts the grade'),
    fallen: z
      .array(z.object({ wall: z.string(), evidence: z.string() }))
      .describe('Walls that did not hold when they were tried at start: why the grade is not strong'),
    python: z
      .object({
        grade: z.enum(['strong', 'process', 'none', 'untried']),
        version: z.string().nullable(),
        why: z.string().nullable().describe('Why agents in Python are not run here'),
        mend: z.string().nullable(),
      })
      .describe('Agents in Python: `untried` before the first of them needs it'),
    weakIsolationAllowed: z.boolean(),
    running: z.int(),
    waiting: z.int(),
    blanks: z.int().describe('Sandboxes that stand ready for callers who come for the first time'),
    blanksWanted: z.int().describe('How many should, by the last hour; the rest is booted in idle moments'),
  }),
  timestamp: z.iso.datetime(),
})
export type Health = z.infer<typeof healthView>

export type HealthDeps = {
  readonly db: Database
  readonly store: ObjectStore
  readonly redis: Redis | null
  readonly sandbox: { report(): SandboxReport }
  readonly clock: Clock
  readonly log: Logger
}

export type HealthReader = {
  /** How everything is, at most a second old: however many ask, each part is asked once a second. */
  read(): Promise<Health>
}

const KEEP_MS = 1_000
/** Evidence may quote what an attempt read: no more of it than tells what happened. */
const MAX_EVIDENCE = 120
const MAX_WHY = 400

export function createHealth(deps: HealthDeps): HealthReader {
  let kept: { readonly untilMs: number; readonly health: Promise<Health> } | null = null
  return {
    read() {
      const nowMs = deps.clock.monotonicMs()
      if (kept === null || nowMs >= kept.untilMs) kept = { untilMs: nowMs + KEEP_MS, health: look(deps) }
      return kept.health
    },
  }
}

async function look(deps: HealthDeps): Promise<Health> {
  const [database, s3, redis, files] = await Promise.all([
    checkDatabaseConnection(deps),
    checkS3Access(deps),
    checkRedisConnection(deps),
    checkObjectStore(deps),
  ])
  const { checks, ...report } = deps.sandbox.report()
  const { grade, driver, limiter, why, mend, weakIsolationAllowed, running, waiting, blanks, blanksWanted } = report
  const python = {
    grade: report.python.grade,
    version: report.python.version,
    why: report.python.why?.slice(0, MAX_WHY) ?? null,
    mend: report.python.mend,
  }
  const fallen = checks
    .filter((check) => !check.held)
    .map(({ name, evidence }) => ({ wall: name, evidence: evidence.slice(0, MAX_EVIDENCE) }))
  const isolation = { grade, driver, limiter, why: why?.slice(0, MAX_WHY) ?? null, mend, fallen, python }
  const use = { running, waiting, blanks, blanksWanted }
  const sandbox = { ...isolation, weakIsolationAllowed, ...use }
  return {
    status: statusOf({ database, redis, files, driver, grade }),
    database,
    s3,
    redis,
    files,
    sandbox,
    timestamp: new Date(deps.clock.nowMs()).toISOString(),
  }
}

/** Only what no run can do without makes it `failed`. Redis is a cache, and code that was used lately stands on the local
 * disk, so without them most runs go on; taking the process out of the balancer would end those too. Below `strong` the
 * agents of admins run on. */
function statusOf(parts: {
  readonly database: string
  readonly redis: string
  readonly files: string
  readonly driver: SandboxReport['driver']
  readonly grade: SandboxReport['grade']
}): Health['status'] {
  if (parts.database === 'failed' || parts.driver === 'none') return 'failed'
  const isWell = parts.redis !== 'failed' && parts.files !== 'failed' && parts.grade === 'strong'
  return isWell ? 'ok' : 'degraded'
}
