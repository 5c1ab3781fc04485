import { Redis } from 'ioredis'
import { beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../platform/clock.ts'
import { statement, type Database } from '../platform/database.ts'
import { createLogger } from '../platform/logger.ts'
import { createPrisma } from '../platform/prisma.ts'
import { isMissing } from '../../test/support/capabilities.ts'
import { aDatabase } from '../../test/support/database.ts'
import { atEndOfFile } from '../../test/support/each-file.ts'
import { aRedis } from '../../test/support/redis.ts'
import { createAgentCache, type AgentCache } from './agent-cache.ts'
import { storeManifest } from './agents.schema.ts'

const log = createLogger('silent')
const MANIFEST = storeManifest({
  name: 'Echo',
  description: '',
  input: null,
  output: null,
  price: { runMicro: 100_000n, events: {}, maxMicro: 100_000n },
  limits: { timeoutMs: 1_000, memoryMb: 64, cpuMs: 1_000 },
  egress: [],
  secrets: [],
  idempotent: false,
  streams: false,
})

const ADD_VERSION = statement(
  'test.add_version',
  `insert into "AgentVersion" ("agentId", version, "fileUrl", sha256, "sizeBytes", manifest, examples, "createdBy")
   values ($1, 3, $2, 'ab', 7, $3, '', 'u')`,
)

/** What another process would start with: nothing in its memory. */
async function aCache(db: Database, redis: Redis | null): Promise<AgentCache> {
  const cache = createAgentCache({ db, redis, clock: systemClock, log })
  await cache.start(AbortSignal.timeout(5_000))
  atEndOfFile(() => cache.stop())
  return cache
}

async function aClient(url: string): Promise<Redis> {
  const client = new Redis(url, {
    commandTimeout: 200,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    lazyConnect: true,
  })
  client.on('error', () => undefined) // a server that is killed on purpose
  await client.connect()
  atEndOfFile(async () => client.disconnect())
  return client
}

describe.skipIf(isMissing('redis-server'))('the metadata of an agent', () => {
  let db: Database
  beforeAll(async () => {
    db = (await aDatabase()).db
    const prisma = createPrisma({ pool: db.pool })
    await prisma.account.create({ data: { id: 'maker', name: 'Maker', slug: 'maker', kind: 'personal' } })
    for (const id of ['echo', 'calm', 'storm']) {
      await prisma.agent.create({
        data: {
          id,
          name: 'Echo',
          description: '',
          fileUrl: 'f',
          createdBy: 'u',
          accountId: 'maker',
          slug: id,
          status: 'active',
          activeVersion: 3,
        },
      })
      await db.execute(ADD_VERSION, [id, `agents/u/${id}/v3/agent.mjs`, JSON.stringify(MANIFEST)])
    }
  })

  test('is kept in Redis as JSON under agent:<id>:<version> for an hour, and nothing is under another name', async () => {
    const redis = await aClient((await aRedis()).url)
    const found = await (await aCache(db, redis)).findVersion('echo', 3)
    expect(found).toMatchObject({ version: 3, manifest: { price: { runMicro: 100_000n } }, code: { sha256: 'ab' } })
    expect(await redis.keys('*')).toEqual(['agent:echo:3'])
    const ttl = await redis.ttl('agent:echo:3')
    expect(ttl).toBeGreaterThan(3_590)
    expect(ttl).toBeLessThanOrEqual(3_600)
    expect(JSON.stringify(JSON.parse((await redis.get('agent:echo:3')) ?? ''))).toContain('agents/u/echo/v3/agent.mjs')
  })

  test('comes from Redis in a process that has just started, and from the memory the second time', async () => {
    const redis = await aClient((await aRedis()).url)
    await (await aCache(db, redis)).findVersion('calm', 3)
    const closed = new Proxy(db, {
      get: (target, name, receiver) =>
        name === 'query' ? () => Promise.reject(new Error('asked the database')) : Reflect.get(target, name, receiver),
    })
    const other = await aCache(closed, redis)
    expect(await other.findVersion('calm', 3)).toMatchObject({ agentId: 'calm', version: 3 })
    await redis.flushall()
    expect(await other.findVersion('calm', 3)).toMatchObject({ agentId: 'calm', version: 3 })
    await expect((await aCache(closed, redis)).findVersion('calm', 3)).rejects.toThrow()
  })

  test('is read from PostgreSQL while Redis hangs or is gone', async () => {
    const server = await aRedis()
    const redis = await aClient(server.url)
    server.freeze()
    expect(await (await aCache(db, redis)).findVersion('storm', 3)).toMatchObject({ agentId: 'storm' })
    await server.kill()
    expect(await (await aCache(db, redis)).findVersion('storm', 3)).toMatchObject({ agentId: 'storm' })
  })

  test('a version that does not exist is not remembered', async () => {
    const redis = await aClient((await aRedis()).url)
    expect(await (await aCache(db, redis)).findVersion('echo', 4)).toBeNull()
    expect(await redis.keys('*')).toEqual([])
  })
})
