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
import { gradeOf } from '../self-test.ts'
import { findPython } from './find-python.ts'
import { pythonDriver } from './python-driver.ts'
import { testPython } from './test-python.ts'

describe.skipIf(isMissing('bwrap') || isMissing('python3'))('a wall around Python that is missing', () => {
  const launcher = new Launcher()
  const limiter = findCgroupLimiter()
  let deno: Driver
  let python: Driver
  beforeAll(async () => {
    await launcher.start()
    const { driver } = findDriver('bubblewrap', 'bwrap')
    const found = await findPython('auto')
    if (driver === null || found.python === null) throw new Error('bubblewrap or Python does not work here')
    deno = driver
    python = pythonDriver(found.python, 'bwrap')
    await python.prepare(0)
  })
  afterAll(async () => {
    await launcher.stop()
    await limiter?.remove()
    deno.dispose()
    python.dispose()
  })

  test.each<[Wall, RegExp]>([
    ['network', /a network of its own/],
    ['procfs', /no procfs/],
    ['environment', /only its own environment/],
    ['seccomp', /system call ptrace/],
    ['read-only root', /write outside \/tmp/],
    ['host files', /passwords of the host/],
  ])('%s lowers its grade, by a check that names it', async (wall, named) => {
    const { sandbox: config } = loadConfig({ sandbox: sandboxOptions }, {})
    const log = createLogger('silent', 2)
    const monotonicMs = (): number => systemClock.monotonicMs()
    const lacking: Driver = {
      ...python,
      plan: (each) => python.plan({ ...each, without: new Set([...(each.without ?? []), wall]) }),
    }
    const options = { ...config, blanks: 0, pythonBlanks: 0 }
    const poolDeps: PoolDeps = { driver: deno, python: lacking, launcher, limiter, options, log, monotonicMs }
    const pool = new Pool(poolDeps)
    try {
      const execute = { pool, loadable: new LoadableCode(''), log, monotonicMs, maxDepth: 64, bridge: bridgeOf(config) }
      const checks = await testPython({ execute, pool: poolDeps })
      expect(gradeOf(checks)).toBe('process')
      const fallen = checks.filter((check) => !check.held).map(({ name }) => name)
      expect(fallen).toEqual(expect.arrayContaining([expect.stringMatching(named)]))
    } finally {
      await pool.stop()
    }
  })
})
