import { BentoCache, bentostore } from 'bentocache'
import { memoryDriver } from 'bentocache/drivers/memory'
import { redisDriver } from 'bentocache/drivers/redis'
import type { Redis } from 'ioredis'
import type { Logger } from './logger.ts'
import type { Service } from './service.ts'

/** A cache in this process's memory and, where there is one, in Redis. For what never changes under its key: nothing
 * tells other processes of a change, and nothing needs to. */
export type Cache = Service & {
  /** What is cached under the key, else what `load` gives, which is then cached. Callers of one key share a load.
   * A `null` is not cached. A Redis that does not answer is passed over. */
  getOrLoad(key: string, load: () => Promise<string | null>): Promise<string | null>
}

export type CacheOptions = {
  readonly redis: Redis | null
  readonly log: Logger
  /** Seconds that an entry lives, in memory and in Redis. */
  readonly ttlSeconds: number
  /** Entries kept in memory. */
  readonly maxItems: number
}

export function createCache(options: CacheOptions): Cache {
  const { redis } = options
  const memory = bentostore().useL1Layer(memoryDriver({ maxItems: options.maxItems, serialize: false }))
  const bento = new BentoCache({
    default: 'all',
    // Its own default writes `bentocache:` before every key.
    prefix: '',
    ttl: `${options.ttlSeconds}s`,
    // With grace it would write a longer TTL to Redis than it was told to.
    grace: false,
    suppressL2Errors: true,
    // After a fault Redis is left alone for so long, so that a Redis that hangs does not slow every request.
    l2CircuitBreakerDuration: '2s',
    stores: {
      all: redis === null ? memory : memory.useL2Layer(redisDriver({ connection: redis })),
    },
  })
  return {
    name: 'cache',
    async start() {},
    async stop() {
      // The connection to Redis is not ours to end: only what is in memory goes.
      if (redis === null) await bento.disconnectAll()
    },
    async getOrLoad(key, load) {
      const found: unknown = await bento.getOrSet({
        key,
        factory: async ({ skip }) => (await load()) ?? skip(),
      })
      return typeof found === 'string' ? found : null
    },
  }
}
