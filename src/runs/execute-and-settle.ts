import type { RunnableAgent } from '../agents/index.ts'
import { formatCredits } from '../credits/index.ts'
import type { AgentInput } from '../sandbox/index.ts'
import { isPaid } from './artifacts/get-artifacts.ts'
import { giveOutArtifacts } from './artifacts/give-out-artifacts.ts'
import { storeArtifact } from './artifacts/store-artifact.ts'
import type { RunEvents } from './events/record-events.ts'
import type { RunWatch } from './events/watch-runs.ts'
import { encodeOutcome, executeRun, type ExecuteRunDeps, type RunOutcome } from './execute-run.ts'
import { findRun } from './find-run.ts'
import { factsOf, type RunFacts } from './present-run.ts'
import type { RunCancels } from './run-cancels.ts'
import type { RunLedger } from './run-ledger.ts'
import { runsErrors } from './runs.errors.ts'

export type ExecuteAndSettleDeps = ExecuteRunDeps & {
  readonly ledger: RunLedger
  readonly cancels: RunCancels
  readonly events: RunEvents
  readonly watch: Pick<RunWatch, 'ended' | 'isWatched'>
  /** How long files that runs made are kept. */
  readonly artifactTtlMs: number
  readonly options: { readonly maxOutputBytes: number; readonly maxLogBytes: number }
  /** Told of every run that this process settled. For metrics: never on the way of an answer. */
  readonly onSettled?: (ended: SettledRun) => void
}

export type SettledRun = {
  readonly runId: string
  /** The payer. */
  readonly accountId: string
  /** Who asked for it. */
  readonly principal: string
  readonly agentId: string
  readonly agentName: string
  /** It was queued, took its time, and nobody listened at this process when it ended. */
  readonly wasAlone: boolean
  readonly code: string | null
  readonly outcome: 'succeeded' | 'failed' | 'timed_out' | 'canceled'
  /** Credits, as a decimal. */
  readonly charge: string
  readonly startedCold: boolean
  readonly waitMs: number
  readonly runMs: number
}

/** A run that stands as `running` under this process: its credits are held. */
export type OwnedRun = {
  readonly runId: string
  /** The payer. */
  readonly accountId: string
  /** Who asked: a warm sandbox serves nobody else. */
  readonly principal: string
  readonly isFresh: boolean
  readonly agent: RunnableAgent
  readonly input: AgentInput
  readonly holdMicro: bigint
  readonly createdAt: Date
  /** Null for a run that is executed within the request for it. */
  readonly queue: {
    /** How long it waited before this process took it. */
    readonly waitMs: number
    /** The number of its last event. */
    readonly lastSeq: number
  } | null
}

/** Whoever queued a run and does not listen to it after so long has gone away. */
const AWAY_AFTER_MS = 5_000

/** Executes the run and settles it, once. From here on the caller's credits are held, so every way out settles; if we
 * die, the lease ends and the reaper does.
 * @returns the run as it stands: as we settled it, or as somebody else did before us */
export async function executeAndSettle(deps: ExecuteAndSettleDeps, run: OwnedRun): Promise<RunFacts> {
  const { runId, agent, holdMicro } = run
  const cancel = deps.cancels.open(runId)
  const recorder = deps.events.record(run, { after: run.queue?.lastSeq ?? 0, isLive: run.queue !== null })
  recorder.add('run.started', '{}')
  const delivered: string[] = []
  let outcome: RunOutcome
  try {
    outcome = await executeRun(deps, {
      runId,
      accountId: run.accountId,
      agent,
      input: run.input,
      holdMicro,
      isolationKey: run.isFresh ? null : `${agent.code.sha256}:${run.principal}`,
      limits: { maxOutputBytes: deps.options.maxOutputBytes, maxLogBytes: deps.options.maxLogBytes },
      signal: cancel.signal,
      recorder,
      async storeArtifact(artifact) {
        const { store, artifactTtlMs } = deps
        delivered.push(await storeArtifact({ db: deps.ledger.reads, store, artifactTtlMs }, run, artifact))
      },
    })
    // Before the end: what is charged has been delivered, and a stream that sees the end has seen everything.
    await recorder.flush()
  } finally {
    cancel.close()
    recorder.close()
  }
  const { status, code, startedCold, runMs } = outcome
  if (delivered.length > 0 && isPaid(outcome))
    await giveOutArtifacts({ db: deps.ledger.reads, ownerId: deps.ledger.ownerId }, run, delivered)
  const waitMs = Math.round((outcome.waitMs + (run.queue?.waitMs ?? 0)) * 10) / 10
  const blobs = encodeOutcome(outcome)
  const settlement = await deps.ledger.settle({
    runId,
    accountId: run.accountId,
    status,
    code,
    ...blobs,
    chargeMicro: outcome.chargeMicro,
    creatorShare: agent.creatorShare,
    events: outcome.lines,
    startedCold,
    waitMs,
    runMs,
  })
  // A page has the answer before it begins to listen: what ends meanwhile ends before its eyes.
  const wasAlone = run.queue !== null && waitMs + runMs >= AWAY_AFTER_MS && !deps.watch.isWatched(runId)
  deps.watch.ended(runId)
  // Somebody else, the reaper, settled our run: what stands in the row is the truth.
  const isOurs = settlement.kind === 'settled'
  const charge = formatCredits(isOurs ? settlement.chargeMicro : 0n)
  const { accountId, principal } = run
  const told = { runId, accountId, principal, agentId: agent.agentId, agentName: agent.name, wasAlone }
  deps.onSettled?.({ ...told, outcome: status, code, charge, startedCold, waitMs, runMs })
  if (!isOurs) return settledRun(deps, run)
  return {
    id: runId,
    accountId: run.accountId,
    agentId: agent.agentId,
    version: agent.version,
    status,
    code,
    ...blobs,
    heldMicro: holdMicro,
    chargeMicro: settlement.chargeMicro,
    events: outcome.lines,
    startedCold,
    waitMs,
    runMs,
    createdAt: run.createdAt,
    finishedAt: settlement.finishedAt,
    contentDeletedAt: null,
  }
}

async function settledRun(deps: ExecuteAndSettleDeps, run: OwnedRun): Promise<RunFacts> {
  const row = await findRun({ db: deps.ledger.reads }, run.accountId, run.runId)
  if (row === null) throw runsErrors.RUN_NOT_FOUND({ runId: run.runId })
  return factsOf(row)
}
