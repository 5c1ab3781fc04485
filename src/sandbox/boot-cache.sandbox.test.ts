import { createHash } from 'node:crypto'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../platform/clock.ts'
import { loadConfig } from '../platform/config.ts'
import { createLogger } from '../platform/logger.ts'
import { bridgeOf } from './egress/bridge-of.ts'
import { fillBootCache } from './boot-cache.ts'
import { findDeno, findDriver, type PlanOptions, type SpawnPlan } from './driver.ts'
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

/** What the cache of compiled code holds, and how many bytes of each. */
function compiledScripts(files: readonly string[]): Map<unknown, number> {
  const file = files.find((name) => name.includes('v8_code_cache')) ?? ''
  using database = new DatabaseSync(file, { readOnly: true })
  const rows = database.prepare('select specifier, length(data) as bytes from codecache').all()
  return new Map(rows.map(({ specifier, bytes }) => [specifier, Number(bytes)]))
}

/** Deno as the sandbox starts it, without the walls around it. */
function denoPlan(folder: string, program: string): SpawnPlan {
  const args = ['run', '--no-prompt', '--no-config', '--no-lock', '--quiet', '--v8-flags=--max-old-space-size=192']
  return { command: findDeno() ?? '', args: [...args, program], env: { DENO_DIR: folder }, cwd: '/', seccompFile: null }
}

/** @returns how many bytes of zod, compiled, a cache holds that was filled so */
async function filledWith(compile: (plan: SpawnPlan, folder: string) => SpawnPlan): Promise<number> {
  const folder = mkdtempSync(path.join(tmpdir(), 'boot-cache-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const name of ['harness.js', 'zod-runtime.js', 'compile-zod.js'])
    copyFileSync(path.join(import.meta.dirname, 'guest', name), path.join(folder, name))
  const made = path.join(folder, 'cache')
  const boot = denoPlan(made, path.join(folder, 'harness.js'))
  const compiler = denoPlan(path.join(folder, 'other'), path.join(folder, 'compile-zod.js'))
  const files = await fillBootCache({ boot, compile: compile(compiler, folder) }, made)
  return compiledScripts(files).get('file:///zod-runtime.js') ?? 0
}

const failing = (plan: SpawnPlan): SpawnPlan => ({ ...plan, command: '/bin/false' })

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
  const compiled = compiledScripts(binds.map(([, file]) => file))
  expect(new Set(compiled.keys())).toEqual(new Set(['file:///harness.js', 'file:///zod-runtime.js']))
  expect(compiled.get('file:///zod-runtime.js')).toBeGreaterThan((await filledWith(failing)) * 1.2)
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
  expect(await fillBootCache({ boot: plan, compile: plan }, path.join(folder, 'cache'))).toEqual([])
})

test('zod is kept as it is compiled once it has been used, and V8 takes it', async () => {
  const byDeno = await filledWith(failing)
  // Another boot could write: what V8 does not take, Deno makes anew, as the next test shows.
  expect(await filledWith((plan) => plan)).toBeGreaterThan(byDeno * 1.2)
})

test('what V8 does not take is made anew by Deno', async () => {
  const byDeno = await filledWith(failing)
  const nonsense = Buffer.alloc(byDeno * 2, 'x').toString('base64')
  const refused = await filledWith((plan, folder) => {
    writeFileSync(path.join(folder, 'nonsense'), nonsense)
    return { ...plan, command: '/bin/cat', args: [path.join(folder, 'nonsense')] }
  })
  expect(refused).toBe(byDeno)
})
