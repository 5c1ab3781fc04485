import { getRunnableAgent, type AgentDeps, type Consents, type RunnableAgent } from '../agents/index.ts'
import { formatCredits } from '../credits/index.ts'
import { encodeBlob } from '../platform/blob.ts'
import { newUuidV7 } from '../platform/ids.ts'
import { adviceOf, refuseWithoutPython, type AgentInput } from '../sandbox/index.ts'
import { authorize, type Principal } from '../users/index.ts'
import { awaitRun } from './await-run.ts'
import type { RunWatch } from './events/watch-runs.ts'
import { executeAndSettle, type ExecuteAndSettleDeps, type OwnedRun } from './execute-and-settle.ts'
import type { KeyCaps } from './key-caps.ts'
import type { FindWaiting } from './find-waiting.ts'
import { fingerprintOf } from './fingerprint.ts'
import { factsOf, type RunFacts } from './present-run.ts'
import { holdOf } from './price-run.ts'
import { WISH_RETENTION } from './retention/retention.queries.ts'
import { runsErrors } from './runs.errors.ts'
import type { Admission, AdmitOrder, RunLedger } from './run-ledger.ts'
import { FIND_KEY } from './runs.queries.ts'
import type { Waiting } from './runs.schema.ts'
import type { Trials } from './trials/trials.ts'

export type RunAgentDeps = ExecuteAndSettleDeps & {
  readonly watch: RunWatch
  readonly agents: AgentDeps
  readonly consents: Consents
  readonly ledger: RunLedger
  readonly caps: KeyCaps
  readonly trials: Trials
  readonly options: RunAgentOptions
  /** A run was queued. */
  readonly onQueued: () => void
  readonly waiting: FindWaiting
}

export type RunAgentOptions = {
  /** How long an idempotency key answers again, at least. */
  readonly keyTtlMs: number
  /** How long a replay waits for a run that is still going before it is told to come back. */
  readonly replayWaitMs: number
  readonly maxOutputBytes: number
  readonly maxLogBytes: number
  readonly allowWeakIsolation: boolean
  /** Runs of one account that execute at a time; more wait. */
  readonly runsPerAccount: number
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
  /** Where the caller is: guests have so many runs a day there. */
  readonly address: string
  readonly isolation: 'principal' | 'run'
  /** How long the content is to be kept after the end, if less than the site does. */
  readonly retainMs: number | null
  /** The terms that the caller agrees to (`Bureau-Consent`); null without. */
  readonly consentHash: string | null
  /** Queue the run, wait for its end so many milliseconds at most, and otherwise answer where to ask; null = execute it
   * within this request. */
  readonly queueAndWaitMs: number | null
  /** Aborted when the caller is gone. Counts until the run is admitted; from then on vanishing is not a cancel. */
  readonly gone?: AbortSignal
}

export type RunAnswer =
  | { readonly kind: 'finished'; readonly run: RunFacts; readonly isReplay: boolean }
  /** The run goes on after this answer: it was queued, or this is a replay that waited as long as it may. */
  | {
      readonly kind: 'going'
      readonly runId: string
      readonly status: 'queued' | 'running'
      readonly waiting: Waiting | null
    }

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
  deps.trials.require(caller, agent)
  await refuseWeakIsolation(deps, agent)
  // A guest agrees to nothing: the page says what the agent reaches, no secret of theirs is here and the site pays.
  if (caller.kind !== 'visitor') await deps.consents.require(caller, agent, order.consentHash)
  const holdMicro = holdOf(agent.manifest.price, order.maxChargeMicro)
  if (holdMicro === null) throw runsErrors.MAX_CHARGE_TOO_LOW({ minimum: formatCredits(agent.manifest.price.runMicro) })
  const received = await input.receive()
  agent.validateInput(received.value, new Set(received.input.files.keys()))
  const request = { caller, agent, order, received, holdMicro, runId: newUuidV7() }
  await wishRetention(deps, request)
  if (order.queueAndWaitMs !== null) return queueRun(deps, request, input, order.queueAndWaitMs)
  // A place in the sandbox is taken before anything is held: who is refused for lack of room leaves nothing behind.
  const slot = await deps.sandbox.acquireSlot(caller.accountId, {
    most: deps.options.runsPerAccount,
    ...(order.gone === undefined ? {} : { signal: order.gone }),
  })
  let admission: Admission
  try {
    order.gone?.throwIfAborted()
    admission = await admitWithin(deps, request, () => deps.ledger.admit(admitOrderOf(deps, request)))
    if (admission.kind === 'admitted') {
      input.keep()
      const run = await executeAndSettle(deps, ownedRun(request, admission.createdAt))
      return { kind: 'finished', run, isReplay: false }
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
  return awaitAnswer(deps, caller, known.run_id, replayOf(deps, order))
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

/** The shorter of the caller's wish and the agent's. Before the run exists: a wish that is lost would keep what they want
 * gone. */
async function wishRetention(deps: RunAgentDeps, { caller, agent, order, runId }: RunRequest): Promise<void> {
  const wishes = [order.retainMs, agent.manifest.retainMs ?? null].filter((wish) => wish !== null)
  if (wishes.length === 0) return
  const endsWithinMs = agent.manifest.limits.timeoutMs
  await deps.ledger.reads.execute(WISH_RETENTION, [
    caller.accountId,
    runId,
    String(Math.min(...wishes)),
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
async function refuseWeakIsolation(deps: RunAgentDeps, agent: RunnableAgent): Promise<void> {
  // Whoever published it: Python has nothing but the operating system's walls.
  if (agent.manifest.runtime === 'python') return refuseWithoutPython(await deps.sandbox.tryPython())
  if (deps.sandbox.grade() === 'strong' || agent.trusted || deps.options.allowWeakIsolation) return
  const { grade, why, mend } = deps.sandbox.report()
  throw runsErrors.ISOLATION_TOO_WEAK({ grade, why: why ?? 'a wall is missing', mend, advice: adviceOf(mend) })
}

/** A guest's sandbox serves that run alone: who is behind a cookie nobody knows. */
const isFresh = ({ caller, order }: Pick<RunRequest, 'caller' | 'order'>): boolean =>
  order.isolation === 'run' || caller.kind === 'visitor'

/** What a caller may spend beyond what their account has: the cap of a key, the trials of a guest. */
function admitWithin(
  deps: RunAgentDeps,
  { caller, order, holdMicro, runId }: RunRequest,
  admit: () => Promise<Admission>,
): Promise<Admission> {
  const { idempotencyKey, address } = order
  return deps.caps.within(caller, holdMicro, () =>
    deps.trials.within(caller, { runId, idempotencyKey, address }, admit),
  )
}

function admitOrderOf(deps: RunAgentDeps, request: RunRequest): AdmitOrder {
  const { caller, agent, order, received, holdMicro, runId } = request
  const key = order.idempotencyKey
  const fingerprint = key === null ? null : fingerprintOfOrder(order, received)
  return {
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
  }
}

function ownedRun({ caller, agent, order, received, holdMicro, runId }: RunRequest, createdAt: Date): OwnedRun {
  return {
    runId,
    accountId: caller.accountId,
    principal: caller.id,
    isFresh: isFresh({ caller, order }),
    agent,
    input: received.input,
    holdMicro,
    createdAt,
    queue: null,
  }
}

/** Admits the run as a row that any process executes, and waits for it as long as the caller wants to. */
async function queueRun(deps: RunAgentDeps, request: RunRequest, input: InputOnce, waitMs: number): Promise<RunAnswer> {
  const { caller, agent, order, runId } = request
  order.gone?.throwIfAborted()
  const admission = await admitWithin(deps, request, () =>
    deps.ledger.enqueue({
      ...admitOrderOf(deps, request),
      isFresh: isFresh(request),
      isIdempotent: agent.manifest.idempotent,
    }),
  )
  if (admission.kind !== 'admitted') return answerWithoutRunning(deps, request, admission)
  input.keep()
  deps.onQueued()
  if (waitMs === 0)
    return { kind: 'going', runId, status: 'queued', waiting: await deps.waiting.ofLast(caller.accountId) }
  return awaitAnswer(deps, caller, runId, { waitMs, isReplay: false, ...(order.gone && { signal: order.gone }) })
}

async function answerWithoutRunning(
  deps: RunAgentDeps,
  { caller, order, holdMicro }: RunRequest,
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
      return awaitAnswer(deps, caller, admission.runId, replayOf(deps, order))
  }
}

type AnswerWait = { readonly waitMs: number; readonly isReplay: boolean; readonly signal?: AbortSignal }

const replayOf = (deps: RunAgentDeps, order: RunOrder): AnswerWait => ({
  waitMs: order.queueAndWaitMs ?? deps.options.replayWaitMs,
  isReplay: true,
})

/** The answer of a run that was admitted before, once it is there. */
async function awaitAnswer(
  deps: RunAgentDeps,
  caller: Principal,
  runId: string,
  { waitMs, isReplay, signal }: AnswerWait,
): Promise<RunAnswer> {
  const until = { untilMs: Date.now() + waitMs, ...(signal && { signal }) }
  const row = await awaitRun(deps, caller.accountId, runId, until)
  if (row !== null && row.finishedAt !== null) return { kind: 'finished', run: factsOf(row), isReplay }
  const status = row?.status === 'queued' ? 'queued' : 'running'
  return { kind: 'going', runId, status, waiting: row === null ? null : await deps.waiting.of(row) }
}
