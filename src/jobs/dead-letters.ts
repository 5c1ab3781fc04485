import { setTimeout as pause } from 'node:timers/promises'
import type { PgBoss } from 'pg-boss'
import { createBoundedCache } from '../platform/bounded-cache.ts'
import type { Logger } from '../platform/logger.ts'

const EVERY_MS = 5_000

/** Raises an alert for each dead letter, once a process, until the signal. The letters are looked at and not taken: they
 * wait for an operator. Looking also finds the jobs whose process was killed in their last attempt, which no handler
 * could report. */
export async function watchDeadLetters(boss: PgBoss, queue: string, log: Logger, signal: AbortSignal): Promise<void> {
  const told = createBoundedCache<true>(10_000)
  while (!signal.aborted) {
    try {
      for (const letter of await boss.findJobs(queue, { queued: true, limit: 1_000 })) {
        if (told.get(letter.id)) continue
        told.set(letter.id, true)
        log.error(
          { alert: 'dead_letter', job: letter.sourceName, jobId: letter.sourceId, failure: letter.sourceOutput },
          'job went to the dead letter',
        )
      }
    } catch (error) {
      if (!signal.aborted) log.warn({ err: error }, 'dead letters cannot be read')
    }
    await pause(EVERY_MS, undefined, { signal }).catch(() => {}) // aborted: the loop ends
  }
}
