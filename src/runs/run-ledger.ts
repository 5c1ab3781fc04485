import { platformErrors } from '../platform/errors.ts'
import type { Database, Queryable } from '../platform/database.ts'
import type { Logger } from '../platform/logger.ts'
import type { Service } from '../platform/service.ts'
import { admitMany, admitOne, type Admission, type AdmitOrder } from './admit-runs.ts'
import { createRunWaits, type RunWaits } from './await-run.ts'
import { createAccountGate, createBatcher } from './batcher.ts'
import { createProcessLease } from './processes.ts'
import { enqueueMany, enqueueOne, type EnqueueOrder } from './enqueue-runs.ts'
import { reapRuns } from './reap-runs.ts'
import { runsErrors } from './runs.errors.ts'
import { settleMany, settleOne, type Settlement, type SettleOrder } from './settle-runs.ts'

export type { Admission, AdmitOrder } from './admit-runs.ts'
export type { EnqueueOrder } from './enqueue-runs.ts'
export type { Settlement, SettleOrder } from './settle-runs.ts'

/** The money side of runs, for one process: admits and settles them in batches, owns them under a lease, reaps what
 * dead processes left, and tells waiters when a run is over. */
export type RunLedger = Service & {
  /** Key, hold and run row in one statement. After a lost connection the order is asked for again under its run id, so
   * that a commit whose answer was lost is found and not done twice.
   * @throws RUN_QUEUE_FULL, ACCOUNT_BUSY, DEPENDENCY_UNAVAILABLE. After the last one the run may stand without anybody
   * executing it; then its hold is released at its deadline, by the reaper. */
  admit(order: AdmitOrder): Promise<Admission>
  /** As {@link admit}, for a run that whichever process has room executes later. */
  enqueue(order: EnqueueOrder): Promise<Admission>
  /** Capture or release, once. @throws ACCOUNT_BUSY, DEPENDENCY_UNAVAILABLE after a minute: then the reaper settles it */
  settle(order: SettleOrder): Promise<Settlement>
  readonly ownerId: string
  /** Where rows are read: see {@link RunLedgerDeps}. */
  readonly reads: Queryable
  readonly waits: RunWaits
  /** For metrics. */
  stats(): { readonly admitsWaiting: number; readonly settlesWaiting: number; readonly runsAwaited: number }
}

export type RunLedgerDeps = {
  /** A small pool for the run path alone: its statements are short and named. 8 connections are never all used. */
  readonly db: Database
  /** Where waiters and replays read rows; a storm of replays must not stand in the way of admissions and heartbeats.
   * Default: `db`. */
  readonly reads?: Queryable
  readonly log: Logger
  /** UUID of this process's life; a new one at every start, so that a restart does not inherit the old one's runs. */
  readonly ownerId: string
  /** How long a queued run may wait. Default: a day. */
  readonly queueMs?: number
}

const LANES = 1
const MAX_ORDERS = 256
const MAX_BYTES = 2_000_000
const MAX_ADMITS_WAITING = 4_096
/** Runs in execution are bounded by the sandboxes, and each settles once; a refusal here would lose a result. */
const MAX_SETTLES_WAITING = 65_536
const ADMIT_PATIENCE_MS = 10_000
const SETTLE_PATIENCE_MS = 60_000

export function createRunLedger(deps: RunLedgerDeps): RunLedger {
  const { db, reads = deps.db, log, ownerId, queueMs = 86_400_000 } = deps
  const gate = createAccountGate()
  const waits = createRunWaits({ db: reads, log })
  const lost = (cause: unknown): Error => platformErrors.DEPENDENCY_UNAVAILABLE({ dependency: 'database' }, { cause })
  const common = {
    lanes: LANES,
    maxOrders: MAX_ORDERS,
    maxBytes: MAX_BYTES,
    refuse: () => runsErrors.RUN_QUEUE_FULL(),
    locked: () => runsErrors.ACCOUNT_BUSY(),
    lost,
  }
  const admits = createBatcher<AdmitOrder, Admission>(
    { log, gate },
    {
      ...common,
      name: 'admit',
      maxWaiting: MAX_ADMITS_WAITING,
      patienceMs: ADMIT_PATIENCE_MS,
      accountOf: (order) => order.accountId,
      bytesOf: (order) => order.input.byteLength,
      sendMany: (orders) => admitMany(db, ownerId, orders),
      sendOne: (order, call) => admitOne(db, ownerId, order, call),
    },
  )
  const enqueues = createBatcher<EnqueueOrder, Admission>(
    { log, gate },
    {
      ...common,
      name: 'enqueue',
      maxWaiting: MAX_ADMITS_WAITING,
      patienceMs: ADMIT_PATIENCE_MS,
      accountOf: (order) => order.accountId,
      bytesOf: (order) => order.input.byteLength,
      sendMany: (orders) => enqueueMany(db, ownerId, queueMs, orders),
      sendOne: (order, call) => enqueueOne(db, ownerId, queueMs, order, call),
    },
  )
  const settles = createBatcher<SettleOrder, Settlement>(
    { log, gate },
    {
      ...common,
      name: 'settle',
      maxWaiting: MAX_SETTLES_WAITING,
      patienceMs: SETTLE_PATIENCE_MS,
      accountOf: (order) => order.accountId,
      bytesOf: ({ failure, output, logs }) =>
        (failure?.byteLength ?? 0) + (output?.byteLength ?? 0) + (logs?.byteLength ?? 0),
      sendMany: (orders) => settleMany(db, ownerId, orders),
      sendOne: (order, call) => settleOne(db, ownerId, order, call),
    },
  )
  const byKey = createKeyMerger()
  const byRun = createRunQueue((order) => settles.add(order))
  let reaping: Promise<unknown> | undefined
  let isStopped = false

  function reapSoon(): void {
    if (isStopped) return
    reaping ??= reapRuns({ db, log })
      .catch((error: unknown) => log.warn({ err: error }, 'runs were not reaped'))
      .finally(() => {
        reaping = undefined
      })
  }
  const lease = createProcessLease({ db, log, ownerId, onDead: reapSoon })

  return {
    name: 'run ledger',
    ownerId,
    reads,
    waits,
    async start(signal) {
      await lease.start(signal)
      // What the process before us left: its lease may not have ended yet; then a heartbeat sees it end.
      reapSoon()
      await reaping
    },
    async admit(order) {
      await lease.ensure(ADMIT_PATIENCE_MS).catch((cause: unknown) => {
        throw lost(cause)
      })
      return byKey(order, () => admits.add(order))
    },
    async enqueue(order) {
      await lease.ensure(ADMIT_PATIENCE_MS).catch((cause: unknown) => {
        throw lost(cause)
      })
      return byKey(order, () => enqueues.add(order))
    },
    async settle(order) {
      const settlement = await byRun(order)
      waits.announce(order.runId)
      return settlement
    },
    stats: () => ({
      admitsWaiting: admits.waiting + enqueues.waiting,
      settlesWaiting: settles.waiting,
      runsAwaited: waits.waiting,
    }),
    async drain() {
      await admits.idle()
      await enqueues.idle()
      await settles.idle()
    },
    async stop() {
      isStopped = true
      admits.stop()
      enqueues.stop()
      settles.stop()
      waits.stop()
      await reaping
      await lease.stop()
    },
  }
}

/** Equal keys of a process are one order: the first is asked, the others learn what became of it. In one batch they
 * would be one row twice, in the next one round trips for nothing. */
function createKeyMerger(): (order: AdmitOrder, admit: () => Promise<Admission>) => Promise<Admission> {
  const first = new Map<string, { readonly order: AdmitOrder; readonly admission: Promise<Admission> }>()
  return async (order, admit) => {
    if (order.key === null) return admit()
    const name = JSON.stringify([order.accountId, order.principal, order.key])
    for (let before = first.get(name); before !== undefined; before = first.get(name)) {
      const admission = await before.admission
      const merged = mergedAdmission(before.order, admission, order)
      if (merged !== null) return merged
    }
    const admission = admit()
    first.set(name, { order, admission })
    try {
      return await admission
    } finally {
      first.delete(name)
    }
  }
}

/** A run stands at most once in a batch: one UPDATE touches its row once, and could not tell two orders apart. */
function createRunQueue(settle: (order: SettleOrder) => Promise<Settlement>): typeof settle {
  const settling = new Map<string, Promise<Settlement>>()
  return async (order) => {
    for (let before = settling.get(order.runId); before !== undefined; before = settling.get(order.runId))
      await before.catch(() => undefined) // its own caller hears of it
    const settlement = settle(order)
    settling.set(order.runId, settlement)
    try {
      return await settlement
    } finally {
      settling.delete(order.runId)
    }
  }
}

/** What the first order's admission says about a second one under the same key, or null where it says nothing. */
function mergedAdmission(first: AdmitOrder, admission: Admission, second: AdmitOrder): Admission | null {
  const isSame =
    first.fingerprint !== null && second.fingerprint !== null && first.fingerprint.equals(second.fingerprint)
  switch (admission.kind) {
    case 'admitted':
      return isSame ? { kind: 'duplicate', runId: first.runId } : { kind: 'key_reused' }
    case 'duplicate':
      return isSame ? admission : { kind: 'key_reused' }
    case 'key_reused':
      return isSame ? admission : null
    case 'insufficient':
      return second.holdMicro >= first.holdMicro ? admission : null
    case 'unknown_account':
      return admission
  }
}
