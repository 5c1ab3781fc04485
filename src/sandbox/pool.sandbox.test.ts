import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { isMissing } from '../../test/support/capabilities.ts'
import { eventually } from '../../test/support/eventually.ts'
import type { Sandbox } from './index.ts'
import { isAlive } from './runtime-folder.ts'
import {
  agentCode,
  aSandbox,
  childrenOf,
  killSandboxesOf,
  endOf,
  guestsOf,
  leftBehind,
  nicenessOf,
  outputOf,
  runPython,
  runSource,
} from './testing/a-sandbox.ts'

/** Started once for the tests that need nothing special; the others start their own, which try every wall again. */
let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await aSandbox()
})
afterAll(async () => {
  await sandbox.stop()
  expect(leftBehind(process.pid)).toEqual({ processes: 0, groups: [] })
})

const open: Sandbox[] = []
async function started(...how: Parameters<typeof aSandbox>): Promise<Sandbox> {
  const special = await aSandbox(...how)
  open.push(special)
  return special
}
afterEach(async () => {
  for (const special of open.splice(0)) await special.stop()
})

const COUNTER = 'let n = 0; export default () => ++n'
const WAITS = `export default (input, ctx) => new Promise((resolve) => {
  setTimeout(resolve, 60_000)
  ctx.signal.addEventListener('abort', resolve)
})`

test('a second run of the same key and code is warm; another key or other code gets a process of its own', async () => {
  const first = await runSource(sandbox, COUNTER, null, { isolationKey: 'v1 alice' })
  const second = await runSource(sandbox, COUNTER, null, { isolationKey: 'v1 alice' })
  const other = await runSource(sandbox, COUNTER, null, { isolationKey: 'v1 bob' })
  const otherCode = await runSource(sandbox, `${COUNTER} // 2`, null, { isolationKey: 'v1 alice' })
  const fresh = await runSource(sandbox, COUNTER, null, { isolationKey: null })
  expect([first, second, other, otherCode, fresh].map((each) => [outputOf(each), each.startedCold])).toEqual([
    [1, true],
    [2, false],
    [1, true],
    [1, true],
    [1, true],
  ])
  expect(sandbox.report().warm).toBeGreaterThanOrEqual(3)
})

test('two runs of one key at once never share a process', async () => {
  const source = 'let n = 0; export default async () => { n++; await new Promise((r) => setTimeout(r, 100)); return n }'
  const both = await Promise.all([1, 2].map(() => runSource(sandbox, source, null, { isolationKey: 'k' })))
  expect(both.map(outputOf)).toEqual([1, 1])
})

test.each([
  ['forges a second answer', '{"t":"result","bytes":8}\\n"forged"'],
  ['forges a frame between runs', '{"t":"log_cut"}\\n'],
  ['writes text', 'hello\\n'],
])('an agent that %s after its answer is destroyed, and the next run of that key is clean', async (name, text) => {
  const source = `let n = 0; export default (late) => { n++; if (late) setImmediate(() => Deno.stdout.writeSync(new TextEncoder().encode('${text}'))); return n }`
  const warmBefore = sandbox.report().warm
  expect(outputOf(await runSource(sandbox, source, true, { isolationKey: name }))).toBe(1)
  await eventually(() => expect(sandbox.report().warm).toBe(warmBefore), { withinMs: 5_000 })
  expect(outputOf(await runSource(sandbox, source, false, { isolationKey: name }))).toBe(1)
})

test('work left over from one run cannot speak, log or charge in the next', async () => {
  const source = `let before; export default async (input, ctx) => {
    if (input === 1) { before = ctx; return 1 }
    before.log.info('from before'); try { before.charge('row') } catch (e) { return e.message } }`
  const options = { isolationKey: 'k', charges: { events: { row: 1n }, capMicro: 10n } }
  await runSource(sandbox, source, 1, options)
  const second = await runSource(sandbox, source, 2, options)
  expect(outputOf(second)).toContain('The run is over')
  expect([second.logs, second.events, second.startedCold]).toEqual([[], {}, false])
})

test('what a run leaves unhandled fails neither itself nor the next, and timers rest between runs', async () => {
  const source = `let ticks = 0; setInterval(() => ticks++, 1)
    export default async (input) => {
      if (input === 'wait') await new Promise((resolve) => setTimeout(resolve, 30))
      else if (input === 'reject') void Promise.reject(new Error('nobody handles this'))
      return ticks }`
  const options = { isolationKey: 'resting' }
  await runSource(sandbox, source, 'reject', options)
  const second = await runSource(sandbox, source, null, options)
  const ticks = Number(outputOf(second))
  await delay(200)
  const third = await runSource(sandbox, source, null, options)
  expect([second.startedCold, third.startedCold]).toEqual([false, false])
  // Two hundred would have come due; a turn of the event loop before and after each run lets one or two of them through.
  expect(Number(outputOf(third)) - ticks).toBeLessThan(10)
  expect(Number(outputOf(await runSource(sandbox, source, 'wait', options)))).toBeGreaterThan(ticks)
})

test('while one agent spins and another eats memory, every run of a third is served', async () => {
  const bad = [
    runSource(sandbox, 'export default () => { for (;;); }', null, { limits: { timeoutMs: 2_000 } }),
    runSource(sandbox, 'export default () => { const a = []; for (;;) a.push(new Uint8Array(4e6).fill(1)) }'),
  ]
  const good = []
  for (let n = 0; n < 50; n++) good.push(outputOf(await runSource(sandbox, COUNTER, null, { isolationKey: 'good' })))
  expect(good).toEqual(Array.from({ length: 50 }, (_, n) => n + 1))
  expect((await Promise.all(bad)).map(endOf)).toEqual(['timed_out', 'RUN_OUT_OF_MEMORY'])
})

test('a run that computes for long lets the short ones have the processors first, and those the server', async () => {
  const sandbox = await started({ BUREAU_SANDBOX_BLANKS: '0' })
  const before = guestsOf(process.pid)
  const nicenessOfNew = (): readonly number[] =>
    guestsOf(process.pid).flatMap((pid) => (before.includes(pid) ? [] : nicenessOf(pid)))
  const over = new AbortController()
  const options = { signal: over.signal, limits: { timeoutMs: 60_000 } }
  const both = ['export default () => { for (;;); }', WAITS].map((source) => runSource(sandbox, source, null, options))
  await eventually(() => expect(new Set(nicenessOfNew())).toEqual(new Set([10, 5])), { withinMs: 20_000 })
  over.abort()
  expect((await Promise.all(both)).map(endOf)).toEqual(['canceled', 'canceled'])
})

test('an idle sandbox is kept no longer than the operator allows, however short that is', async () => {
  const sandbox = await started({ BUREAU_SANDBOX_BLANKS: '0', BUREAU_SANDBOX_WARM_MS: '100' })
  expect(outputOf(await runSource(sandbox, COUNTER, null, { isolationKey: 'leaves soon' }))).toBe(1)
  await eventually(() => expect(sandbox.report().warm).toBe(0), { withinMs: 1_900 })
})

test('with room for one instance, runs of five principals all succeed: the idle one makes way', async () => {
  const sandbox = await started({ BUREAU_SANDBOX_MAX_INSTANCES: '1', BUREAU_SANDBOX_BLANKS: '1' })
  const all = await Promise.all(
    [1, 2, 3, 4, 5].map((n) => runSource(sandbox, COUNTER, null, { isolationKey: `p${n}` })),
  )
  expect(all.map(outputOf)).toEqual([1, 1, 1, 1, 1])
})

test('who waits for room is served in turn, and nobody waits for whoever needs more', async () => {
  const sandbox = await started({ BUREAU_SANDBOX_MEMORY_MB: '450', BUREAU_SANDBOX_BLANKS: '0' })
  const [over, gone] = [new AbortController(), new AbortController()]
  const limits = { timeoutMs: 60_000 }
  const served: string[] = []
  const run = async (name: string, more: Parameters<typeof runSource>[3] = {}, source = COUNTER) => {
    const end = endOf(await runSource(sandbox, source, null, { ...more, limits: { ...limits, ...more.limits } }))
    served.push(name)
    return end
  }
  const hold = () => run('held', { signal: over.signal }, WAITS)
  const holds = [hold()]
  await eventually(() => expect(sandbox.report().running).toBe(1), { withinMs: 20_000 })
  const large = run('large', { limits: { memoryMb: 300 } })
  expect(await run('small')).toBe('succeeded')
  expect(served).toEqual(['small'])
  holds.push(hold())
  await eventually(() => expect(sandbox.report().running).toBe(2), { withinMs: 20_000 })
  const leaves = run('left', { signal: gone.signal })
  const small = ['a', 'b', 'c'].map((name) => run(name))
  gone.abort()
  expect(await leaves).toBe('canceled')
  over.abort()
  expect(await Promise.all([...holds, large, ...small])).toEqual([
    'canceled',
    'canceled',
    'succeeded',
    'succeeded',
    'succeeded',
    'succeeded',
  ])
  expect(served.filter((name) => name === 'a' || name === 'c')).toEqual(['a', 'c'])
  expect(sandbox.report().running).toBe(0)
})

test('in idle moments as many blanks are booted as the busiest minute had cold starts, and no more', async () => {
  let idle = 0
  const sandbox = await started({ BUREAU_SANDBOX_BLANKS: '1', BUREAU_SANDBOX_MAX_INSTANCES: '1' }, () => idle)
  for (let n = 0; n < 4; n++) await runSource(sandbox, COUNTER)
  await eventually(() => expect(sandbox.report()).toMatchObject({ blanks: 1, booting: 0 }), { withinMs: 10_000 })
  await delay(600)
  expect(sandbox.report()).toMatchObject({ blanks: 1, blanksWanted: 5 })
  idle = 1
  await eventually(() => expect(sandbox.report()).toMatchObject({ blanks: 5, booting: 0 }), { withinMs: 20_000 })
  await delay(600)
  expect(sandbox.report().blanks).toBe(5)
})

test('a run that needs the memory of blanks gets it', async () => {
  const env = { BUREAU_SANDBOX_BLANKS: '1', BUREAU_SANDBOX_MEMORY_MB: '430', BUREAU_SANDBOX_STOCK: '5' }
  const sandbox = await started(env, () => 1)
  for (let n = 0; n < 5; n++) await runSource(sandbox, COUNTER)
  await eventually(() => expect(sandbox.report()).toMatchObject({ blanks: 6, booting: 0 }), { withinMs: 20_000 })
  const over = new AbortController()
  const first = runSource(sandbox, WAITS, null, { signal: over.signal, limits: { timeoutMs: 60_000 } })
  await eventually(() => expect(sandbox.report().running).toBe(1), { withinMs: 10_000 })
  // Two runs are promised 384 MB, and the blanks that are left 60.
  expect(outputOf(await runSource(sandbox, COUNTER))).toBe(1)
  expect(sandbox.report().running).toBe(1)
  over.abort()
  expect(endOf(await first)).toBe('canceled')
})

test('where memory is short new callers end who idles, and leave blanks; those who come again have theirs', async () => {
  const env = { BUREAU_SANDBOX_BLANKS: '1', BUREAU_SANDBOX_MEMORY_MB: '700', BUREAU_SANDBOX_STOCK: '19' }
  let idle = 1
  const sandbox = await started(env, () => idle)
  for (let n = 0; n < 19; n++) await runSource(sandbox, COUNTER)
  await eventually(() => expect(sandbox.report()).toMatchObject({ blanks: 20, booting: 0 }), { withinMs: 60_000 })
  idle = 0
  const round = async () => {
    const all = []
    for (const isolationKey of ['a', 'b', 'c']) all.push(await runSource(sandbox, COUNTER, null, { isolationKey }))
    return all.map((each) => each.startedCold)
  }
  // Three of them are promised 576 MB, and beside 17 blanks there is room for two.
  expect(await round()).toEqual([true, true, true])
  expect(sandbox.report()).toMatchObject({ blanks: 17, warm: 2 })
  await round()
  expect(await round()).toEqual([false, false, false])
  expect(sandbox.report().warm).toBe(3)
})

test('a burst of new callers takes its blanks one by one; who left a minute ago is a new caller too', async () => {
  const env = { BUREAU_SANDBOX_BLANKS: '1', BUREAU_SANDBOX_MEMORY_MB: '700', BUREAU_SANDBOX_STOCK: '19' }
  const [time, processors] = [{ ms: 0 }, { idle: 1 }]
  const clock = { nowMs: () => time.ms, monotonicMs: () => time.ms }
  const sandbox = await started(env, () => processors.idle, clock)
  const runs = (keys: readonly string[]) =>
    Promise.all(keys.map((isolationKey) => runSource(sandbox, COUNTER, null, { isolationKey })))
  for (let n = 0; n < 19; n++) await runSource(sandbox, COUNTER)
  await eventually(() => expect(sandbox.report()).toMatchObject({ blanks: 20, booting: 0 }), { withinMs: 60_000 })
  processors.idle = 0
  time.ms += 1_000
  // There is memory for two of the four at a time.
  const burst = await runs(['a', 'b', 'c', 'd'])
  expect(burst.map(outputOf)).toEqual([1, 1, 1, 1])
  expect(sandbox.report()).toMatchObject({ blanks: 16, warm: 2 })
  time.ms += 61_000
  await eventually(() => expect(sandbox.report().warm).toBe(0), { withinMs: 20_000 })
  for (const key of ['new', 'another', 'a']) await runs([key])
  expect(sandbox.report()).toMatchObject({ blanks: 13, warm: 2 })
})

test.skipIf(isMissing('python3'))(
  'a run that sends another blank away takes its own: no sandbox ever serves two runs at once',
  async () => {
    const env = {
      BUREAU_SANDBOX_BLANKS: '1',
      BUREAU_PYTHON_BLANKS: '1',
      BUREAU_SANDBOX_MEMORY_MB: '430',
      BUREAU_SANDBOX_STOCK: '4',
    }
    const sandbox = await started(env, () => 1)
    const untilStocked = () =>
      eventually(() => expect(sandbox.report()).toMatchObject({ blanks: sandbox.report().blanksWanted, booting: 0 }), {
        withinMs: 60_000,
      })
    expect(outputOf(await runPython(sandbox, 'def run(input, ctx):\n    return 1'))).toBe(1)
    for (let n = 0; n < 4; n++) await runSource(sandbox, COUNTER)
    await untilStocked()
    // Once these are replaced, Python's blank is the first in the row, and the first to go where memory is short.
    for (let n = 0; n < 5; n++) await runSource(sandbox, COUNTER)
    await untilStocked()
    const over = new AbortController()
    const first = runSource(sandbox, WAITS, null, { signal: over.signal, limits: { timeoutMs: 60_000 } })
    await eventually(() => expect(sandbox.report().running).toBe(1), { withinMs: 10_000 })
    const slow = `export default () => new Promise((resolve) => setTimeout(() => resolve('mine'), 2_000))`
    const second = runSource(sandbox, slow)
    await eventually(() => expect(sandbox.report().running).toBe(2), { withinMs: 10_000 })
    over.abort()
    expect(endOf(await first)).toBe('canceled')
    expect(outputOf(await runSource(sandbox, COUNTER))).toBe(1)
    expect(outputOf(await second)).toBe('mine')
  },
)

test('a warm sandbox that rests holds no more memory than it uses, and has all of it again when it is called', async () => {
  const sandbox = await started({ BUREAU_SANDBOX_BLANKS: '0' })
  const eats =
    'let n = 0; export default (mb) => { const all = new Uint8Array(mb * 1e6).fill(1); return [++n, all.length] }'
  const options = { isolationKey: 'rests' }
  expect(outputOf(await runSource(sandbox, eats, 1, options))).toEqual([1, 1e6])
  expect(sandbox.report().memory.promisedMb).toBe(192)
  await eventually(() => expect(sandbox.report().memory.promisedMb).toBeLessThan(80), { withinMs: 10_000 })
  expect(outputOf(await runSource(sandbox, eats, 100, options))).toEqual([2, 1e8])
})

test('a blank that dies unused costs no run: another one serves', async () => {
  const sandbox = await started({ BUREAU_SANDBOX_BLANKS: '1' })
  killSandboxesOf(process.pid)
  expect(outputOf(await runSource(sandbox, COUNTER))).toBe(1)
})

test('a run that is ended from outside is ours, not the agent’s', async () => {
  const sandbox = await started({ BUREAU_SANDBOX_BLANKS: '0' })
  const execution = await runSource(
    sandbox,
    'export default (i, ctx) => { ctx.log.info("on"); return new Promise((r) => setTimeout(r, 8000)) }',
    null,
    {
      onLog: () => {
        for (const pid of childrenOf(process.pid)) process.kill(pid, 'SIGKILL')
      },
    },
  )
  expect(endOf(execution)).toBe('SANDBOX_FAILED')
})

test('stopping ends what runs, and no process, control group or folder stays', async () => {
  const before = { folders: temporary(), ...leftBehind(process.pid) }
  const special = await aSandbox({ BUREAU_SANDBOX_BLANKS: '1' })
  const running = await new Promise<{ ended: ReturnType<typeof runSource> }>((resolve) => {
    const source = 'export default (i, ctx) => { ctx.log.info("on"); for (;;); }'
    const ended: ReturnType<typeof runSource> = runSource(special, source, null, { onLog: () => resolve({ ended }) })
  })
  await special.stop()
  expect(endOf(await running.ended)).toBe('SANDBOX_FAILED')
  expect(temporary()).toEqual(before.folders)
  expect(leftBehind(process.pid).groups).toEqual(before.groups)
})

test.each(['bubblewrap', 'util-linux'])(
  'when the supervisor is killed with -9 its sandboxes by %s go with it, spinning ones included',
  async (kind) => {
    const script = `
    import { aSandbox, runSource } from ${JSON.stringify(fileURLToPath(new URL('./testing/a-sandbox.ts', import.meta.url)))}
    const sandbox = await aSandbox({ BUREAU_SANDBOX_DRIVER: '${kind}' })
    runSource(sandbox, 'export default (i, ctx) => { ctx.log.info("on"); for (;;); }', null, { limits: { timeoutMs: 60_000 }, onLog: () => console.log('spinning') })`
    const supervisor = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(supervisor.stdout, 'data')
    const inside = childrenOf(supervisor.pid ?? 0)
    expect(inside.length).toBeGreaterThan(0)
    supervisor.kill('SIGKILL')
    await eventually(() => expect(inside.filter(isAlive)).toEqual([]), { withinMs: 5_000 })
    // A later start sweeps the control groups of the dead one.
    await started()
    expect(leftBehind(supervisor.pid ?? 0).groups).toEqual([])
  },
)

test('every wall is tried at boot: with all of them the grade is strong', async () => {
  const report = sandbox.report()
  expect(report.checks.filter((check) => !check.held)).toEqual([])
  expect(report).toMatchObject({ grade: 'strong', driver: 'bubblewrap', mend: null })
})

test('without bubblewrap the same walls are built by util-linux, unasked, and are as strong', async () => {
  const sandbox = await started({ BUREAU_SANDBOX_BWRAP: 'no-such-bwrap', BUREAU_SANDBOX_BLANKS: '1' })
  const { checks, ...report } = sandbox.report()
  expect(checks.filter((check) => !check.held)).toEqual([])
  expect(report).toMatchObject({ grade: 'strong', driver: 'util-linux', mend: null })
  expect(outputOf(await runSource(sandbox, COUNTER, null, { isolationKey: 'a' }))).toBe(1)
  expect(outputOf(await runSource(sandbox, COUNTER, null, { isolationKey: 'a' }))).toBe(2)
  const bomb = 'export default () => { const a = []; for (;;) a.push(new Uint8Array(4e6).fill(1)) }'
  expect(endOf(await runSource(sandbox, bomb))).toBe('RUN_OUT_OF_MEMORY')
  expect(endOf(await runSource(sandbox, 'export default () => Deno.exit(137)'))).toBe('AGENT_EXITED')
  const spin = 'export default () => { for (;;); }'
  expect(endOf(await runSource(sandbox, spin, null, { limits: { timeoutMs: 300 } }))).toBe('timed_out')
  const long = 'export default (i, ctx) => { ctx.log.info("on"); return new Promise((r) => setTimeout(r, 8000)) }'
  const onLog = (): void => {
    for (const pid of childrenOf(process.pid)) process.kill(pid, 'SIGKILL')
  }
  expect(endOf(await runSource(sandbox, long, null, { onLog }))).toBe('SANDBOX_FAILED')
})

test('Deno alone is graded process', async () => {
  const sandbox = await started({ BUREAU_SANDBOX_DRIVER: 'deno' })
  expect(sandbox.report()).toMatchObject({ grade: 'process', driver: 'deno' })
  expect(outputOf(await runSource(sandbox, COUNTER))).toBe(1)
})

test('when memory is short the sandbox that idled longest goes first', async () => {
  // Room for two of 128 MB with the runtime's share on top of each, and for no blank.
  const sandbox = await started({ BUREAU_SANDBOX_MEMORY_MB: '450', BUREAU_SANDBOX_BLANKS: '0' })
  const count = async (isolationKey: string) => outputOf(await runSource(sandbox, COUNTER, null, { isolationKey }))
  const { promisedMb } = sandbox.report().memory
  expect([await count('first'), await count('second'), await count('first')]).toEqual([1, 1, 2])
  const full = sandbox.report().memory
  expect(full.promisedMb).toBeLessThanOrEqual(full.budgetMb)
  expect(full.promisedMb).toBeGreaterThan(promisedMb)
  // A third needs room: `second` idled longest.
  expect([await count('third'), await count('first'), await count('second')]).toEqual([1, 3, 1])
})

test('without control groups the watchdog contains a memory bomb and names it', async () => {
  const sandbox = await started({ BUREAU_SANDBOX_CGROUP: 'off' })
  expect(sandbox.report().limiter).toBe('watchdog')
  const bomb = 'export default () => { const a = []; for (;;) a.push(new Uint8Array(4e6).fill(1)) }'
  expect(endOf(await runSource(sandbox, bomb))).toBe('RUN_OUT_OF_MEMORY')
})

test('a manifest is read inside a sandbox, bounded, and a module that misbehaves is told apart', async () => {
  const describe = (source: string) => sandbox.describeAgentCode(agentCode(source))
  const agent = (manifest: string) => `export default { execute() {}, describe: () => (${manifest}) }`
  expect(await describe(agent('{ name: "a", price: { run: "2" } }'))).toEqual({
    ok: true,
    manifest: { name: 'a', price: { run: '2' } },
  })
  expect(await describe(agent('"x".repeat(70000)'))).toMatchObject({ ok: false, code: 'AGENT_NOT_LOADABLE' })
  expect(await describe('export default (')).toMatchObject({ ok: false, code: 'AGENT_NOT_LOADABLE' })
  expect(await describe('Deno.exit(0)')).toMatchObject({ ok: false, code: 'AGENT_EXITED' })
  expect(await describe('export default () => 1')).toEqual({ ok: true, manifest: { contract: 1, bare: true } })
})

const temporary = (): readonly string[] =>
  readdirSync(tmpdir()).filter((name) => new RegExp(`^bureau-(sandbox|canary)-${process.pid}-`).test(name))
