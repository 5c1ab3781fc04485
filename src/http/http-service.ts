import type { Logger } from '../platform/logger.ts'
import type { Service } from '../platform/service.ts'
import type { HttpApp } from './create-http-app.ts'

/** Where the server really listens; null before it does. */
export type HttpService = Service & { address(): { readonly host: string; readonly port: number } | null }

/** Listens, drains and closes the app. The drain refuses new requests with SHUTTING_DOWN and waits for those under way;
 * idle connections are closed, busy ones after their answer.
 * @param options.port 0 for any   @param options.nextFree whether a taken port moves on to the next (at most 20) */
export function createHttpService(
  deps: { readonly app: HttpApp; readonly log: Logger },
  options: { readonly host: string; readonly port: number; readonly nextFree: boolean },
): HttpService {
  const { app, log } = deps
  let bound: { host: string; port: number } | null = null
  let stopped: Promise<void> | undefined

  async function listen(): Promise<void> {
    const tries = options.nextFree ? 20 : 1
    for (let offset = 0; ; offset++) {
      const port = options.port + offset
      try {
        await app.listen({ host: options.host, port })
        return
      } catch (error) {
        if (!isTaken(error) || offset + 1 >= tries) throw error
        log.warn({ port }, 'port is taken, trying the next')
      }
    }
  }

  return {
    name: 'http',
    address: () => bound,
    async start(signal) {
      await app.ready()
      signal.throwIfAborted()
      await listen()
      const address = app.server.address()
      if (typeof address === 'object' && address !== null) bound = { host: options.host, port: address.port }
    },
    async drain(byMs) {
      app.drain.isDraining = true
      app.server.closeIdleConnections()
      await untilIdle(app.drain, byMs)
    },
    stop() {
      stopped ??= (async () => {
        app.drain.isDraining = true
        const closing = app.close()
        // Who has not finished by now was given the drain; a hanging client must not hold the process.
        app.server.closeAllConnections()
        await closing
      })()
      return stopped
    },
  }
}

function untilIdle(drain: HttpApp['drain'], byMs: number): Promise<void> {
  if (drain.inFlight === 0) return Promise.resolve()
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      drain.whenIdle = null
      resolve()
    }
    const timer = setTimeout(end, byMs)
    drain.whenIdle = end
  })
}

const isTaken = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
