import { Redis } from 'ioredis'
import { describe, expect, test } from 'vitest'
import { isMissing } from './capabilities.ts'
import { aRedis } from './redis.ts'

describe.skipIf(isMissing('redis-server'))('the Redis of the tests', () => {
  test('it keeps a value, and is not reachable from outside this machine', async () => {
    const server = await aRedis()
    const client = new Redis(server.url)
    await client.set('a', '1')
    expect(await client.get('a')).toBe('1')
    expect(await client.config('GET', 'bind')).toEqual(['bind', '127.0.0.1'])
    client.disconnect()
    await server.stop()
  })
})
