import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { isMissing } from '../../test/support/capabilities.ts'
import { atEndOfFile } from '../../test/support/each-file.ts'
import { aRedis } from '../../test/support/redis.ts'
import { createCache } from './cache.ts'
import { createLogger } from './logger.ts'
import { createRedis } from './redis.ts'

const log = createLogger('silent')

test.skipIf(isMissing('redis-server'))(
  'an entry stands in Redis under its own name for exactly its time, serves other processes, and its loss is passed over',
  async () => {
    const server = await aRedis()
    const opened = createRedis({ url: server.url, log, name: 'test' })
    await opened.start(AbortSignal.timeout(5_000))
    atEndOfFile(() => opened.stop())
    const look = new Redis(server.url)
    look.on('error', () => {})
    atEndOfFile(async () => look.disconnect())
    const aCache = () => createCache({ redis: opened.client, log, ttlSeconds: 3_600, maxItems: 10 })

    let loads = 0
    const load = async (): Promise<string> => `{"loaded":${(loads += 1)}}`
    expect(await aCache().getOrLoad('agent:a:1', load)).toBe('{"loaded":1}')
    expect(await look.keys('*')).toEqual(['agent:a:1'])
    const ttlMs = await look.pttl('agent:a:1')
    expect(ttlMs).toBeGreaterThan(3_590_000)
    expect(ttlMs).toBeLessThanOrEqual(3_600_000)
    expect(await aCache().getOrLoad('agent:a:1', load)).toBe('{"loaded":1}')
    expect(await aCache().getOrLoad('absent', async () => null)).toBeNull()
    expect(await look.exists('absent')).toBe(0)

    await server.kill()
    expect(await aCache().getOrLoad('agent:a:1', load)).toBe('{"loaded":2}')
  },
)
