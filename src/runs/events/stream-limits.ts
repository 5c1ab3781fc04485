import { networkOf } from '../../http/index.ts'
import type { Principal } from '../../users/index.ts'
import { runsErrors } from '../runs.errors.ts'

export type StreamLimits = {
  /** Counts one more open stream, until `release` is called (once is enough; again does nothing).
   * @throws TOO_MANY_STREAMS */
  take(reader: Pick<Principal, 'kind' | 'accountId'>, address: string): { release(): void }
  /** Keys that have a stream open, for tests and metrics. */
  readonly keys: number
}

/** When a stream is likely to be free: runs are short, and pages are left. */
const RETRY_AFTER_SECONDS = 5

/** Each stream holds a socket and a place in memory for as long as its reader likes. Accounts are counted as such; those
 * who read as nobody in particular (a visitor, an embed: the site acts for them) by their network. Counted in each
 * process: what is bounded is what a process holds. */
export function createStreamLimits(limits: { readonly perAccount: number; readonly perAddress: number }): StreamLimits {
  const open = new Map<string, number>()
  return {
    take({ kind, accountId }, address) {
      const isStranger = kind === 'system' || kind === 'visitor'
      const key = isStranger ? `address ${networkOf(address)}` : `account ${accountId}`
      const limit = isStranger ? limits.perAddress : limits.perAccount
      const before = open.get(key) ?? 0
      if (before >= limit)
        throw runsErrors.TOO_MANY_STREAMS({
          limit,
          per: isStranger ? 'address' : 'account',
          retryAfterSeconds: RETRY_AFTER_SECONDS,
        })
      open.set(key, before + 1)
      let isReleased = false
      return {
        release() {
          if (isReleased) return
          isReleased = true
          const left = (open.get(key) ?? 1) - 1
          if (left === 0) open.delete(key)
          else open.set(key, left)
        },
      }
    },
    get keys() {
      return open.size
    },
  }
}
