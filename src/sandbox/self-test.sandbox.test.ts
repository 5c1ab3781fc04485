import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isMissing } from '../../test/support/capabilities.ts'
import { systemClock } from '../platform/clock.ts'
import { loadConfig } from '../platform/config.ts'
import { createLogger } from '../platform/logger.ts'
import { findCgroupLimiter } from './cgroups.ts'
import { findDriver, walls, type Driver, type Wall } from './driver.ts'
import { bridgeOf } from './egress/bridge-of.ts'
import { LoadableCode } from './execute-agent-code.ts'
import { readZodRuntime, sandboxOptions } from './index.ts'
import { Launcher } from './launcher.ts'
import { Pool, type PoolDeps } from './pool.ts'
import type { IsolationGrade, SelfTestCheck } from './sandbox.types.ts'
import { gradeOf, runSelfTest } from './self-test.ts'

const launcher = new Launcher()
const limiter = findCgroupLimiter()
const drivers = new Map<Driver['kind'], Driver>()
beforeAll(async () => {
  await launcher.start()
  for (const kind of ['bubblewrap', 'util-linux', 'deno'] as const) {
    const { driver } = findDriver(kind, 'bwrap')
    if (driver !== null) drivers.set(kind, driver)
  }
})
afterAll(async () => {
  await launcher.stop()
  await limiter?.remove()
  for (const driver of drivers.values()) driver.dispose()
})

/** The self-test on a driver that lacks this wall, wherever it is used. */
async function gradeWithout(
  kind: Driver['kind'],
  wall: Wall | null,
): Promise<{ grade: IsolationGrade; fallen: readonly SelfTestCheck[] }> {
  const driver = drivers.get(kind)
  if (driver === undefined) throw new Error(`${kind} does not work here`)
  const { sandbox: config } = loadConfig({ sandbox: sandboxOptions }, {})
  const log = createLogger('silent', 2)
  const monotonicMs = (): number => systemClock.monotonicMs()
  const poolDeps: PoolDeps = {
    driver: {
      ...driver,
      plan: (each) =>
        driver.plan({ ...each, without: new Set([...(each.without ?? []), ...(wall === null ? [] : [wall])]) }),
      prepare: async () => {},
    },
    launcher,
    limiter,
    options: { ...config, blanks: 0 },
    log,
    monotonicMs,
  }
  const pool = new Pool(poolDeps)
  await pool.start()
  try {
    const loadable = new LoadableCode(readZodRuntime().source)
    const execute = { pool, loadable, log, monotonicMs, maxDepth: 64, bridge: bridgeOf(config) }
    const checks = await runSelfTest({ execute, pool: poolDeps })
    return { grade: gradeOf(checks), fallen: checks.filter((check) => !check.held) }
  } finally {
    await pool.stop()
  }
}

/** What falls when a wall is taken away, by the name of a check. */
const NAMED: Readonly<Partial<Record<Wall, RegExp>>> = {
  permissions: /permissions: host file by node:fs|permissions: write to the file system/,
  'host files': /outside: an empty root/,
  procfs: /outside: no procfs/,
  environment: /outside: only its own environment/,
  'remote code': /outside: nothing fetched or resolved/,
  network: /outside: a network of its own/,
  processes: /outside: processes of its own/,
  ipc: /outside: shared memory of its own/,
  'host name': /outside: a host name of its own/,
  capabilities: /outside: no capabilities/,
  'user namespaces': /namespaces: a user namespace inside/,
  session: /outside: a session of its own/,
  seccomp: /outside: system calls filtered/,
  'read-only root': /outside: a root that cannot be written/,
  devices: /outside: devices that cannot be added to/,
  'scratch size': /outside: a small scratch space/,
  limits: /outside: limits on descriptors/,
}

describe.each([
  ['bubblewrap', isMissing('bwrap')],
  ['util-linux', process.platform !== 'linux'],
] as const)('the self-test on %s', (kind, isLeftOut) => {
  test.skipIf(isLeftOut)('grades all walls together strong', async () => {
    expect(await gradeWithout(kind, null)).toEqual({ grade: 'strong', fallen: [] })
  })

  test.skipIf(isLeftOut).each(walls.filter((wall) => wall !== 'storage'))(
    'without %s the grade falls, and the report says why',
    async (wall) => {
      const { grade, fallen } = await gradeWithout(kind, wall)
      expect(grade).not.toBe('strong')
      expect(fallen.map((check) => check.name).join('\n')).toMatch(NAMED[wall] ?? /nothing is named for this wall/)
      for (const { evidence } of fallen) expect(evidence).not.toBe('')
    },
  )
})

describe('the self-test on Deno alone', () => {
  test('grades Deno alone process, and none where its storage is shared', async () => {
    expect((await gradeWithout('deno', null)).grade).toBe('process')
    const { grade, fallen } = await gradeWithout('deno', 'storage')
    expect([grade, fallen.map((check) => check.name)]).toEqual([
      'none',
      expect.arrayContaining(['permissions: storage that others share']),
    ])
  })
})
