import { getRunnableAgent, type AgentDeps, type Consents, type RunnableAgent } from '../agents/index.ts'
import { formatCredits } from '../credits/index.ts'
import { encodeBlob } from '../platform/blob.ts'
import { newUuidV7 } from '../platform/ids.ts'
import type { AgentInput } from '../sandbox/index.ts'
import { authorize, type Principal } from '../users/index.ts'
import { encodeOutcome, executeRun, type ExecuteRunDeps } from './execute-run.ts'
import { awaitRun } from './await-run.ts'
import { fingerprintOf } from './fingerprint.ts'
import { factsOf, type RunFacts } from './present-run.ts'
import { holdOf } from './price-run.ts'
import { WISH_RETENTION } from './retention/retention.queries.ts'
import { runsErrors } from './runs.errors.ts'
import type { Admission, RunLedger } from './run-ledger.ts'
import { FIND_KEY } from './runs.queries.ts'

export type RunAgentDeps = ExecuteRunDeps & {
  readonly agents: AgentDeps
  readonly consents: Consents
  readonly ledger: RunLedger
  readonly options: RunAgentOptions
  /** Told of every run that this process settled. For metrics: never on the way of an answer. */
  readonly onSettled?: (ended: SettledRun) => void
}

export type SettledRun = {
  readonly runId: string
  readonly agentId: string
  readonly code: string | null
  readonly outcome: 'succeeded' | 'failed' | 'timed_out' | 'canceled'
  readonly startedCold: boolean
  readonly waitMs: number
  readonly runMs: number
}

export type RunAgentOptions = {
  /** How long an idempotency key answers again, at least. */
  readonly keyTtlMs: number
  /** How long a replay waits for a run that is still going before it is told to come back. */
  readonly replayWaitMs: number
  readonly maxOutputBytes: number
  readonly maxLogBytes: number
  readonly allowWeakIsolation: boolean
}

/** An input that has arrived whole. */
export type ReceivedInput = {
  /** The parsed input, for validation. */
  readonly value: unknown
  /** The input as it goes into the sandbox. */
  readonly input: AgentInput
  /** What the fingerprint is made of: the raw body, or the canonical form of a multipart request. */
  readonly fingerprintBody: Uint8Array
  /** Removes what was stored for an input that is not run after all. */
  readonly discard: () => Promise<void>
}

/** What a caller asks for. */
export type RunOrder = {
  readonly agentId: string
  readonly pinnedVersion: number | null
  /** Takes the input in. Called once the agent is known to be runnable, so that nobody fills the store with files for
   * an agent that does not exist. */
  readonly receive: () => Promise<ReceivedInput>
  readonly maxChargeMicro: bigint | null
  readonly idempotencyKey: string | null
  readonly isolation: 'principal' | 'run'
  /** How long the content is to be kept after the end, if less than the site does. */
  readonly retainMs: number | null
  /** The terms that the caller agrees to (`Bureau-Consent`); null without. */
  readonly consentHash: string | null
  /** Aborted when the caller is gone. Counts until the run is admitted; from then on vanishing is not a cancel. */
  readonly gone?: AbortSignal
}

export type RunAnswer =
  | { readonly kind: 'finished'; readonly run: RunFacts; readonly isReplay: boolean }
  /** A replay came while the run is going, and waited as long as it may. */
  | { readonly kind: 'going'; readonly runId: string }

/** A run holds the price, executes in a sandbox, and captures or releases. Exactly once per idempotency key: who comes
 * later under the same key gets the first one's answer.
 * @throws coded errors before admission only; from then on a failure is part of the answer */
export async function runAgent(deps: RunAgentDeps, caller: Principal, order: RunOrder): Promise<RunAnswer> {
  authorize(caller, 'runs.create', { agentId: order.agentId })
  const input = receiveOnce(order)
  try {
    return await admitAndRun(deps, caller, order, input)
  } catch (error) {
    // The agent may be gone, changed or busy since: who asks again under a known key still gets the stored answer.
    // Looked for only here, so that a run that is admitted pays no round trip for it.
    const replay = await findReplay(deps, caller, order, input)
    if (replay === null) throw error
    return replay
  } finally {
    await input.discardUnlessKept()
  }
}

async function admitAndRun(
  deps: RunAgentDeps,
  caller: Principal,
  order: RunOrder,
  input: InputOnce,
): Promise<RunAnswer> {
  const agent = await getRunnableAgent(deps.agents, caller, order.agentId, versionOf(order))
  refuseWeakIsolation(deps, agent)
  await deps.consents.require(caller, agent, order.consentHash)
  const holdMicro = holdOf(agent.manifest.price, order.maxChargeMicro)
  if (holdMicro === null) throw runsErrors.MAX_CHARGE_TOO_LOW({ minimum: formatCredits(agent.manifest.price.runMicro) })
  const received = await input.receive()
  agent.validateInput(received.value, new Set(received.input.files.keys()))
  const request = { caller, agent, order, received, holdMicro, runId: newUuidV7() }
  await wishRetention(deps, request)
  // A place in the sandbox is taken before anything is held: who is refused for lack of room leaves nothing behind.
  const slot = await deps.sandbox.acquireSlot(caller.accountId, order.gone === undefined ? {} : { signal: order.gone })
  let admission: Admission
  try {
    order.gone?.throwIfAborted()
    admission = await admit(deps, request)
    if (admission.kind === 'admitted') {
      input.keep()
      return await executeAndSettle(deps, request, admission.createdAt)
    }
  } finally {
    slot.release()
  }
  return answerWithoutRunning(deps, request, admission)
}

/** The answer stored under the order's key, where this is the same request again.
 * @throws IDEMPOTENCY_KEY_REUSED where it is another */
async function findReplay(
  deps: RunAgentDeps,
  caller: Principal,
  order: RunOrder,
  input: InputOnce,
): Promise<RunAnswer | null> {
  if (order.idempotencyKey === null) return null
  const [known] = await deps.ledger.reads.query(FIND_KEY, [caller.accountId, caller.id, order.idempotencyKey])
  if (known === undefined) return null
  const received = await input.receive()
  if (!known.fingerprint.equals(fingerprintOfOrder(order, received))) throw runsErrors.IDEMPOTENCY_KEY_REUSED()
  return awaitAnswer(deps, caller, known.run_id)
}

/** The input of one request: received when first asked for, discarded at the end unless a run has it now. */
type InputOnce = {
  receive(): Promise<ReceivedInput>
  keep(): void
  discardUnlessKept(): Promise<void>
}

function receiveOnce(order: RunOrder): InputOnce {
  let received: Promise<ReceivedInput> | undefined
  let isKept = false
  return {
    receive: () => (received ??= order.receive()),
    keep() {
      isKept = true
    },
    async discardUnlessKept() {
      // What could not be received was cleared by whoever failed to.
      const input = await received?.catch(() => undefined)
      // What the store does not let go of now, its row names until the cleanup finds it expired.
      if (!isKept) await input?.discard().catch(() => undefined)
    },
  }
}

function fingerprintOfOrder(order: RunOrder, received: ReceivedInput): Buffer {
  const { agentId, pinnedVersion, maxChargeMicro } = order
  return fingerprintOf({ agentId, pinnedVersion, body: received.fingerprintBody, maxChargeMicro })
}

/** Before the run exists: a wish that is lost would keep what its caller wants gone. */
async function wishRetention(deps: RunAgentDeps, { caller, agent, order, runId }: RunRequest): Promise<void> {
  if (order.retainMs === null) return
  const endsWithinMs = agent.manifest.limits.timeoutMs
  await deps.ledger.reads.execute(WISH_RETENTION, [
    caller.accountId,
    runId,
    String(order.retainMs),
    String(endsWithinMs),
  ])
}

type RunRequest = {
  readonly caller: Principal
  readonly agent: RunnableAgent
  readonly order: RunOrder
  readonly received: ReceivedInput
  readonly holdMicro: bigint
  readonly runId: string
}

function versionOf(order: RunOrder): { version?: number } {
  return order.pinnedVersion === null ? {} : { version: order.pinnedVersion }
}

/** Below grade `strong` only what an admin published runs, in every environment, unless the operator overrides it. */
function refuseWeakIsolation(deps: RunAgentDeps, agent: RunnableAgent): void {
  const report = deps.sandbox.report()
  if (report.grade === 'strong' || agent.trusted || deps.options.allowWeakIsolation) return
  throw runsErrors.ISOLATION_TOO_WEAK({ grade: report.grade, mend: report.mend })
}

function admit(deps: RunAgentDeps, request: RunRequest): Promise<Admission> {
  const { caller, agent, order, received, holdMicro, runId } = request
  const key = order.idempotencyKey
  const fingerprint = key === null ? null : fingerprintOfOrder(order, received)
  return deps.ledger.admit({
    runId,
    accountId: caller.accountId,
    principal: caller.id,
    key,
    fingerprint,
    agentId: agent.agentId,
    version: agent.version,
    creatorAccountId: agent.accountId,
    holdMicro,
    input: encodeBlob(Buffer.from(received.input.json)),
    timeoutMs: agent.manifest.limits.timeoutMs,
    keyTtlMs: deps.options.keyTtlMs,
  })
}

/** From here on the caller's credits are held, so every way out settles; if we die, the lease ends and the reaper does. */
async function executeAndSettle(deps: RunAgentDeps, request: RunRequest, createdAt: Date): Promise<RunAnswer> {
  const { caller, agent, order, received, holdMicro, runId } = request
  const outcome = await executeRun(deps, {
    runId,
    agent,
    input: received.input,
    holdMicro,
    isolationKey: order.isolation === 'run' ? null : `${agent.code.sha256}:${caller.id}`,
    limits: { maxOutputBytes: deps.options.maxOutputBytes, maxLogBytes: deps.options.maxLogBytes },
  })
  const blobs = encodeOutcome(outcome)
  const settlement = await deps.ledger.settle({
    runId,
    accountId: caller.accountId,
    status: outcome.status,
    code: outcome.code,
    ...blobs,
    chargeMicro: outcome.chargeMicro,
    creatorShare: agent.creatorShare,
    events: outcome.lines,
    startedCold: outcome.startedCold,
    waitMs: outcome.waitMs,
    runMs: outcome.runMs,
  })
  const { status, code, startedCold, waitMs, runMs } = outcome
  deps.onSettled?.({ runId, agentId: agent.agentId, outcome: status, code, startedCold, waitMs, runMs })
  if (settlement.kind === 'already_settled')
    return { kind: 'finished', run: await settledRun(deps, caller, runId), isReplay: false }
  const run: RunFacts = {
    id: runId,
    agentId: agent.agentId,
    version: agent.version,
    status: outcome.status,
    code: outcome.code,
    ...blobs,
    heldMicro: holdMicro,
    chargeMicro: settlement.chargeMicro,
    events: outcome.lines,
    startedCold: outcome.startedCold,
    waitMs: outcome.waitMs,
    runMs: outcome.runMs,
    createdAt,
    finishedAt: settlement.finishedAt,
    contentDeletedAt: null,
  }
  return { kind: 'finished', run, isReplay: false }
}

/** Somebody else, the reaper, settled our run: what stands in the row is the truth. */
async function settledRun(deps: RunAgentDeps, caller: Principal, runId: string): Promise<RunFacts> {
  const row = await awaitRun(deps, caller.accountId, runId, { untilMs: 0 })
  if (row === null) throw runsErrors.RUN_NOT_FOUND({ runId })
  return factsOf(row)
}

async function answerWithoutRunning(
  deps: RunAgentDeps,
  { caller, holdMicro }: RunRequest,
  admission: Exclude<Admission, { kind: 'admitted' }>,
): Promise<RunAnswer> {
  switch (admission.kind) {
    case 'insufficient':
      throw runsErrors.INSUFFICIENT_CREDITS({
        needed: formatCredits(holdMicro),
        available: formatCredits(admission.availableMicro),
        missing: formatCredits(holdMicro - admission.availableMicro),
      })
    case 'unknown_account':
      throw runsErrors.ACCOUNT_NOT_FUNDED()
    case 'key_reused':
      throw runsErrors.IDEMPOTENCY_KEY_REUSED()
    case 'duplicate':
      return awaitAnswer(deps, caller, admission.runId)
  }
}

/** The answer of a run that was admitted before, once it is there. */
async function awaitAnswer(deps: RunAgentDeps, caller: Principal, runId: string): Promise<RunAnswer> {
  const row = await awaitRun(deps, caller.accountId, runId, { untilMs: Date.now() + deps.options.replayWaitMs })
  return row === null || row.finishedAt === null
    ? { kind: 'going', runId }
    : { kind: 'finished', run: factsOf(row), isReplay: true }
}
