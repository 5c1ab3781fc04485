import { systemClock } from '../../src/platform/clock.ts'
import { loadConfig } from '../../src/platform/config.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { findCgroupLimiter } from '../../src/sandbox/cgroups.ts'
import { findDriver, type Driver } from '../../src/sandbox/driver.ts'
import { bridgeOf } from '../../src/sandbox/egress/bridge-of.ts'
import { executeAgentCode, LoadableCode, type ExecuteDeps } from '../../src/sandbox/execute-agent-code.ts'
import { sandboxOptions } from '../../src/sandbox/index.ts'
import { Launcher } from '../../src/sandbox/launcher.ts'
import { Pool } from '../../src/sandbox/pool.ts'
import { median } from '../statistics.ts'

const WARM_RUNS = 50
const SOURCE = 'export default (input) => input'

type Walls = { readonly name: string; readonly driver: Driver; readonly hasGroups: boolean }

/** What each wall adds to a boot and to a warm run: Deno alone, in bubblewrap, with seccomp, with a control group. All of
 * them in turn, round by round, so that what drifts on the machine drifts for each. */
export async function measureWalls(boots: number, say: (line: string) => void): Promise<void> {
  await using stack = new AsyncDisposableStack()
  const { sandbox: options } = loadConfig({ sandbox: sandboxOptions }, {})
  const log = createLogger('error', 2)
  const monotonicMs = (): number => systemClock.monotonicMs()
  const launcher = new Launcher()
  await launcher.start()
  stack.defer(() => launcher.stop())
  const limiter = findCgroupLimiter()
  stack.defer(async () => limiter?.remove())
  const kinds: { walls: Walls; pool: Pool; bootMs: number[]; warmMs: number[] }[] = []
  for (const walls of allWalls()) {
    const pool = new Pool({
      driver: walls.driver,
      launcher,
      limiter: walls.hasGroups ? limiter : null,
      options: { ...options, blanks: 0 },
      log,
      monotonicMs,
    })
    await pool.start()
    stack.defer(() => walls.driver.dispose())
    stack.defer(() => pool.stop())
    kinds.push({ walls, pool, bootMs: [], warmMs: [] })
  }
  const loadable = new LoadableCode('')
  for (let boot = 0; boot < boots; boot += 1)
    for (const { pool, bootMs, warmMs } of kinds) {
      const deps: ExecuteDeps = {
        pool,
        loadable,
        log,
        monotonicMs,
        maxDepth: options.maxDepth,
        bridge: bridgeOf(options),
      }
      const key = `boot ${boot}`
      bootMs.push((await run(deps, key)).timings.bootMs)
      const from = performance.now()
      for (let n = 0; n < WARM_RUNS; n += 1) await run(deps, key)
      warmMs.push((performance.now() - from) / WARM_RUNS)
    }
  say('walls                                    boot ms   warm run ms   (medians)')
  for (const { walls, bootMs, warmMs } of kinds)
    say(`${walls.name.padEnd(40)} ${median(bootMs).toFixed(1).padStart(7)} ${median(warmMs).toFixed(3).padStart(13)}`)
}

function allWalls(): Walls[] {
  const find = (kind: Driver['kind']): Driver => {
    const { driver, lacking } = findDriver(kind, 'bwrap')
    if (driver === null) throw new Error(lacking?.why ?? 'no driver')
    return driver
  }
  const open = find('bubblewrap')
  const withoutSeccomp: Driver = {
    ...open,
    plan: (options) => {
      const plan = open.plan(options)
      const at = plan.args.indexOf('--seccomp')
      return { ...plan, seccompFile: null, args: plan.args.toSpliced(at, at < 0 ? 0 : 2) }
    },
  }
  return [
    { name: 'Deno, every permission denied', driver: find('deno'), hasGroups: false },
    { name: '+ bubblewrap (and its boot cache)', driver: withoutSeccomp, hasGroups: false },
    { name: '+ seccomp', driver: find('bubblewrap'), hasGroups: false },
    { name: '+ control group', driver: find('bubblewrap'), hasGroups: true },
    { name: 'the same by util-linux', driver: find('util-linux'), hasGroups: true },
  ]
}

async function run(deps: ExecuteDeps, key: string) {
  const execution = await executeAgentCode(
    deps,
    { sha256: 'echo', source: SOURCE },
    { json: '{"n":1}', files: new Map() },
    {
      runId: key,
      isolationKey: key,
      limits: { timeoutMs: 10_000, memoryMb: 128, maxOutputBytes: 10_000, maxLogBytes: 1_000 },
      charges: { events: {}, capMicro: 0n },
    },
  )
  if (execution.kind !== 'succeeded') throw new Error(`a run ended as ${JSON.stringify(execution)}`)
  return execution
}
