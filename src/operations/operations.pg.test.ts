import { createServer, type Server } from 'node:net'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { aDatabase, type TestDatabase } from '../../test/support/database.ts'
import { createObjectStore, filesOptions } from '../files/index.ts'
import { createHttpApp, httpOptions, type HttpApp } from '../http/index.ts'
import { systemClock } from '../platform/clock.ts'
import { loadConfig } from '../platform/config.ts'
import { createDatabase } from '../platform/database.ts'
import { createLogger } from '../platform/logger.ts'
import { createRedis } from '../platform/redis.ts'
import type { SandboxReport } from '../sandbox/index.ts'
import {
  createAuthentication,
  createKeyVerifier,
  createSetupLink,
  redeemSetupLink,
  type KeyVerifier,
} from '../users/index.ts'
import { createHealth } from './health.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { operationsOptions } from './operations.options.ts'
import { operationsRoutes } from './operations.routes.ts'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const log = createLogger('silent')
const TOKEN = 'a-token-of-the-scraper'
const report: SandboxReport = {
  grade: 'strong',
  driver: 'bubblewrap',
  limiter: 'watchdog',
  python: { grade: 'strong', version: '3.11.2', why: null, mend: null, checks: [] },
  why: null,
  mend: null,
  weakIsolationAllowed: false,
  checks: [
    { name: 'outside: no capabilities', held: true, evidence: 'Eff 0', neededFor: 'strong' },
    { name: 'outside: no procfs', held: false, evidence: 'proc at /proc', neededFor: 'strong' },
  ],
  blanks: 2,
  blanksWanted: 5,
  mostBlanks: 500,
  warm: 1,
  booting: 0,
  running: 3,
  waiting: 4,
  slots: { taken: 3, total: 8 },
  memory: { promisedMb: 512, budgetMb: 1024 },
}

let database: TestDatabase
let keys: KeyVerifier
let dataDir: string
beforeAll(async () => {
  database = await aDatabase()
  keys = createKeyVerifier({ db: database.db, clock: systemClock, log })
  dataDir = await mkdtemp(join(tmpdir(), 'bureau-operations-'))
  return () => rm(dataDir, { recursive: true })
})

type Parts = {
  readonly dbUrl?: string
  readonly redisUrl?: string
  readonly sandbox?: SandboxReport
  readonly clock?: typeof systemClock
}

async function anApp(parts: Parts = {}): Promise<{ app: HttpApp; metrics: Metrics }> {
  const store = createObjectStore({ ...loadConfig({ files: filesOptions }, {}).files, dataDir }, { log })
  await store.start(AbortSignal.timeout(5_000))
  const db =
    parts.dbUrl === undefined
      ? database.db
      : createDatabase({ url: parts.dbUrl, poolMax: 2, statementTimeoutMs: 1_000, log, name: 'elsewhere' })
  const redis = parts.redisUrl === undefined ? null : createRedis({ url: parts.redisUrl, log, name: 'test' })
  const sandbox = { report: () => parts.sandbox ?? report }
  const metrics = createMetrics({ sandbox, pools: { main: database.db.pool } })
  const health = createHealth({
    db,
    store,
    redis: redis?.client ?? null,
    sandbox,
    clock: parts.clock ?? systemClock,
    log,
  })
  const { http, operations } = loadConfig(
    { http: httpOptions, operations: operationsOptions },
    { BUREAU_METRICS_TOKEN: TOKEN },
  )
  const app = await createHttpApp({
    config: http,
    log,
    authentication: createAuthentication({ keys }),
    onRequestEnd: (ended) => metrics.observeRequest(ended),
  })
  await app.register(operationsRoutes({ health, metrics, keys, config: operations }))
  await app.ready()
  onTestFinished(async () => {
    await app.close()
    await redis?.stop()
    await store.stop()
    if (db !== database.db) await db.pool.end()
  })
  return { app, metrics }
}

describe('health', () => {
  test('names each part, and what this site does without as not_configured', async () => {
    const { app } = await anApp()
    const answer = await app.inject('/api/health')
    expect(answer.statusCode).toBe(200)
    expect(answer.json()).toEqual({
      status: 'ok',
      database: 'ok',
      s3: 'not_configured',
      redis: 'not_configured',
      files: 'ok',
      sandbox: {
        grade: 'strong',
        driver: 'bubblewrap',
        limiter: 'watchdog',
        why: null,
        mend: null,
        fallen: [{ wall: 'outside: no procfs', evidence: 'proc at /proc' }],
        python: { grade: 'strong', version: '3.11.2', why: null, mend: null },
        weakIsolationAllowed: false,
        running: 3,
        waiting: 4,
        blanks: 2,
        blanksWanted: 5,
      },
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
    })
  })

  test('below strong it is degraded, and says why, what was seen and what to type', async () => {
    const why = 'bubblewrap is not installed'
    const weak: SandboxReport = {
      ...report,
      grade: 'process',
      driver: 'deno',
      why,
      mend: 'apt-get install -y bubblewrap',
    }
    const { app } = await anApp({ sandbox: weak })
    const answer = await app.inject('/api/health')
    expect([answer.statusCode, answer.json().status]).toEqual([200, 'degraded'])
    expect(answer.json().sandbox).toMatchObject({
      grade: 'process',
      why,
      mend: 'apt-get install -y bubblewrap',
      fallen: [{ wall: 'outside: no procfs', evidence: 'proc at /proc' }],
    })
  })

  test('is 503 without the database, and readiness is false; the process still lives', async () => {
    const { app } = await anApp({ dbUrl: 'postgresql://nobody@127.0.0.1:1/none' })
    const answer = await app.inject('/api/health')
    expect([answer.statusCode, answer.json().status, answer.json().database]).toEqual([503, 'failed', 'failed'])
    expect((await app.inject('/api/health/ready')).statusCode).toBe(503)
    expect((await app.inject('/api/health/live')).json()).toEqual({ live: true })
  })

  test('is 200 and degraded without Redis, because runs go on', async () => {
    const { app } = await anApp({ redisUrl: 'redis://127.0.0.1:1' })
    const answer = await app.inject('/api/health')
    expect([answer.statusCode, answer.json().status, answer.json().redis]).toEqual([200, 'degraded', 'failed'])
  })

  test('answers within its deadline when the database accepts and then says nothing', async () => {
    const silent: Server = createServer(() => {})
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void silent.close())
    const address = silent.address()
    const port = typeof address === 'object' ? address?.port : 0
    const { app } = await anApp({ dbUrl: `postgresql://nobody@127.0.0.1:${port}/none` })
    const from = performance.now()
    expect((await app.inject('/api/health')).statusCode).toBe(503)
    expect(performance.now() - from).toBeLessThan(3_000)
  })

  test('is 503 without any way to isolate', async () => {
    const { app } = await anApp({ sandbox: { ...report, grade: 'none', driver: 'none' } })
    expect((await app.inject('/api/health')).statusCode).toBe(503)
  })

  test('asks the parts once a second, however many ask', async () => {
    let nowMs = 1_000
    const { app } = await anApp({ clock: { nowMs: () => nowMs, monotonicMs: () => nowMs } })
    const times = async () =>
      (await Promise.all([1, 2, 3].map(() => app.inject('/api/health')))).map((one) => one.json().timestamp)
    const first = await times()
    nowMs += 999
    expect(new Set([...first, ...(await times())]).size).toBe(1)
    nowMs += 1
    expect((await times())[0]).not.toBe(first[0])
  })

  test('readiness is false during a drain, while life goes on', async () => {
    const { app } = await anApp()
    expect((await app.inject('/api/health/ready')).json()).toEqual({ ready: true })
    app.drain.isDraining = true
    expect((await app.inject('/api/health/ready')).statusCode).toBe(503)
    expect((await app.inject('/api/health/live')).statusCode).toBe(200)
    expect((await app.inject('/api/openapi.json')).json().code).toBe('SHUTTING_DOWN')
  })
})

describe('metrics', () => {
  test('tell requests by route pattern and status class, runs by outcome, and how full the pools are', async () => {
    const { app, metrics } = await anApp()
    await app.inject('/api/health')
    await app.inject('/api/health/no-such-thing')
    metrics.observeRun({ outcome: 'succeeded', startedCold: true, waitMs: 20, runMs: 5 })
    const { body } = await app.inject('/metrics')
    expect(body).toContain('bureau_http_request_duration_seconds_count{route="/api/health",status="2xx"} 1')
    expect(body).toContain('bureau_http_request_duration_seconds_count{route="unknown",status="4xx"} 1')
    expect(body).toContain('bureau_runs_total{outcome="succeeded"} 1')
    expect(body).toContain('bureau_sandbox_instances{state="running"} 3')
    expect(body).toMatch(/bureau_database_connections\{pool="main",state="idle"\} \d/)
    expect(body).toContain('nodejs_eventloop_lag_p99_seconds')
    expect(body).not.toContain('no-such-thing')
  })

  test('look at the event loop seldom enough to let an idle server sleep', async () => {
    const { app } = await anApp()
    const leastLag = async () => {
      const { body } = await app.inject('/metrics')
      return Number(/^nodejs_eventloop_lag_min_seconds (\S+)$/m.exec(body)?.[1])
    }
    // What was told is forgotten, and without a look in between there is nothing to tell yet: that is as good as for ever.
    await expect.poll(leastLag, { interval: 400, timeout: 20_000 }).toSatisfy((lag: number) => lag >= 0.04 && lag < 60)
  })

  test('are for this machine, the scraper with the token, and admins', async () => {
    const { app } = await anApp()
    const link = await createSetupLink({ db: database.db }, { email: 'ops@example.com' })
    const admin = await redeemSetupLink({ db: database.db }, link.path.slice('/setup/'.length))
    const ask = async (headers: Record<string, string>, remoteAddress = '192.0.2.1') =>
      (await app.inject({ url: '/metrics', remoteAddress, headers })).statusCode
    expect(await ask({}, '127.0.0.1')).toBe(200)
    expect(await ask({})).toBe(403)
    expect(await ask({ 'x-forwarded-for': '127.0.0.1' }, '127.0.0.1')).toBe(403)
    expect(await ask({ authorization: `Bearer ${TOKEN}` })).toBe(200)
    expect(await ask({ authorization: 'Bearer another-token-here' })).toBe(401)
    expect(await ask({ authorization: `Bearer ${admin.key}` })).toBe(200)
  })
})
