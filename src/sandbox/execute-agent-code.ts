import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '../platform/logger.ts'
import { converse, type ConversationDeps, type Outcome } from './conversation.ts'
import type { Lease, Pool } from './pool.ts'
import type { AgentCode, AgentInput, Execution, ExecutionOptions, ExecutionTimings } from './sandbox.types.ts'

export type ExecuteDeps = ConversationDeps & {
  readonly pool: Pool
  readonly loadable: LoadableCode
  readonly log: Logger
}

const RETRIES = 2
const FIRST_PAUSE_MS = 20

/** Executes an agent in isolation (the specification's `executeAgentCode`). A guest's fault is a value, never a throw;
 * what goes wrong before any guest code has run is ours and is tried twice more, with backoff.
 * @returns how it ended, with logs, charged events and timings
 * @throws nothing the guest can cause; SANDBOX_STOPPED when the sandbox is stopped before the run began */
export async function executeAgentCode(
  deps: ExecuteDeps,
  agentCode: AgentCode,
  input: AgentInput,
  options: ExecutionOptions,
): Promise<Execution> {
  const waited = { waitMs: 0, bootMs: 0 }
  for (let attempt = 0; ; attempt++) {
    if (options.signal?.aborted) return notStarted({ kind: 'canceled' }, waited)
    const tried = await tryOnce(deps, agentCode, input, options, waited)
    if (tried.kind === 'done') return tried.execution
    if (options.signal?.aborted) return notStarted({ kind: 'canceled' }, waited)
    deps.log.warn({ runId: options.runId, attempt, why: tried.why }, 'a sandbox failed before the agent started')
    if (attempt === RETRIES)
      return notStarted({ kind: 'failed', code: 'SANDBOX_FAILED', message: 'No sandbox could be started' }, waited)
    await sleep(FIRST_PAUSE_MS * 2 ** attempt * (1 + Math.random()))
  }
}

type Tried = { readonly kind: 'done'; readonly execution: Execution } | { readonly kind: 'retry'; readonly why: string }

async function tryOnce(
  deps: ExecuteDeps,
  agentCode: AgentCode,
  input: AgentInput,
  options: ExecutionOptions,
  waited: { waitMs: number; bootMs: number },
): Promise<Tried> {
  let lease: Lease
  try {
    lease = await deps.pool.lease({
      runtime: agentCode.runtime ?? 'javascript',
      warmKey: options.isolationKey === null ? null : `${agentCode.sha256} ${options.isolationKey}`,
      memoryMb: options.limits.memoryMb,
      cpuMs: options.limits.cpuMs ?? options.limits.timeoutMs,
      ...(options.signal ? { signal: options.signal } : {}),
    })
  } catch (error) {
    if (deps.pool.isClosed) throw error
    return { kind: 'retry', why: error instanceof Error ? error.message : 'unknown' }
  }
  waited.waitMs += lease.waitMs
  waited.bootMs += lease.bootMs
  let outcome: Outcome | null = null
  try {
    const load = lease.cold ? deps.loadable.of(agentCode) : null
    outcome = await converse(deps, lease.instance, load, input, options)
  } finally {
    lease.release(outcome?.reusable ?? false)
  }
  if (!outcome.guestStarted && outcome.end.kind === 'failed' && outcome.end.code !== 'AGENT_PROTOCOL_VIOLATION')
    return { kind: 'retry', why: outcome.end.message }
  const timings: ExecutionTimings = { ...waited, injectMs: outcome.injectMs, runMs: outcome.runMs }
  const { end, logs, logsTruncated, events, delivered, egress } = outcome
  return {
    kind: 'done',
    execution: { ...end, logs, logsTruncated, events, delivered, egress, startedCold: lease.cold, timings },
  }
}

function notStarted(
  end: { kind: 'canceled' } | { kind: 'failed'; code: 'SANDBOX_FAILED'; message: string },
  waited: { waitMs: number; bootMs: number },
): Execution {
  const timings = { ...waited, injectMs: 0, runMs: 0 }
  return { ...end, logs: [], logsTruncated: false, events: {}, delivered: 0, egress: [], startedCold: true, timings }
}

const KEPT_BYTES = 67_108_864

/** Code in the shape it is loaded in: a data: URL, never a file, because Deno's permissions do not guard the main graph.
 * Made once per hash and kept while it is used. A bundle begins with the zod it was built with; where that is the one
 * every blank has evaluated already, it is left away (145 ms became 3 for `echo`). Another one, of an older or newer
 * release, is sent along and serves as it did when the agent was published. */
export class LoadableCode {
  readonly #preloaded: Buffer
  readonly #kept = new Map<string, Buffer>()
  #keptBytes = 0

  /** @param preloaded the script that the harness evaluates at boot */
  constructor(preloaded: string) {
    this.#preloaded = Buffer.from(preloaded)
  }

  of(agentCode: AgentCode): Buffer {
    const kept = this.#kept.get(agentCode.sha256)
    if (kept !== undefined) {
      this.#kept.delete(agentCode.sha256)
      this.#kept.set(agentCode.sha256, kept)
      return kept
    }
    // A Python agent is its files as JSON, and is sent as it is stored.
    const whole = Buffer.from(agentCode.source)
    const made = agentCode.runtime === 'python' ? whole : this.#asModule(whole)
    this.#kept.set(agentCode.sha256, made)
    this.#keptBytes += made.length
    for (const [sha256, oldest] of this.#kept) {
      if (this.#keptBytes <= KEPT_BYTES || sha256 === agentCode.sha256) break
      this.#kept.delete(sha256)
      this.#keptBytes -= oldest.length
    }
    return made
  }

  #asModule(whole: Buffer): Buffer {
    const { length } = this.#preloaded
    const isPreloaded = whole.length > length && whole.subarray(0, length).equals(this.#preloaded)
    const code = isPreloaded ? whole.subarray(length) : whole
    return Buffer.from(`data:text/javascript;base64,${code.toString('base64')}`)
  }
}
