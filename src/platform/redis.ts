import { Redis } from 'ioredis'
import type { Logger } from './logger.ts'
import type { Service } from './service.ts'

export type RedisService = Service & { readonly client: Redis }

/** The connection to Redis. Redis only caches and counts here, so a command fails fast rather than waiting for a server
 * that is away: 2 s, no offline queue.
 * @param options.url `redis://` or `rediss://`   @param options.name shown in CLIENT LIST */
export function createRedis(options: {
  readonly url: string
  readonly log: Logger
  readonly name: string
}): RedisService {
  const { log } = options
  const client = new Redis(options.url, {
    lazyConnect: true,
    connectionName: options.name,
    connectTimeout: 5_000,
    commandTimeout: 2_000,
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    retryStrategy: (attempt) => Math.min(5_000, 100 * 2 ** Math.min(attempt, 6)) * (0.75 + Math.random() / 2),
  })
  // Without a listener a lost connection is an uncaught exception.
  client.on('error', (error: unknown) => log.warn({ err: error }, 'redis connection failed'))
  let stopped = false
  return {
    name: 'redis',
    client,
    async start(signal) {
      const end = (): void => client.disconnect()
      signal.addEventListener('abort', end, { once: true })
      try {
        await client.connect()
        await client.ping()
      } finally {
        signal.removeEventListener('abort', end)
      }
    },
    async stop() {
      if (stopped) return
      stopped = true
      client.disconnect()
    },
  }
}
