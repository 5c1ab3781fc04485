import { setTimeout as pause } from 'node:timers/promises'

/** Asks again until `check` stops throwing, and answers what it returned: for what another process or a timer does.
 * @throws what `check` threw last, after `withinMs` milliseconds */
export async function eventually<T>(check: () => T | Promise<T>, options: { readonly withinMs: number }): Promise<T> {
  const until = performance.now() + options.withinMs
  for (let waitMs = 2; ; waitMs = Math.min(waitMs * 2, 100)) {
    try {
      return await check()
    } catch (error) {
      if (performance.now() >= until) throw error
    }
    await pause(waitMs)
  }
}
