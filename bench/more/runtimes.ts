import { readFileSync } from 'node:fs'
import { systemClock } from '../../src/platform/clock.ts'
import { loadConfig } from '../../src/platform/config.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { findCgroupLimiter } from '../../src/sandbox/cgroups.ts'
import { findDriver } from '../../src/sandbox/driver.ts'
import { bridgeOf } from '../../src/sandbox/egress/bridge-of.ts'
import { executeAgentCode, LoadableCode, type ExecuteDeps } from '../../src/sandbox/execute-agent-code.ts'
import { agentRuntimes, readZodRuntime, sandboxOptions, type AgentRuntime } from '../../src/sandbox/index.ts'
import { Launcher } from '../../src/sandbox/launcher.ts'
import { Pool } from '../../src/sandbox/pool.ts'
import { findPython } from '../../src/sandbox/python/find-python.ts'
import { pythonDriver } from '../../src/sandbox/python/python-driver.ts'
import { pythonSource } from '../../src/sandbox/python/test-python.ts'
import { median } from '../statistics.ts'

const WARM_RUNS = 200
const SOURCES: Readonly<Record<AgentRuntime, string>> = {
  javascript: 'export default (input) => input',
  python: pythonSource('def run(input, ctx):\n    return input\n'),
}

type Figures = {
  bootMs: number[]
  bootCpuMs: number[]
  loadMs: number[]
  warmMs: number[]
  warmCpuMs: number[]
  rssMb: number[]
}

/** A boot, the loading of the smallest agent, its warm runs and what it weighs, for Deno and for CPython, in turn. Processor
 * time is the guest's own, so that it says the same on a busy machine. */
export async function measureRuntimes(boots: number, say: (line: string) => void): Promise<void> {
  await using stack = new AsyncDisposableStack()
  const { sandbox: options } = loadConfig({ sandbox: sandboxOptions }, {})
  const log = createLogger('error', 2)
  const monotonicMs = (): number => systemClock.monotonicMs()
  const launcher = new Launcher()
  await launcher.start()
  stack.defer(() => launcher.stop())
  const limiter = findCgroupLimiter()
  stack.defer(async () => limiter?.remove())
  const { driver, lacking } = findDriver('bubblewrap', 'bwrap')
  if (driver === null) throw new Error(lacking?.why ?? 'no driver')
  stack.defer(() => driver.dispose())
  const found = await findPython('auto')
  if (found.python === null) throw new Error(found.lacking.why)
  const python = pythonDriver(found.python, 'bwrap')
  await python.prepare(0)
  stack.defer(() => python.dispose())
  const pool = new Pool({
    driver,
    python,
    launcher,
    limiter,
    options: { ...options, blanks: 0, pythonBlanks: 0 },
    log,
    monotonicMs,
  })
  await pool.start()
  stack.defer(() => pool.stop())
  const loadable = new LoadableCode(readZodRuntime().source)
  const deps: ExecuteDeps = { pool, loadable, log, monotonicMs, maxDepth: options.maxDepth, bridge: bridgeOf(options) }
  const all = new Map(agentRuntimes.map((runtime) => [runtime, emptyFigures()]))
  for (let boot = 0; boot < boots; boot += 1)
    for (const [runtime, figures] of all) await measureOnce(deps, runtime, `boot ${boot}`, figures)
  say('runtime      boot ms  boot CPU ms  load ms  warm run ms  warm CPU ms  resident MB   (medians)')
  for (const [runtime, figures] of all) {
    const { bootMs, bootCpuMs, loadMs, warmMs, warmCpuMs, rssMb } = figures
    const cells = [
      median(bootMs).toFixed(1),
      median(bootCpuMs).toFixed(0),
      median(loadMs).toFixed(1),
      median(warmMs).toFixed(3),
      median(warmCpuMs).toFixed(3),
      median(rssMb).toFixed(1),
    ]
    say(`${runtime.padEnd(11)} ${cells.map((cell, at) => cell.padStart([8, 12, 8, 12, 12, 12][at] ?? 8)).join(' ')}`)
  }
}

const emptyFigures = (): Figures => ({ bootMs: [], bootCpuMs: [], loadMs: [], warmMs: [], warmCpuMs: [], rssMb: [] })

async function measureOnce(deps: ExecuteDeps, runtime: AgentRuntime, key: string, figures: Figures): Promise<void> {
  const bootFrom = performance.now()
  const blank = await deps.pool.lease({ runtime, warmKey: null, memoryMb: 128, cpuMs: 60_000 })
  figures.bootMs.push(performance.now() - bootFrom)
  figures.bootCpuMs.push(blank.instance.cpuMs() ?? 0)
  figures.rssMb.push(residentMb(blank.instance.guestPid))
  blank.release(false)
  const cold = await run(deps, runtime, key)
  figures.loadMs.push(cold.timings.injectMs)
  const lease = await deps.pool.lease({ runtime, warmKey: keyOf(runtime, key), memoryMb: 128, cpuMs: 60_000 })
  const cpuFrom = lease.instance.cpuMs() ?? 0
  lease.release(true)
  const from = performance.now()
  for (let n = 0; n < WARM_RUNS; n += 1) await run(deps, runtime, key)
  figures.warmMs.push((performance.now() - from) / WARM_RUNS)
  figures.warmCpuMs.push(((lease.instance.cpuMs() ?? 0) - cpuFrom) / WARM_RUNS)
}

const keyOf = (runtime: AgentRuntime, key: string): string => `${runtime} ${key}`

function residentMb(pid: number | null): number {
  if (pid === null) return 0
  return (Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]) * 4_096) / 1_048_576
}

async function run(deps: ExecuteDeps, runtime: AgentRuntime, isolationKey: string) {
  const ended = await executeAgentCode(
    deps,
    { sha256: runtime, source: SOURCES[runtime], runtime },
    { json: '{"a":1}', files: new Map() },
    {
      runId: 'bench',
      isolationKey,
      limits: { timeoutMs: 10_000, memoryMb: 128, maxOutputBytes: 100_000, maxLogBytes: 0 },
      charges: { events: {}, capMicro: 0n },
    },
  )
  if (ended.kind !== 'succeeded') throw new Error(`a run ended as ${ended.kind}`)
  return ended
}
