import { createHash } from 'node:crypto'
import { parseCredits } from '../../credits/index.ts'
import { networkOf } from '../../http/index.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Parsed } from '../../platform/config.ts'
import type { Queryable } from '../../platform/database.ts'
import { newUuidV7 } from '../../platform/ids.ts'
import type { Keyring } from '../../platform/keyring.ts'
import { usersErrors, type Principal } from '../../users/index.ts'
import type { Admission } from '../admit-runs.ts'
import { runsErrors } from '../runs.errors.ts'
import type { trialsOptions } from './trials.options.ts'
import { FIND_TRIALS, KEEP_TRIAL, RETURN_TRIAL, TAKE_TRIAL } from './trials.queries.ts'

/** What decides whether guests may run an agent. */
export type TrialCandidate = {
  readonly isTrial: boolean
  readonly manifest: {
    readonly price: { readonly maxMicro: bigint }
    readonly egress: readonly unknown[]
    readonly secrets: readonly unknown[]
  }
}

/** A run that a guest asks for. */
export type TrialOrder = {
  readonly runId: string
  readonly idempotencyKey: string | null
  /** The guest's address, from which only the network is taken, and of that only a keyed hash is kept. */
  readonly address: string
}

/** Runs of guests: so many a day for each network, counted in the database, within what the account of trials has. */
export type Trials = {
  /** @throws UNAUTHENTICATED where the caller is a guest and the agent is not for guests */
  require(caller: Principal, agent: TrialCandidate): void
  /** Admits by `admit`; of a guest, if their network has a trial left, which counts once the run is admitted.
   * @throws TRIALS_USED_UP */
  within(caller: Principal, order: TrialOrder, admit: () => Promise<Admission>): Promise<Admission>
  /** Runs of this agent that are left today for who comes from this address; null where guests may not run it. */
  left(agent: TrialCandidate, address: string): Promise<number | null>
}

export type TrialsDeps = { readonly db: Queryable; readonly keyring: Keyring; readonly clock: Clock }

const DAY_MS = 86_400_000

export function createTrials(deps: TrialsDeps, options: Parsed<typeof trialsOptions>): Trials {
  const { db, keyring, clock } = deps
  const { perDay, allowEgress } = options
  const budgetMicro = parseCredits(options.budget)
  const most = { maxMicro: parseCredits(options.maxPrice), allowEgress }
  const isOffered = (agent: TrialCandidate): boolean => perDay > 0 && isForGuests(agent, most)

  /** Another one every day, so that nothing kept tells that two days were of one network. */
  function hashOf(address: string): Buffer {
    const day = new Date(clock.nowMs()).toISOString().slice(0, 10)
    return keyring.mac('trial network', `${day} ${networkOf(canonical(address))}`)
  }

  function usedUp(whose: 'yours' | 'all'): Error {
    const now = clock.nowMs()
    const resetMs = now - (now % DAY_MS) + DAY_MS
    const resetsAt = new Date(resetMs).toISOString()
    const retryAfterSeconds = Math.ceil((resetMs - now) / 1_000)
    return runsErrors.TRIALS_USED_UP({ whose, limit: perDay, resetsAt, retryAfterSeconds })
  }

  return {
    require(caller, agent) {
      if (caller.kind === 'visitor' && !isOffered(agent)) throw usersErrors.UNAUTHENTICATED()
    },
    async within(caller, order, admit) {
      if (caller.kind !== 'visitor') return admit()
      const network = hashOf(order.address)
      const { runId, idempotencyKey } = order
      const request = idempotencyKey === null ? null : requestOf(caller, idempotencyKey)
      const [taken] = await db.query(TAKE_TRIAL, [network, runId, request, perDay, newUuidV7(), budgetMicro])
      if (taken === undefined || taken.outcome === 'used_up') throw usedUp('yours')
      const isOurs = taken.outcome === 'taken'
      // Where this throws, the run may stand or not: it counts if it does, and otherwise stops counting within a minute.
      const admission = await admit()
      if (admission.kind === 'admitted') {
        if (!isOurs) await db.execute(KEEP_TRIAL, [network, runId, request])
      } else if (isOurs) await db.execute(RETURN_TRIAL, [network, runId])
      if (admission.kind === 'insufficient') throw usedUp('all')
      return admission
    },
    async left(agent, address) {
      if (!isOffered(agent)) return null
      const [found] = await db.query(FIND_TRIALS, [hashOf(address), budgetMicro])
      if (found === undefined) return null
      const { maxMicro } = agent.manifest.price
      const own = Math.max(0, perDay - found.used)
      return maxMicro === 0n ? own : Math.min(own, Number(found.available / maxMicro))
    },
  }
}

/** Marked by the operator, at a price that the site pays, with nobody's secrets, and without the network unless the
 * operator lets guests have it. */
function isForGuests(
  { isTrial, manifest }: TrialCandidate,
  most: { readonly maxMicro: bigint; readonly allowEgress: boolean },
): boolean {
  const { price, egress, secrets } = manifest
  return isTrial && price.maxMicro <= most.maxMicro && secrets.length === 0 && (egress.length === 0 || most.allowEgress)
}

const requestOf = (caller: Principal, key: string): Buffer =>
  createHash('sha256')
    .update(JSON.stringify([caller.id, key]))
    .digest()

/** An IPv6 address can be written in many ways, of which a proxy may send any. One that holds an IPv4 address in dots is
 * known by that. */
function canonical(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address
  const asUrl = `http://[${address.replace(/%.*$/, '')}]`
  return URL.canParse(asUrl) ? new URL(asUrl).hostname.slice(1, -1) : address
}
