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
 * @param times milliseconds for one service's start, and for the drain and the stop of all of them together */
export function createLifecycle(deps: { readonly log: Logger; readonly times: LifecycleTimes }): Lifecycle {
  const { log, times } = deps
  const services: Service[] = []
  const abort = new AbortController()
  let stopping: Promise<void> | undefined

  async function stopAll(): Promise<void> {
    abort.abort(new Error('the process is stopping'))
    const inReverse = services.toReversed()
    const drainLeftMs = budget(times.drainMs)
    for (const service of inReverse) {
      if (service.drain === undefined) continue
      const leftMs = drainLeftMs()
      await within(leftMs, service.drain(leftMs)).catch((error: unknown) =>
        log.error({ service: service.name, err: error }, 'service did not drain'),
      )
    }
    const stopLeftMs = budget(times.stopMs)
    for (const service of inReverse) {
      await within(stopLeftMs(), service.stop()).catch((error: unknown) =>
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

/** One stretch of time for all services together, so that their sum stays below what a supervisor grants; whoever comes
 * after it is used up still gets a moment, because releasing is usually quick. */
function budget(totalMs: number): () => number {
  const until = performance.now() + totalMs
  return () => Math.max(until - performance.now(), Math.min(LAST_MOMENT_MS, totalMs))
}

const LAST_MOMENT_MS = 500

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
