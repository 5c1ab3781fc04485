import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { z } from 'zod'
import type { Driver, Wall } from './driver.ts'
import { executeAgentCode, type ExecuteDeps } from './execute-agent-code.ts'
import { inspectGuest } from './inspect-guest.ts'
import { Pool, type PoolDeps } from './pool.ts'
import type { AgentCode, AgentRuntime, Execution, IsolationGrade, SelfTestCheck } from './sandbox.types.ts'
import { seccompProbes } from './seccomp.ts'

export type SelfTestDeps = { readonly execute: ExecuteDeps; readonly pool: PoolDeps }

/** Tries to break out of sandboxes made exactly like those that runs get, and reports which walls held. The canary is a
 * file of the host with a value nobody can guess; whoever can tell it has read the host. */
export async function runSelfTest(deps: SelfTestDeps): Promise<readonly SelfTestCheck[]> {
  const folder = await mkdtemp(path.join(tmpdir(), `bureau-canary-${process.pid}-`))
  const canary = { file: path.join(folder, 'canary.json'), value: randomUUID() }
  await writeFile(canary.file, JSON.stringify(canary.value), { mode: 0o644 })
  const door = await openDoor()
  try {
    const groups = await Promise.all([
      tryStaticImport(deps, canary),
      tryPermissions(deps, canary, door),
      tryWalls(deps, canary, door),
      lookFromOutside(deps),
      tryNamespaces(deps, door),
      tryMemoryBomb(deps),
      tryEndlessLoop(deps),
    ])
    return groups.flat()
  } finally {
    await Promise.all([door.close(), rm(folder, { recursive: true, force: true })])
  }
}

/** @returns `strong` only if every wall held */
export function gradeOf(checks: readonly SelfTestCheck[]): IsolationGrade {
  const fallen = checks.filter((check) => !check.held)
  if (checks.length === 0 || fallen.some((check) => check.neededFor === 'process')) return 'none'
  return fallen.length === 0 ? 'strong' : 'process'
}

export type Canary = { readonly file: string; readonly value: string }
export type Door = { readonly port: number; readonly knocks: () => number; close(): Promise<void> }

/** A listener on the host that nobody inside may reach. */
export async function openDoor(): Promise<Door> {
  let knocks = 0
  const server: Server = createServer((socket) => {
    knocks++
    socket.destroy()
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    knocks: () => knocks,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

export async function run(
  deps: ExecuteDeps,
  source: string,
  input: unknown,
  limits: { timeoutMs: number; memoryMb: number },
  runtime: AgentRuntime = 'javascript',
): Promise<Execution> {
  const agentCode: AgentCode = { sha256: randomUUID(), source, runtime }
  return await executeAgentCode(
    deps,
    agentCode,
    { json: JSON.stringify(input), files: new Map() },
    {
      runId: 'self-test',
      isolationKey: null,
      limits: { ...limits, maxOutputBytes: 100_000, maxLogBytes: 0 },
      charges: { events: {}, capMicro: 0n },
    },
  )
}

export const SHORT = { timeoutMs: 10_000, memoryMb: 128 }

async function tryStaticImport(deps: SelfTestDeps, canary: Canary): Promise<readonly SelfTestCheck[]> {
  const source = `import value from ${JSON.stringify(`file://${canary.file}`)} with { type: 'json' }; export default () => value`
  const execution = await run(deps.execute, source, null, SHORT)
  const leaked = execution.kind === 'succeeded' && execution.outputJson.includes(canary.value)
  const held = !leaked && execution.kind === 'failed' && execution.code === 'AGENT_NOT_LOADABLE'
  return [
    {
      name: 'host file by static import',
      held,
      evidence: evidenceOf(execution),
      neededFor: 'process',
    },
  ]
}

const attempts = z.record(z.string(), z.object({ done: z.boolean(), said: z.string() }))

/** Each attempt answers what it reached, or throws. */
const ATTEMPTS_HEAD = `
const tried = {}
const attempt = async (name, act) => {
  try { tried[name] = { done: true, said: String(await act()).slice(0, 200) } }
  catch (error) { tried[name] = { done: false, said: (error?.name + ': ' + error?.message).slice(0, 200) } }
}
`

const COMMON_ATTEMPTS = `
  await attempt('host file by dynamic import', async () => (await import('file://' + canary, { with: { type: 'json' } })).default)
  await attempt('host file by Deno.readTextFile', () => Deno.readTextFile(canary))
  await attempt('host file by node:fs', async () => (await import('node:fs')).readFileSync(canary, 'utf8'))
  await attempt('network by Deno.connect', async () => { const c = await Deno.connect({ hostname: '127.0.0.1', port }); c.close(); return 'connected' })
  await attempt('network by node:net', async () => {
    const net = await import('node:net')
    return await new Promise((resolve, reject) => net.connect(port, '127.0.0.1').on('connect', () => resolve('connected')).on('error', reject))
  })
  await attempt('process by Deno.Command', async () => (await new Deno.Command('/proc/self/exe', { args: ['--version'] }).output()).code)
  await attempt('process by node:child_process', async () => (await import('node:child_process')).execFileSync('/deno', ['--version']))
  await attempt('host processes in /proc', async () => (await import('node:fs')).readdirSync('/proc/1').join(' '))
`

const PERMISSION_ATTEMPTS = `${ATTEMPTS_HEAD}
export default async ({ canary, port }) => {
${COMMON_ATTEMPTS}
  await attempt('environment by Deno.env', () => JSON.stringify(Deno.env.toObject()))
  await attempt('write to the file system', () => Deno.writeTextFile('/tmp/escape', 'x').then(() => 'written'))
  await attempt('native code by Deno.dlopen', () => Deno.dlopen('libc.so.6', { getpid: { parameters: [], result: 'i32' } }).symbols.getpid())
  await attempt('system facts', () => Deno.hostname())
  await attempt('storage that others share', () => { localStorage.setItem('a', 'b'); if (Deno.mainModule === 'file:///harness.js') throw new Error('kept in a scratch space of its own'); return 'kept' })
  return tried
}`

async function tryPermissions(deps: SelfTestDeps, canary: Canary, door: Door): Promise<readonly SelfTestCheck[]> {
  const execution = await run(deps.execute, PERMISSION_ATTEMPTS, { canary: canary.file, port: door.port }, SHORT)
  return checksOf(execution, 'permissions', 'process', 13)
}

/** A guest that does nothing, as the kernel sees it. */
export async function lookFromOutside(
  { pool, execute }: SelfTestDeps,
  runtime: AgentRuntime = 'javascript',
): Promise<readonly SelfTestCheck[]> {
  if (pool.driver.kind === 'deno') return []
  const lease = await execute.pool.lease({ runtime, warmKey: null, memoryMb: SHORT.memoryMb, cpuMs: SHORT.timeoutMs })
  try {
    const pid = lease.instance.guestPid
    if (pid !== null) return inspectGuest(pid, runtime)
    return [{ name: 'outside: the guest', held: false, evidence: 'its process is not found', neededFor: 'strong' }]
  } finally {
    lease.release(false)
  }
}

/** What an attempt on the namespaces is told: numbers of system calls, which differ by processor, and where to knock. */
export function namespaceInput({ port }: Pick<Door, 'port'>) {
  const arm = process.arch === 'arm64'
  return {
    clone: arm ? 220 : 56,
    exit: arm ? 94 : 231,
    mount: arm ? 40 : 165,
    chroot: arm ? 51 : 161,
    socket: arm ? 198 : 41,
    connect: arm ? 203 : 42,
    port,
  }
}

/** Without the filter, so that what stands behind it is tried too. */
async function tryNamespaces(deps: SelfTestDeps, door: Door): Promise<readonly SelfTestCheck[]> {
  const { driver } = deps.pool
  if (driver.kind === 'deno') return []
  const pool = poolWithout(deps, ['permissions', 'seccomp'])
  try {
    const execution = await run({ ...deps.execute, pool }, NAMESPACE_ATTEMPTS, namespaceInput(door), SHORT)
    return checksOf(execution, 'namespaces', 'strong', 4)
  } finally {
    await pool.stop()
  }
}

export function poolWithout(deps: SelfTestDeps, without: readonly Wall[]): Pool {
  const { driver, python, options } = deps.pool
  const walled = (each: Driver): Driver => ({
    ...each,
    plan: (order) => each.plan({ ...order, without: new Set([...without, ...(order.without ?? [])]) }),
  })
  return new Pool({
    ...deps.pool,
    driver: walled(driver),
    python: python ? walled(python) : null,
    options: { ...options, blanks: 0, pythonBlanks: 0 },
  })
}

/** With every Deno permission granted: what the operating system's walls stop by themselves. */
async function tryWalls(deps: SelfTestDeps, canary: Canary, door: Door): Promise<readonly SelfTestCheck[]> {
  const { driver } = deps.pool
  if (driver.kind === 'deno') {
    const evidence = 'Deno runs without a sandbox of the operating system around it'
    return [{ name: 'operating system sandbox', held: false, evidence, neededFor: 'strong' }]
  }
  const pool = poolWithout(deps, ['permissions'])
  try {
    const input = { canary: canary.file, port: door.port, calls: seccompProbes(process.arch) }
    const execution = await run({ ...deps.execute, pool }, WALL_ATTEMPTS, input, SHORT)
    const checks = checksOf(execution, 'walls', 'strong', 10 + input.calls.length)
    const knocked = door.knocks() > 0
    const door_ = {
      held: !knocked,
      evidence: knocked ? 'a connection reached the host' : 'no connection arrived',
    }
    return [...checks, { name: 'walls: host port stays silent', ...door_, neededFor: 'strong' }]
  } finally {
    await pool.stop()
  }
}

/** `syscall` is called through the C library with native code allowed, which is the worst a guest could win. */
const NATIVE = `
const library = ['/lib/x86_64-linux-gnu/libc.so.6', '/lib/aarch64-linux-gnu/libc.so.6', '/lib64/libc.so.6', '/usr/lib64/libc.so.6', '/lib/libc.so.6', '/usr/lib/libc.so.6'].find((file) => { try { return Deno.statSync(file).isFile } catch { return false } })
const { symbols } = Deno.dlopen(library, {
  syscall: { parameters: ['i64', 'i64', 'i64', 'i64', 'i64', 'i64', 'i64'], result: 'i64' },
  __errno_location: { parameters: [], result: 'pointer' },
})
const call = (number, ...args) => {
  const result = symbols.syscall(BigInt(number), ...[...args, 0, 0, 0, 0, 0, 0].slice(0, 6).map((each) => BigInt(each)))
  return { result, code: new Deno.UnsafePointerView(symbols.__errno_location()).getInt32() }
}
`

const NAMESPACE_ATTEMPTS = `${ATTEMPTS_HEAD}${NATIVE}
const succeed = (number, ...args) => {
  const { result, code } = call(number, ...args)
  if (result === -1n) throw new Error('errno ' + code)
  return result
}
const at = (bytes) => Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes))
const text = (value) => new TextEncoder().encode(value + '\\0')
export default async ({ clone, exit, mount, chroot, socket, connect, port }) => {
  // SIGCHLD and CLONE_NEWUSER; the child, if there is one, ends at once.
  await attempt('a user namespace inside', () => { const child = succeed(clone, 0x10000000 + 17, 0, 0, 0, 0); if (child === 0n) call(exit, 0); return 'process ' + child })
  const [none, kind, folder] = [text('none'), text('tmpfs'), text('/tmp')]
  await attempt('a mount', () => succeed(mount, at(none), at(folder), at(kind), 0, 0))
  await attempt('another root', () => succeed(chroot, at(folder)))
  await attempt('a connection by hand', () => { const address = new Uint8Array([2, 0, port >> 8, port & 255, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]); return succeed(connect, succeed(socket, 2, 1, 0), at(address), 16) })
  return tried
}`

const WALL_ATTEMPTS = `${ATTEMPTS_HEAD}${NATIVE}
const refused = (said) => { throw new Error(said) }
export default async ({ canary, port, calls }) => {
${COMMON_ATTEMPTS}
  await attempt('write outside /tmp', () => Deno.writeTextFile('/escape', 'x').then(() => 'written'))
  await attempt('more than the size of /tmp', () => { const f = Deno.openSync('/tmp/fill', { create: true, write: true }); const b = new Uint8Array(1048576); for (let i = 0; i < 24; i++) { let left = b; while (left.length) left = left.subarray(f.writeSync(left)) } return 'written' })
  for (const { name, number, args, errno } of calls)
    await attempt('system call ' + name, () => {
      const { result, code } = call(number, ...args)
      return result === -1n && code === errno ? refused('errno ' + code) : 'answered ' + result + ', errno ' + code
    })
  return tried
}`

async function tryMemoryBomb(deps: SelfTestDeps): Promise<readonly SelfTestCheck[]> {
  const source = `export default () => { const all = []; for (;;) all.push(new Uint8Array(8_000_000).fill(1)) }`
  const execution = await run(deps.execute, source, null, { timeoutMs: 15_000, memoryMb: 128 })
  const held = execution.kind === 'failed' && execution.code === 'RUN_OUT_OF_MEMORY'
  return [
    {
      name: 'memory bomb is contained',
      held,
      evidence: evidenceOf(execution),
      neededFor: 'strong',
    },
  ]
}

async function tryEndlessLoop(deps: SelfTestDeps): Promise<readonly SelfTestCheck[]> {
  const execution = await run(deps.execute, 'export default () => { for (;;); }', null, {
    timeoutMs: 300,
    memoryMb: 128,
  })
  const held = execution.kind === 'timed_out'
  return [{ name: 'endless loop is ended', held, evidence: evidenceOf(execution), neededFor: 'process' }]
}

export function checksOf(
  execution: Execution,
  group: string,
  neededFor: SelfTestCheck['neededFor'],
  expected: number,
): readonly SelfTestCheck[] {
  const parsed = execution.kind === 'succeeded' ? attempts.safeParse(JSON.parse(execution.outputJson.toString())) : null
  // A probe that could not report proves nothing: it counts as fallen.
  if (parsed === null || !parsed.success || Object.keys(parsed.data).length !== expected)
    return [{ name: `${group}: probe`, held: false, evidence: evidenceOf(execution), neededFor }]
  return Object.entries(parsed.data).map(([name, { done, said }]) => ({
    name: `${group}: ${name}`,
    held: !done,
    // What an attempt reached may be a whole page: evidence is read in lists of one line each.
    evidence: said.replaceAll(/\s+/g, ' ').trim(),
    neededFor,
  }))
}

export function evidenceOf(execution: Execution): string {
  if (execution.kind === 'failed') return `${execution.code}: ${execution.message.slice(0, 200)}`
  return execution.kind === 'succeeded'
    ? `answered ${execution.outputJson.subarray(0, 200).toString()}`
    : execution.kind
}
