import { describe, expect, onTestFinished, test } from 'vitest'
import { isMissing } from '../../test/support/capabilities.ts'
import { aRedis } from '../../test/support/redis.ts'
import { createLogger } from '../platform/logger.ts'
import { createRedis } from '../platform/redis.ts'
import { createRateLimit } from './rate-limits.ts'

const log = createLogger('silent')
/** Stands still, so that no test runs over the end of a minute. */
const clock = { nowMs: () => 1_800_000_000_000, monotonicMs: () => 0 }

async function aProcess(url: string, perMinute: number) {
  const redis = createRedis({ url, log, name: 'test' })
  await redis.start(AbortSignal.timeout(5_000))
  const limit = createRateLimit({ clock, log, redis: redis.client }, { per: 'address', perMinute })
  onTestFinished(async () => {
    limit.stop()
    await redis.stop()
  })
  return limit
}

describe.skipIf(isMissing('redis-server'))('rate limits of several processes', () => {
  test('add up: what one let through, the other does not let through again', async () => {
    const { url } = await aRedis()
    const [one, other] = [await aProcess(url, 6), await aProcess(url, 6)]
    for (let i = 0; i < 4; i++) one.take('a')
    await one.share()
    other.take('a')
    await other.share()
    other.take('a')
    expect(() => other.take('a')).toThrow(expect.objectContaining({ code: 'RATE_LIMITED' }))
    other.take('b')
  })

  test('go on by their own count when Redis is gone', async () => {
    const server = await aRedis()
    const limit = await aProcess(server.url, 2)
    await server.kill()
    limit.take('a')
    await limit.share()
    limit.take('a')
    expect(() => limit.take('a')).toThrow(expect.objectContaining({ code: 'RATE_LIMITED' }))
  })
})
