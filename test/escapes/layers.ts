import { randomUUID } from 'node:crypto'
import { systemClock } from '../../src/platform/clock.ts'
import { loadConfig } from '../../src/platform/config.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { findCgroupLimiter, type CgroupLimiter } from '../../src/sandbox/cgroups.ts'
import type { Driver, Wall } from '../../src/sandbox/driver.ts'
import { bridgeOf } from '../../src/sandbox/egress/bridge-of.ts'
import { executeAgentCode, LoadableCode, type ExecuteDeps } from '../../src/sandbox/execute-agent-code.ts'
import type { EgressLimits } from '../../src/sandbox/egress/egress.ts'
import type { BridgeDeps, FetchLimits } from '../../src/sandbox/egress/fetch-bridge.ts'
import type { Resolve } from '../../src/sandbox/egress/resolve.ts'
import {
  readZodRuntime,
  sandboxOptions,
  type EgressGrant,
  type Execution,
  type ExecutionLimits,
} from '../../src/sandbox/index.ts'
import { Launcher } from '../../src/sandbox/launcher.ts'
import { Pool } from '../../src/sandbox/pool.ts'
import type { Seen } from './attack.ts'

/** A sandbox with some of its walls left standing, made of the same parts as the one that serves runs. */
export type Layer = {
  readonly driver: Driver
  /** Are memory and processes bounded by control groups? */
  readonly hasGroups: boolean
  run(order: LayerOrder): Promise<Ended>
  stop(): Promise<void>
}

export type LayerOrder = {
  readonly source: string
  readonly input: unknown
  /** Who runs; null is a stranger. */
  readonly principal: string | null
  readonly limits?: Partial<ExecutionLimits> | undefined
  readonly charges?: Readonly<Record<string, bigint>> | undefined
  readonly network?: Network | undefined
}

/** What a run reaches, and by whom names are resolved. */
export type Network = {
  readonly grant: EgressGrant
  readonly privateHosts: readonly string[]
  readonly resolve: Resolve
  readonly limits: Partial<EgressLimits & FetchLimits>
}

export type Ended = { readonly execution: Execution; readonly seen: Seen }

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
      const walled: Driver = {
        ...driver,
        plan: (each) => driver.plan(left.size === 0 ? each : { ...each, without: left }),
        // A driver prepares once, however many pools it serves here.
        prepare: async (heapMb) => {
          const done = prepared.get(driver) ?? driver.prepare(heapMb)
          prepared.set(driver, done)
          await done
        },
      }
      const pool = new Pool({
        driver: walled,
        python: driver.runtime === 'python' ? walled : null,
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
        async run({ source, input, principal, limits, charges = {}, network }) {
          await started
          const chunks: string[] = []
          const artifacts: Seen['artifacts'][number][] = []
          const progress: string[] = []
          const charged: Record<string, number> = {}
          const execution = await executeAgentCode(
            network === undefined ? deps : { ...deps, bridge: bridgeTo(deps.bridge, network) },
            { sha256: hashOf(source), source, runtime: driver.runtime ?? 'javascript' },
            { json: JSON.stringify(input), files: new Map() },
            {
              runId: randomUUID(),
              isolationKey: principal,
              charges: { events: charges, capMicro: 1_000_000n },
              limits: { timeoutMs: 15_000, memoryMb: 128, maxOutputBytes: 1_000_000, maxLogBytes: 10_000, ...limits },
              ...(network === undefined ? {} : { egress: network.grant }),
              onChunk: (json) => void chunks.push(json.toString('latin1')),
              onProgress: (_, message) => void progress.push(message),
              onCharge: (event, n) => void (charged[event] = (charged[event] ?? 0) + n),
              async storeArtifact({ name, type, content }) {
                let bytes = 0
                for await (const piece of content) bytes += piece.length
                artifacts.push({ name, type, bytes })
              },
            },
          )
          return { execution, seen: { chunks, artifacts, progress, charged } }
        },
        async stop() {
          // Nobody may have used it: what it prepared goes only when it is done.
          await started.catch(() => undefined)
          await pool.stop()
        },
      }
    },
    async stop() {
      await launcher.stop()
      await limiter?.remove()
    },
  }
}

/** Bounds that an attack meets soon. */
const EGRESS_LIMITS: EgressLimits & FetchLimits = {
  connectMs: 3_000,
  idleMs: 1_500,
  totalMs: 3_000,
  maxResponseBytes: 1_000_000,
  maxRequestBytes: 1_000_000,
  maxRequests: 20,
  maxRunBytes: 3_000_000,
  maxAtOnce: 4,
}

function bridgeTo(bridge: BridgeDeps, { privateHosts, resolve, limits }: Network): BridgeDeps {
  const bounds = { ...EGRESS_LIMITS, ...limits }
  return {
    egress: { ...bridge.egress, privateHosts, resolve, resolveLocally: resolve, limits: bounds },
    limits: bounds,
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
