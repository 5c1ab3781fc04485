import type { RunnableAgent } from '../agents/index.ts'
import { downloadAgentFile, type CodeCache, type ObjectStore } from '../files/index.ts'
import { formatCredits } from '../credits/index.ts'
import { encodeBlob } from '../platform/blob.ts'
import type { AgentInput, ArtifactContent, Execution, ExecutionLimits, LogEntry, Sandbox } from '../sandbox/index.ts'
import type { Recorder } from './events/record-events.ts'
import type { RunNetwork } from './run-network.ts'
import { chargeLinesOf, totalOf } from './price-run.ts'
import { nextRunState } from './run-state.ts'
import type { RunFailureCode } from './runs.errors.ts'
import type { ChargeLine, RunFailure } from './runs.schema.ts'

export type ExecuteRunDeps = {
  readonly sandbox: Sandbox
  readonly store: ObjectStore
  readonly codeCache: CodeCache
  readonly network: RunNetwork
}

export type RunToExecute = {
  readonly runId: string
  /** The payer: whose secrets count. */
  readonly accountId: string
  readonly agent: RunnableAgent
  readonly input: AgentInput
  readonly holdMicro: bigint
  /** Whom a warm sandbox may serve; null = one of this run alone. */
  readonly isolationKey: string | null
  readonly limits: { readonly maxOutputBytes: number; readonly maxLogBytes: number }
  readonly signal?: AbortSignal
  readonly recorder: Recorder
  readonly storeArtifact: (artifact: ArtifactContent) => Promise<void>
}

/** How a run ended, ready to be settled. */
export type RunOutcome = {
  readonly status: 'succeeded' | 'failed' | 'timed_out' | 'canceled'
  readonly code: RunFailureCode | null
  readonly failure: RunFailure | null
  readonly output: Buffer | null
  readonly logs: readonly LogEntry[]
  readonly lines: readonly ChargeLine[]
  readonly chargeMicro: bigint
  readonly startedCold: boolean
  readonly waitMs: number
  readonly runMs: number
}

/** Downloads the agent's code and executes it. A guest's failure is a value, not a throw; so is ours once the run is
 * admitted, because the caller's credits are held until something is settled. */
export async function executeRun(deps: ExecuteRunDeps, run: RunToExecute): Promise<RunOutcome> {
  const { agent } = run
  const { price, limits } = agent.manifest
  try {
    const agentCode = await downloadAgentFile(deps, agent.code)
    const egress = await deps.network.grant(run.accountId, agent)
    const code = { sha256: agent.code.sha256, source: agentCode, runtime: agent.manifest.runtime ?? 'javascript' }
    const execution = await deps.sandbox.executeAgentCode(code, run.input, {
      runId: run.runId,
      isolationKey: run.isolationKey,
      egress,
      limits: limitsOf(limits, run.limits),
      charges: { events: price.events, capMicro: run.holdMicro - price.runMicro },
      ...(run.signal ? { signal: run.signal } : {}),
      ...listenersOf(run),
    })
    await deps.network.record(run.accountId, run.runId, execution.egress)
    return judge(agent, execution)
  } catch (error) {
    // The store or the sandbox is gone, or a schema cannot be applied: our fault, told as such and released at once.
    return failedBeforeStart('SANDBOX_FAILED', error)
  }
}

/** The manifest's bounds where they are named, the operator's of today where they are not, or are less. */
function limitsOf(named: RunnableAgent['manifest']['limits'], site: RunToExecute['limits']): ExecutionLimits {
  const { timeoutMs, memoryMb, cpuMs, outputBytes, logBytes, egressRequests, egressBytes } = named
  return {
    timeoutMs,
    memoryMb,
    cpuMs,
    maxOutputBytes: Math.min(site.maxOutputBytes, outputBytes ?? site.maxOutputBytes),
    maxLogBytes: Math.min(site.maxLogBytes, logBytes ?? site.maxLogBytes),
    egressRequests,
    egressBytes,
  }
}

/** What happens in the run, as events of it. */
function listenersOf({ agent, recorder, storeArtifact }: RunToExecute) {
  const { price } = agent.manifest
  let spentMicro = price.runMicro
  return {
    onLog: (entry: LogEntry) => recorder.add('run.log', JSON.stringify(entry)),
    onProgress: (fraction: number, message: string) =>
      recorder.add('run.progress', JSON.stringify({ fraction, message })),
    onCharge(event: string, count: number) {
      spentMicro += (price.events[event] ?? 0n) * BigInt(count)
      recorder.add('run.charged', JSON.stringify({ event, count, charged: formatCredits(spentMicro) }))
    },
    onChunk(json: Buffer) {
      recorder.add('run.chunk', `{"data":${json.toString('utf8')}}`)
      recorder.goLive()
    },
    async storeArtifact(artifact: ArtifactContent) {
      await storeArtifact(artifact)
      const { name, type, sizeBytes } = artifact
      recorder.add('run.artifact', JSON.stringify({ name, type, sizeBytes }))
      recorder.goLive()
    },
    untilFree: () => recorder.untilFree(),
  }
}

function judge(agent: RunnableAgent, execution: Execution): RunOutcome {
  const common = {
    logs: execution.logs,
    startedCold: execution.startedCold,
    waitMs: rounded(execution.timings.waitMs + execution.timings.bootMs + execution.timings.injectMs),
    runMs: rounded(execution.timings.runMs),
  }
  const unpaid = { ...common, output: null, lines: [], chargeMicro: 0n }
  switch (execution.kind) {
    case 'succeeded': {
      const problem = agent.validateOutput === null ? null : agent.validateOutput(execution.outputJson)
      if (problem !== null)
        return {
          ...unpaid,
          status: 'failed',
          code: 'AGENT_OUTPUT_INVALID',
          failure: { message: 'The output does not fit the output schema', issues: [...problem] },
        }
      const lines = chargeLinesOf(agent.manifest.price, execution.events)
      return {
        ...common,
        status: 'succeeded',
        code: null,
        failure: null,
        output: execution.outputJson,
        lines,
        chargeMicro: totalOf(lines),
      }
    }
    case 'timed_out':
      return {
        ...unpaid,
        status: 'timed_out',
        code: 'RUN_TIMED_OUT',
        failure: { message: `No answer within ${agent.manifest.limits.timeoutMs} ms` },
      }
    case 'canceled': {
      const hasLeft = execution.delivered > 0 || Object.keys(execution.events).length > 0
      const left = hasLeft ? 'something' : 'nothing'
      const isPaid = nextRunState('running', { type: 'canceled', left }).then === 'capture'
      const lines = isPaid ? chargeLinesOf(agent.manifest.price, execution.events) : []
      return {
        ...common,
        status: 'canceled',
        code: 'RUN_CANCELED',
        failure: { message: 'The run was stopped' },
        output: null,
        lines,
        chargeMicro: totalOf(lines),
      }
    }
    case 'failed':
      return {
        ...unpaid,
        status: 'failed',
        code: execution.code,
        failure: {
          message: execution.message,
          ...(execution.stack === undefined ? {} : { stack: execution.stack }),
          ...(execution.issues === undefined
            ? {}
            : { issues: execution.issues.map(({ path, message }) => ({ path, message })) }),
        },
      }
  }
}

function failedBeforeStart(code: RunFailureCode, error: unknown): RunOutcome {
  const message = error instanceof Error ? error.message : 'unknown'
  return {
    status: 'failed',
    code,
    failure: { message },
    output: null,
    logs: [],
    lines: [],
    chargeMicro: 0n,
    startedCold: false,
    waitMs: 0,
    runMs: 0,
  }
}

/** The outcome's blobs as the row keeps them. */
export function encodeOutcome(outcome: RunOutcome): {
  failure: Buffer | null
  output: Buffer | null
  logs: Buffer | null
} {
  return {
    failure: outcome.failure === null ? null : encodeBlob(Buffer.from(JSON.stringify(outcome.failure))),
    output: outcome.output === null ? null : encodeBlob(outcome.output),
    logs: outcome.logs.length === 0 ? null : encodeBlob(Buffer.from(JSON.stringify(outcome.logs))),
  }
}

/** One decimal: what a `real` column gives back unchanged, so that a replay equals the first answer. */
const rounded = (ms: number): number => Math.round(ms * 10) / 10
