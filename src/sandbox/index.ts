import type { Clock } from '../platform/clock.ts'
import type { Parsed } from '../platform/config.ts'
import type { Logger } from '../platform/logger.ts'
import { findCgroupLimiter, type CgroupLimiter } from './cgroups.ts'
import { bridgeOf } from './egress/bridge-of.ts'
import { describeAgentCode } from './describe-agent-code.ts'
import { findDriver, type Driver, type DriverSearch } from './driver.ts'
import { executeAgentCode, LoadableCode, type ExecuteDeps } from './execute-agent-code.ts'
import { adviceOf, explainGrade, whyNothingBoots } from './explain-grade.ts'
import { createIdleProcessors } from './idle-processors.ts'
import { Launcher } from './launcher.ts'
import { Pool, type PoolDeps } from './pool.ts'
import { openPython, UNTRIED } from './python/open-python.ts'
import { sandboxErrors } from './sandbox.errors.ts'
import type { sandboxOptions } from './sandbox.options.ts'
import type { AgentCode, IsolationGrade, PythonReport, Sandbox, SandboxReport, SelfTestCheck } from './sandbox.types.ts'
import { gradeOf, runSelfTest } from './self-test.ts'
import { Slots } from './slots.ts'
import { readZodRuntime } from './zod-runtime.ts'

export { createDownloader, type Download } from './egress/download.ts'
export { EgressDenied, EgressFailed } from './egress/egress.errors.ts'
export { isCovered, parseHostPattern } from './egress/host-pattern.ts'
export { adviceOf } from './explain-grade.ts'
export { sandboxErrors } from './sandbox.errors.ts'
export { sandboxOptions } from './sandbox.options.ts'
export { agentRuntimes, failureCodes } from './sandbox.types.ts'
export { inspectHost, thisHost, type HostCheck } from './inspect-host.ts'
export { readZodRuntime } from './zod-runtime.ts'
export type * from './sandbox.types.ts'

export type SandboxConfig = Parsed<typeof sandboxOptions>
export type SandboxDeps = {
  readonly config: SandboxConfig
  readonly log: Logger
  readonly clock: Clock
  /** What part of the processors nobody wants, from 0 to 1; without it this machine is looked at. */
  readonly idleProcessors?: () => number
}

type Running = {
  readonly driver: Driver
  readonly launcher: Launcher
  readonly limiter: CgroupLimiter | null
  readonly execute: ExecuteDeps
  readonly pool: PoolDeps
}

const TRY_PYTHON_AGAIN_MS = 30_000

/** Makes the sandbox; `start` finds the driver, boots blanks and tries the walls. */
export function createSandbox(deps: SandboxDeps): Sandbox {
  const { config, log } = deps
  const monotonicMs = (): number => deps.clock.monotonicMs()
  const slots = new Slots({
    total: Math.min(config.maxRunning, config.maxInstances),
    queueBound: config.queueBound,
    queueBoundPerPayer: config.queueBoundPerPayer,
    monotonicMs,
  })
  const bridge = bridgeOf(config)
  let running: Running | null = null
  let search: DriverSearch | null = null
  let checks: readonly SelfTestCheck[] = []
  let grade: IsolationGrade = 'none'
  let python: PythonReport = UNTRIED
  let opening: Promise<PythonReport> | null = null
  let triedAtMs = 0

  const needRunning = (): Running => {
    if (running === null) throw sandboxErrors.SANDBOX_STOPPED()
    return running
  }

  const tryPython = (): Promise<PythonReport> => {
    const { pool, execute } = needRunning()
    // Mended meanwhile, perhaps: whoever comes later tries again, but nobody in between.
    const isStale = python.grade !== 'strong' && monotonicMs() - triedAtMs > TRY_PYTHON_AGAIN_MS
    if (opening !== null && !isStale) return opening
    triedAtMs = monotonicMs()
    opening = openPython({ config, lacking: search?.lacking ?? null, pool, execute, log }).then(
      (report) => (python = report),
      (error: unknown) => {
        opening = null
        throw error
      },
    )
    return opening
  }

  const currentGrade = (): IsolationGrade => (running === null ? 'none' : grade)

  /** What may execute this code now. @throws PYTHON_UNAVAILABLE, SANDBOX_STOPPED */
  const executorOf = async (agentCode: AgentCode): Promise<ExecuteDeps> => {
    if (agentCode.runtime === 'python') refuseWithoutPython(await tryPython())
    return needRunning().execute
  }

  const endRunning = async (): Promise<void> => {
    const ended = running
    running = null
    if (ended === null) return
    // Whatever it is at ends with the pool; its driver has files of its own to remove.
    void ended.execute.pool.stop()
    await opening?.catch(() => undefined)
    await ended.execute.pool.stop()
    await ended.launcher.stop()
    await ended.limiter?.remove()
    ended.driver.dispose()
    ended.execute.pool.python?.dispose()
  }

  return {
    name: 'sandbox',

    async start(signal) {
      search = findDriver(config.driver, config.bubblewrap)
      const { driver } = search
      if (driver === null) {
        log.error({ ...search.lacking }, 'no sandbox can be made here: runs are refused')
        return
      }
      const limiter = config.cgroup === 'auto' ? findCgroupLimiter() : null
      const launcher = new Launcher()
      const idleProcessors = deps.idleProcessors ?? createIdleProcessors(monotonicMs)
      const poolDeps: PoolDeps = {
        driver,
        python: null,
        launcher,
        limiter,
        options: config,
        log,
        monotonicMs,
        idleProcessors,
      }
      const pool = new Pool(poolDeps)
      running = {
        driver,
        launcher,
        limiter,
        pool: poolDeps,
        execute: {
          pool,
          loadable: new LoadableCode(readZodRuntime().source),
          log,
          monotonicMs,
          maxDepth: config.maxDepth,
          bridge,
        },
      }
      await launcher.start()
      try {
        await pool.start()
      } catch (error) {
        signal.throwIfAborted()
        await endRunning()
        const lacking = whyNothingBoots(driver.kind, error)
        search = { driver: null, lacking }
        // A machine that is too busy for it now may not be at the next start.
        const way = lacking.mend === null ? '' : `; if it stays so: ${lacking.mend}`
        throw new Error(`${lacking.why}${way}`, { cause: error })
      }
      signal.throwIfAborted()
      checks = await runSelfTest({ execute: running.execute, pool: poolDeps })
      grade = gradeOf(checks)
      pool.expectCallers()
      const fallen = checks.filter((check) => !check.held)
      const facts = {
        grade,
        driver: driver.kind,
        limiter: limiter?.kind ?? 'watchdog',
        ...search.lacking,
      }
      if (grade === 'strong') log.info(facts, 'sandbox ready')
      else log.warn({ ...facts, fallen }, 'sandbox ready, isolation below strong')
    },

    async drain() {
      slots.close()
    },

    async stop() {
      slots.close()
      await endRunning()
    },

    executeAgentCode: async (agentCode, input, options) =>
      await executeAgentCode(await executorOf(agentCode), agentCode, input, options),

    describeAgentCode: async (agentCode) =>
      await describeAgentCode(await executorOf(agentCode), agentCode, config.defaultMemoryMb),

    tryPython,

    acquireSlot: (payer, options) => slots.acquire(payer, options),

    grade: currentGrade,

    report(): SandboxReport {
      const counts = running?.execute.pool.counts
      return {
        grade: currentGrade(),
        driver: running?.driver.kind ?? 'none',
        limiter: running?.limiter?.kind ?? 'watchdog',
        ...explainGrade({ grade, driver: running?.driver.kind ?? null, lacking: search?.lacking ?? null, checks }),
        python,
        weakIsolationAllowed: config.allowWeakIsolation,
        checks,
        blanks: counts?.blanks ?? 0,
        blanksWanted: counts?.blanksWanted ?? 0,
        mostBlanks: counts?.mostBlanks ?? 0,
        warm: counts?.warm ?? 0,
        booting: counts?.booting ?? 0,
        running: counts?.running ?? 0,
        waiting: slots.waiting,
        slots: { taken: slots.taken, total: Math.min(config.maxRunning, config.maxInstances) },
        memory: { promisedMb: counts?.promisedMb ?? 0, budgetMb: counts?.budgetMb ?? 0 },
      }
    },
  }
}

/** @throws PYTHON_UNAVAILABLE below `strong` */
export function refuseWithoutPython({ grade, why, mend }: PythonReport): void {
  if (grade === 'strong') return
  throw sandboxErrors.PYTHON_UNAVAILABLE({ grade, why: why ?? `Isolation is ${grade}`, mend, advice: adviceOf(mend) })
}
