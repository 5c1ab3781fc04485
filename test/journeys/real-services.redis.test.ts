import { Redis } from 'ioredis'
import { beforeAll, describe, expect, test } from 'vitest'
import { getBalance, verifyLedger } from '../../src/credits/index.ts'
import { createObjectStore, type ObjectStore } from '../../src/files/index.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { aCaller, type Caller } from '../support/callers.ts'
import { isMissing } from '../support/capabilities.ts'
import { eventually } from '../support/eventually.ts'
import { publishAgent } from '../support/publish-agent.ts'
import { aRedis, type TestRedis } from '../support/redis.ts'
import { aRunSite, type RunSite } from '../support/run-site.ts'
import { anS3, type TestS3 } from '../support/s3.ts'

const CREDIT = 1_000_000n
let s3: TestS3
let redis: TestRedis
let site: RunSite
let store: ObjectStore
let agentId: string

/** A server as an operator with services of their own would start it: PostgreSQL, S3 and Redis by their variables. */
describe.skipIf(isMissing('redis-server') || isMissing('bwrap'))(
  'with PostgreSQL, S3 and Redis of the operator',
  () => {
    beforeAll(async () => {
      s3 = await anS3()
      redis = await aRedis()
      site = await aRunSite({
        REDIS_URL: redis.url,
        S3_BUCKET_NAME: s3.bucket,
        S3_ENDPOINT: s3.endpoint,
        AWS_REGION: s3.region,
        AWS_ACCESS_KEY_ID: s3.accessKeyId,
        AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
        NEXTAUTH_SECRET: 'a secret of at least thirty-two characters',
        NODE_ENV: 'production',
      })
      const started = createObjectStore(
        { ...s3, codeMemoryMb: 1, codeDiskMb: 1, dataDir: site.dataDir },
        { log: createLogger('silent') },
      )
      await started.start(AbortSignal.timeout(10_000))
      store = started
      agentId = await publishAgent({ db: site.database.db, dataDir: site.dataDir, store }, site.creator, {
        name: 'Measure',
        runMicro: CREDIT,
        input: { type: 'object', properties: { data: { type: 'string', format: 'bureau-file' } }, required: ['data'] },
        source: `export default async ({ data }) => (await data.bytes()).length`,
      })
    })

    const aFunded = (): Promise<Caller> => aCaller(site.database.db, 5n * CREDIT)
    const runWithFile = (caller: Caller) => {
      const form = new FormData()
      form.set('data', new Blob([Buffer.alloc(1_000_000, 'x')]), 'x.bin')
      return site.run(caller, agentId, form)
    }

    test('health names all three as in use', async () => {
      const { status, body } = await site.get(null, 'api/health')
      expect([status, body['status'], body['database'], body['s3'], body['redis']]).toEqual([
        200,
        'ok',
        'ok',
        'ok',
        'ok',
      ])
    })

    test('nothing is seeded: whoever starts it makes the first admin themselves', async () => {
      expect((await site.get(null, 'api/agents')).body).toMatchObject({ items: [{ id: agentId }] })
      expect(site.server.output()).not.toContain('bur_')
    })

    test('a run takes its code and its file from S3, and is paid once', async () => {
      const caller = await aFunded()
      const answer = await runWithFile(caller)
      expect(answer.body).toMatchObject({ status: 'succeeded', output: 1_000_000, charge: '1' })
      const run = await site.get(caller, `api/runs/${String(answer.body['runId'])}`)
      expect(run.body).toMatchObject({
        input: { data: { name: 'x.bin', sizeBytes: 1_000_000, uploadId: expect.any(String) } },
      })
      expect(await getBalance(site.database, caller.accountId)).toMatchObject({
        availableMicro: 4n * CREDIT,
        heldMicro: 0n,
      })
      expect(await verifyLedger(site.database)).toMatchObject({ isSound: true })
      const { data } = objectOf(run.body['input'])
      const key = `uploads/${caller.accountId}/${String(objectOf(data)['uploadId'])}/content`
      expect((await store.get(key)).byteLength).toBe(1_000_000)
    })

    test('the agent stands in Redis under the specified key, for an hour', async () => {
      await runWithFile(await aFunded())
      const client = new Redis(redis.url)
      try {
        const ttl = await eventually(
          async () => {
            const seconds = await client.ttl(`agent:${agentId}:1`)
            expect(seconds).toBeGreaterThan(0)
            return seconds
          },
          { withinMs: 5_000 },
        )
        expect(ttl).toBeLessThanOrEqual(3_600)
        expect(ttl).toBeGreaterThan(3_500)
      } finally {
        client.disconnect()
      }
    })

    test('runs go on while Redis is gone, and health says so', async () => {
      const caller = await aFunded()
      await redis.kill()
      await eventually(
        async () => {
          const { status, body } = await site.get(null, 'api/health')
          expect([status, body['status'], body['redis']]).toEqual([200, 'degraded', 'failed'])
        },
        { withinMs: 5_000 },
      )
      expect((await runWithFile(caller)).body).toMatchObject({ status: 'succeeded' })
    })
  },
)

const objectOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? { ...value } : {}
