import type { Queryable } from '../platform/database.ts'
import type { Logger } from '../platform/logger.ts'
import type { Service } from '../platform/service.ts'
import { CANCELS_ASKED } from './runs.queries.ts'

/** How soon a cancel that came in at another process is obeyed. */
const LOOK_EVERY_MS = 200

/** The runs that this process executes, and how to stop them. */
export type RunCancels = Service & {
  /** Registers a run under execution; `close` once it is over. */
  open(runId: string): { readonly signal: AbortSignal; close(): void }
  /** Stops the run if this process executes it, and says whether it does. */
  cancel(runId: string): boolean
}

/** A cancel is a mark on the run's row, so that it outlives whoever asked; the process that executes the run looks for
 * marks while it executes anything. */
export function createRunCancels(deps: {
  readonly db: Queryable
  readonly log: Logger
  readonly ownerId: string
}): RunCancels {
  const { db, log, ownerId } = deps
  const running = new Map<string, AbortController>()
  let timer: NodeJS.Timeout | undefined

  function cancel(runId: string): boolean {
    const controller = running.get(runId)
    controller?.abort()
    return controller !== undefined
  }

  async function look(): Promise<void> {
    if (running.size === 0) return
    for (const { id } of await db.query(CANCELS_ASKED, [ownerId])) cancel(id)
  }

  return {
    name: 'run cancels',
    open(runId) {
      const controller = new AbortController()
      running.set(runId, controller)
      return { signal: controller.signal, close: () => void running.delete(runId) }
    },
    cancel,
    start() {
      let isLooking = false
      timer = setInterval(() => {
        if (isLooking) return
        isLooking = true
        look()
          .catch((error: unknown) => log.warn({ err: error }, 'cancels were not looked for'))
          .finally(() => {
            isLooking = false
          })
      }, LOOK_EVERY_MS)
      return Promise.resolve()
    },
    stop() {
      clearInterval(timer)
      return Promise.resolve()
    },
  }
}
