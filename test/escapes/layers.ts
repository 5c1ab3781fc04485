import { randomUUID } from 'node:crypto'
import { systemClock } from '../../src/platform/clock.ts'
import { loadConfig } from '../../src/platform/config.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { findCgroupLimiter, type CgroupLimiter } from '../../src/sandbox/cgroups.ts'
import type { Driver, Wall } from '../../src/sandbox/driver.ts'
import { bridgeOf } from '../../src/sandbox/egress/bridge-of.ts'
import { executeAgentCode, LoadableCode, type ExecuteDeps } from '../../src/sandbox/execute-agent-code.ts'
import { readZodRuntime, sandboxOptions, type Execution, type ExecutionLimits } from '../../src/sandbox/index.ts'
import { Launcher } from '../../src/sandbox/launcher.ts'
import { Pool } from '../../src/sandbox/pool.ts'

/** A sandbox with some of its walls left standing, made of the same parts as the one that serves runs. */
export type Layer = {
  readonly driver: Driver
  /** Are memory and processes bounded by control groups? */
  readonly hasGroups: boolean
  run(order: LayerOrder): Promise<Execution>
  stop(): Promise<void>
}

export type LayerOrder = {
  readonly source: string
  readonly input: unknown
  /** Who runs; null is a stranger. */
  readonly principal: string | null
  readonly limits?: Partial<ExecutionLimits> | undefined
  readonly charges?: Readonly<Record<string, bigint>> | undefined
}

export type Workshop = {
  readonly launcher: Launcher
  readonly limiter: CgroupLimiter | null
  layer(driver: Driver, without?: readonly Wall[], maxProcesses?: number): Layer
  stop(): Promise<void>
}

/** What all layers share: the process that forks and the control groups. */
export async function openWorkshop(options: { readonly cgroups: boolean }): Promise<Workshop> {
  const { sandbox: config } = loadConfig({ sandbox: sandboxOptions }, {})
  const log = createLogger('silent', 2)
  const launcher = new Launcher()
  const limiter = options.cgroups ? findCgroupLimiter() : null
  await launcher.start()
  const prepared = new Map<Driver, Promise<void>>()
  const monotonicMs = (): number => systemClock.monotonicMs()
  return {
    launcher,
    limiter,
    layer(driver, without = [], maxProcesses) {
      const left = new Set(without)
      const pool = new Pool({
        driver: {
          ...driver,
          plan: (each) => driver.plan(left.size === 0 ? each : { ...each, without: left }),
          // A driver prepares once, however many pools it serves here.
          prepare: async (heapMb) => {
            const done = prepared.get(driver) ?? driver.prepare(heapMb)
            prepared.set(driver, done)
            await done
          },
        },
        launcher,
        limiter: maxProcesses === undefined ? limiter : withProcesses(limiter, maxProcesses),
        options: { ...config, blanks: 0, bootTimeoutMs: 60_000 },
        log,
        monotonicMs,
      })
      const deps: ExecuteDeps = {
        pool,
        loadable: new LoadableCode(readZodRuntime().source),
        log,
        monotonicMs,
        maxDepth: config.maxDepth,
        bridge: bridgeOf(config),
      }
      const started = pool.start()
      return {
        driver,
        hasGroups: limiter !== null,
        async run({ source, input, principal, limits, charges = {} }) {
          await started
          return await executeAgentCode(
            deps,
            { sha256: hashOf(source), source },
            { json: JSON.stringify(input), files: new Map() },
            {
              runId: randomUUID(),
              isolationKey: principal,
              charges: { events: charges, capMicro: 1_000_000n },
              limits: { timeoutMs: 15_000, memoryMb: 128, maxOutputBytes: 1_000_000, maxLogBytes: 10_000, ...limits },
            },
          )
        },
        stop: () => pool.stop(),
      }
    },
    async stop() {
      await launcher.stop()
      await limiter?.remove()
    },
  }
}

const hashes = new Map<string, string>()
/** Any name that is the same for the same text will do: nothing here checks it. */
function hashOf(source: string): string {
  const known = hashes.get(source) ?? randomUUID()
  hashes.set(source, known)
  return known
}

function withProcesses(limiter: CgroupLimiter | null, most: number): CgroupLimiter | null {
  return limiter === null ? null : { ...limiter, createGroup: (memoryBytes) => limiter.createGroup(memoryBytes, most) }
}
