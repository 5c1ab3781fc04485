import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isMissing } from '../../../test/support/capabilities.ts'
import { systemClock } from '../../platform/clock.ts'
import { loadConfig } from '../../platform/config.ts'
import { createLogger } from '../../platform/logger.ts'
import { findCgroupLimiter } from '../cgroups.ts'
import { findDriver, type Driver, type Wall } from '../driver.ts'
import { bridgeOf } from '../egress/bridge-of.ts'
import { LoadableCode } from '../execute-agent-code.ts'
import { sandboxOptions } from '../index.ts'
import { Launcher } from '../launcher.ts'
import { Pool, type PoolDeps } from '../pool.ts'
import type { SelfTestCheck } from '../sandbox.types.ts'
import { gradeOf } from '../self-test.ts'
import { findUtilLinux } from '../util-linux-driver.ts'
import { findPython } from './find-python.ts'
import { pythonDriver } from './python-driver.ts'
import { testPython } from './test-python.ts'

describe.skipIf(isMissing('python3')).each([
  ['bubblewrap', isMissing('bwrap')],
  ['util-linux', process.platform !== 'linux'],
] as const)('a wall around Python by %s that is missing', (kind, isLeftOut) => {
  const launcher = new Launcher()
  const limiter = findCgroupLimiter()
  let deno: Driver | undefined
  let python: Driver | undefined
  beforeAll(async () => {
    await launcher.start()
    if (isLeftOut) return
    const { driver } = findDriver(kind, 'bwrap')
    const found = await findPython('auto')
    const programs = findUtilLinux()
    if (driver === null || found.python === null || 'missing' in programs)
      throw new Error(`${kind} or Python does not work here`)
    deno = driver
    python = pythonDriver(found.python, kind === 'bubblewrap' ? 'bwrap' : programs)
    await python.prepare(0)
  })
  afterAll(async () => {
    await launcher.stop()
    await limiter?.remove()
    deno?.dispose()
    python?.dispose()
  })

  /** Python's self-test without this wall. */
  async function tryWithout(wall: Wall | null): Promise<readonly SelfTestCheck[]> {
    if (deno === undefined || python === undefined) throw new Error('nothing was made ready')
    const { sandbox: config } = loadConfig({ sandbox: sandboxOptions }, {})
    const log = createLogger('silent', 2)
    const monotonicMs = (): number => systemClock.monotonicMs()
    const { plan } = python
    const lacking: Driver = {
      ...python,
      plan: (each) => plan({ ...each, without: new Set([...(each.without ?? []), ...(wall === null ? [] : [wall])]) }),
    }
    const options = { ...config, blanks: 0, pythonBlanks: 0 }
    const poolDeps: PoolDeps = { driver: deno, python: lacking, launcher, limiter, options, log, monotonicMs }
    const pool = new Pool(poolDeps)
    try {
      const execute = { pool, loadable: new LoadableCode(''), log, monotonicMs, maxDepth: 64, bridge: bridgeOf(config) }
      return await testPython({ execute, pool: poolDeps })
    } finally {
      await pool.stop()
    }
  }

  test.skipIf(isLeftOut)('none: all walls together are strong', async () => {
    const checks = await tryWithout(null)
    expect(checks.filter((check) => !check.held)).toEqual([])
    expect(gradeOf(checks)).toBe('strong')
  })

  test.skipIf(isLeftOut).each<[Wall, RegExp]>([
    ['network', /a network of its own/],
    ['processes', /processes of its own/],
    ['ipc', /shared memory of its own/],
    ['host name', /a host name of its own/],
    ['procfs', /no procfs/],
    ['environment', /only its own environment/],
    ['capabilities', /no capabilities/],
    ['user namespaces', /a user namespace inside/],
    ['session', /a session of its own/],
    ['seccomp', /system call ptrace/],
    ['read-only root', /write outside \/tmp/],
    ['devices', /devices that cannot be added to/],
    ['scratch size', /a small scratch space/],
    ['limits', /limits on descriptors/],
    ['host files', /passwords of the host/],
  ])('%s lowers its grade, by a check that names it', async (wall, named) => {
    const checks = await tryWithout(wall)
    expect(gradeOf(checks)).toBe('process')
    const fallen = checks.filter((check) => !check.held).map(({ name }) => name)
    expect(fallen).toEqual(expect.arrayContaining([expect.stringMatching(named)]))
  })
})
