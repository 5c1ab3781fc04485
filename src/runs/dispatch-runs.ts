import { setTimeout as pause } from 'node:timers/promises'
import { getRunnableAgent, type AgentDeps, type RunnableAgent } from '../agents/index.ts'
import { encodeBlob } from '../platform/blob.ts'
import type { Queryable } from '../platform/database.ts'
import type { Logger } from '../platform/logger.ts'
import type { Service } from '../platform/service.ts'
import type { Slot } from '../sandbox/index.ts'
import { systemPrincipal } from '../users/index.ts'
import { executeAndSettle, type ExecuteAndSettleDeps } from './execute-and-settle.ts'
import { LAST_EVENT } from './events/events.queries.ts'
import { nextRunState } from './run-state.ts'
import { restoreInput, type RestoreInputDeps } from './restore-input.ts'
import type { RunFailureCode } from './runs.errors.ts'
import { ANY_QUEUED, CLAIM, type ClaimedRun } from './runs.queries.ts'

export type RunDispatcherDeps = ExecuteAndSettleDeps &
  RestoreInputDeps & {
    readonly db: Queryable
    readonly log: Logger
    readonly agents: AgentDeps
    /** Queued runs of one account that may execute at a time, over all processes. */
    readonly runsPerAccount: number
    /** Told how long each run took. */
    readonly onTook: (ms: number) => void
  }

/** Executes queued runs. */
export type RunDispatcher = Service & {
  /** A run was queued by this process: it is taken at once if there is room. */
  nudge(): void
  /** Queued runs that this process executes now. */
  readonly running: number
}

/** As one payer among the others in the queue for sandboxes: queued runs get their turn however many callers wait, and
 * leave them theirs. */
const QUEUE_AS_PAYER = 'queued runs'
/** What other processes queued, and what the reaper put back, is found so late at most. */
const SLOWEST_LOOK_MS = 1_000
const FIRST_LOOK_MS = 25
const CLAIMS_AT_ONCE = 8
const AFTER_FAULT_MS = 500

export function createRunDispatcher(deps: RunDispatcherDeps): RunDispatcher {
  const { db, log, sandbox, ledger } = deps
  const stopping = new AbortController()
  const running = new Set<Promise<void>>()
  let after = ''
  let isWorking = false
  let isWanted = false
  let timer: NodeJS.Timeout | undefined
  let lookMs = SLOWEST_LOOK_MS
  /** The last claim took all it had room for: there may be more. */
  let isMoreLikely = false

  function nudge(): void {
    if (stopping.signal.aborted) return
    isWanted = true
    if (isWorking) return
    isWorking = true
    void work().finally(() => {
      isWorking = false
      plan()
    })
  }

  /** Soon again after the last fruit: an account that another process was just serving is passed over by a claim. */
  function plan(): void {
    clearTimeout(timer)
    if (stopping.signal.aborted) return
    timer = setTimeout(nudge, lookMs)
    lookMs = Math.min(lookMs * 2, SLOWEST_LOOK_MS)
  }

  async function work(): Promise<void> {
    try {
      while (isWanted && !stopping.signal.aborted) {
        isWanted = false
        // Nobody waits for a slot on behalf of an empty queue.
        if (!isMoreLikely && (await db.query(ANY_QUEUED)).length === 0) continue
        const slots = await takeSlots()
        isWanted = false
        const claimed = await db
          .query(CLAIM, [ledger.ownerId, after, slots.length, deps.runsPerAccount])
          .catch((error: unknown) => {
            for (const slot of slots) slot.release()
            throw error
          })
        for (const [n, slot] of slots.entries()) {
          const run = claimed[n]
          if (run === undefined) slot.release()
          else begin(run, slot)
        }
        isMoreLikely = claimed.length === slots.length
        const last = claimed.at(-1)
        if (last === undefined) continue
        after = last.account_id
        lookMs = FIRST_LOOK_MS
        isWanted ||= isMoreLikely
      }
    } catch (error) {
      if (stopping.signal.aborted) return
      log.warn({ err: error }, 'queued runs were not taken')
      await pause(AFTER_FAULT_MS)
    }
  }

  /** The slots come first: a run that was taken must not wait where nobody else can take it. */
  async function takeSlots(): Promise<Slot[]> {
    const take = () => sandbox.acquireSlot(QUEUE_AS_PAYER, { signal: stopping.signal })
    const first = await take()
    const { taken, total } = sandbox.report().slots
    // Free ones are handed out within this turn of the event loop, so none of these waits.
    const more = Math.max(0, Math.min(total - taken, CLAIMS_AT_ONCE - 1))
    return [first, ...(await Promise.all(Array.from({ length: more }, take)))]
  }

  function begin(run: ClaimedRun, slot: Slot): void {
    const from = performance.now()
    const going: Promise<void> = execute(deps, run)
      .catch((error: unknown) => log.warn({ err: error, runId: run.id }, 'a queued run was left to the reaper'))
      .finally(() => {
        deps.onTook(performance.now() - from)
        running.delete(going)
        slot.release()
        nudge()
      })
    running.add(going)
  }

  return {
    name: 'queued runs',
    nudge,
    get running() {
      return running.size
    },
    start() {
      nudge()
      return Promise.resolve()
    },
    async drain() {
      stopping.abort(new Error('no more queued runs are taken'))
      clearTimeout(timer)
      await Promise.allSettled(running)
    },
    stop() {
      stopping.abort(new Error('no more queued runs are taken'))
      clearTimeout(timer)
      return Promise.resolve()
    },
  }
}

async function execute(deps: RunDispatcherDeps, run: ClaimedRun): Promise<void> {
  let agent: RunnableAgent
  try {
    // Who may see the agent was decided when the run was admitted; whether it may still run is decided now.
    const asked = systemPrincipal('queued-runs', run.account_id)
    agent = await getRunnableAgent(deps.agents, asked, run.agent_id, { version: run.version })
  } catch (error) {
    return failUnstarted(deps, run, 'AGENT_UNAVAILABLE', error instanceof Error ? error.message : 'unknown')
  }
  const restored = await restoreInput(deps, run.account_id, run.input)
  if (restored === null) return failUnstarted(deps, run, 'INPUT_GONE', 'A file of the input is no longer kept')
  await executeAndSettle(deps, {
    runId: run.id,
    accountId: run.account_id,
    principal: run.principal,
    isFresh: run.is_fresh,
    agent,
    input: restored.input,
    holdMicro: run.hold_micro,
    createdAt: run.created_at,
    queue: { waitMs: run.queue_wait_ms, lastSeq: await lastSeqOf(deps, run) },
  })
}

/** The first event of a queued run is that it was queued; one that is executed again goes on where it broke off. */
async function lastSeqOf({ db }: RunDispatcherDeps, run: ClaimedRun): Promise<number> {
  if (run.attempts <= 1) return 1
  const [last] = await db.query(LAST_EVENT, [run.account_id, run.id])
  return Math.max(last?.seq ?? 0, 1)
}

async function failUnstarted(
  deps: RunDispatcherDeps,
  run: ClaimedRun,
  failure: RunFailureCode,
  message: string,
): Promise<void> {
  const { code } = nextRunState('running', { type: 'failed', code: failure })
  await deps.ledger.settle({
    runId: run.id,
    accountId: run.account_id,
    status: 'failed',
    code,
    failure: encodeBlob(Buffer.from(JSON.stringify({ message }))),
    output: null,
    logs: null,
    chargeMicro: 0n,
    creatorShare: 0,
    events: null,
    startedCold: false,
    waitMs: run.queue_wait_ms,
    runMs: 0,
  })
  deps.watch.ended(run.id)
}
