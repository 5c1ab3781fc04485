import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../platform/clock.ts'
import { loadConfig } from '../platform/config.ts'
import { createLogger } from '../platform/logger.ts'
import { bridgeOf } from './egress/bridge-of.ts'
import { fillBootCache } from './boot-cache.ts'
import { findDriver, type PlanOptions } from './driver.ts'
import { LoadableCode, executeAgentCode } from './execute-agent-code.ts'
import { sandboxOptions } from './index.ts'
import { Launcher } from './launcher.ts'
import { Pool } from './pool.ts'
import { agentCode } from './testing/a-sandbox.ts'

const PLAN: PlanOptions = { heapMb: 192, group: null, dataLimitBytes: null }

/** The files of the host that a plan shows the guest under DENO_DIR, with how. */
function cacheBinds(args: readonly string[]): [how: string, file: string][] {
  return args.flatMap((arg, at) =>
    arg.startsWith('/tmp/deno/') ? [[args[at - 2] ?? '', args[at - 1] ?? ''] satisfies [string, string]] : [],
  )
}

/** What the cache of compiled code holds. */
function compiledScripts(files: readonly string[]): unknown[] {
  const file = files.find((name) => name.includes('v8_code_cache')) ?? ''
  using database = new DatabaseSync(file, { readOnly: true })
  return database
    .prepare('select specifier from codecache')
    .all()
    .map(({ specifier }) => specifier)
}

test('instances boot from a cache that was filled before anybody’s code was there, and nothing of a guest gets into it', async () => {
  const { driver } = findDriver('bubblewrap', 'bwrap')
  if (driver === null) throw new Error('bubblewrap is not there')
  const { sandbox: options } = loadConfig({ sandbox: sandboxOptions }, {})
  const log = createLogger('silent', 2)
  const monotonicMs = (): number => systemClock.monotonicMs()
  const launcher = new Launcher()
  const pool = new Pool({ driver, launcher, limiter: null, options, log, monotonicMs })
  onTestFinished(async () => {
    await pool.stop()
    await launcher.stop()
    driver.dispose()
  })
  expect(cacheBinds(driver.plan(PLAN).args)).toEqual([])
  await launcher.start()
  await pool.start()
  const binds = cacheBinds(driver.plan(PLAN).args)
  expect(binds.map(([how]) => how)).toEqual(['--ro-bind', '--ro-bind', '--ro-bind'])
  expect(compiledScripts(binds.map(([, file]) => file))).toEqual(
    expect.arrayContaining(['file:///harness.js', 'file:///zod-runtime.js']),
  )
  const hashes = (): string[] => binds.map(([, file]) => createHash('sha256').update(readFileSync(file)).digest('hex'))
  const before = hashes()
  for (let run = 0; run < 3; run++) {
    const execution = await executeAgentCode(
      { pool, loadable: new LoadableCode(''), log, monotonicMs, maxDepth: 64, bridge: bridgeOf(options) },
      agentCode(`export default () => 'guest code that would be kept'`),
      { json: 'null', files: new Map() },
      {
        runId: 'r',
        isolationKey: null,
        limits: { timeoutMs: 10_000, memoryMb: 128, maxOutputBytes: 1_000, maxLogBytes: 1_000 },
        charges: { events: {}, capMicro: 0n },
      },
    )
    expect(execution.kind).toBe('succeeded')
  }
  expect(hashes()).toEqual(before)
})

test('where the cache cannot be filled, there is none', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'boot-cache-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const plan = { command: '/bin/false', args: [], env: {}, cwd: '/', seccompFile: null }
  expect(await fillBootCache(plan, path.join(folder, 'cache'))).toEqual([])
})
