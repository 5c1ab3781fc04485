import type { Logger } from './logger.ts'
import type { Service } from './service.ts'

export type Lifecycle = {
  /** Starts the service now and registers it; resolved = ready. After a failed start it is stopped with the others. */
  use<T extends Service>(service: T): Promise<T>
  /** Drains, then stops everything in reverse order; one failure or overrun never skips the next. Idempotent. */
  stop(): Promise<void>
}

export type LifecycleTimes = { readonly startMs: number; readonly drainMs: number; readonly stopMs: number }

/** Owns the services of a process. Whoever was started last serves users, so it drains and stops first.
 * @param times deadlines of one service's start, drain and stop, in milliseconds */
export function createLifecycle(deps: { readonly log: Logger; readonly times: LifecycleTimes }): Lifecycle {
  const { log, times } = deps
  const services: Service[] = []
  const abort = new AbortController()
  let stopping: Promise<void> | undefined

  async function stopAll(): Promise<void> {
    abort.abort(new Error('the process is stopping'))
    const inReverse = services.toReversed()
    for (const service of inReverse) {
      if (service.drain === undefined) continue
      await within(times.drainMs, service.drain(times.drainMs)).catch((error: unknown) =>
        log.error({ service: service.name, err: error }, 'service did not drain'),
      )
    }
    for (const service of inReverse) {
      await within(times.stopMs, service.stop()).catch((error: unknown) =>
        log.error({ service: service.name, err: error }, 'service did not stop'),
      )
    }
  }

  return {
    async use(service) {
      if (abort.signal.aborted) throw new Error(`${service.name} was not started: the process is stopping`)
      services.push(service)
      const from = performance.now()
      await within(times.startMs, service.start(abort.signal))
      log.debug({ service: service.name, tookMs: Math.round(performance.now() - from) }, 'service started')
      return service
    },
    stop() {
      stopping ??= stopAll()
      return stopping
    },
  }
}

/** The promise's result, or a rejection after `ms` milliseconds. */
async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${ms} ms`)), ms)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
