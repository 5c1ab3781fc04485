import type { EgressLimits } from '../../src/sandbox/egress/egress.ts'
import type { FetchLimits } from '../../src/sandbox/egress/fetch-bridge.ts'
import type { ExecutionLimits } from '../../src/sandbox/index.ts'

/** How an attack ends. Every attack declares one, and any other fails the suite, a better one included:
 * - `error`: the run fails with a code of the agent's
 * - `timeout`: the deadline or the bound on processor time ends it
 * - `memory`: the bound on memory ends it
 * - `denied`: the agent is refused what it asked for
 * - `ok-contained`: the run succeeds, and nothing came out that should not */
export type Outcome = 'error' | 'timeout' | 'memory' | 'denied' | 'ok-contained'

/** What an agent is told besides the step it is in. It answers `flag` when it got where it should not, or sends it to
 * one of the doors; the flag is made for each run, so no source text holds it. */
export type AttackInput = {
  readonly flag: string
  /** A file of the host whose content nobody can guess, and the folder it is in, writable for whoever is on the host. */
  readonly canary: string
  readonly folder: string
  /** Listeners on the host: TCP and UDP on 127.0.0.1, a socket file, an abstract name. */
  readonly tcp: number
  readonly udp: number
  readonly socketFile: string
  readonly abstractName: string
  readonly hostPid: number
  readonly hostname: string
  /** Numbers of the system calls that the filter refuses. */
  readonly nr: Readonly<Record<string, number>>
  readonly step: number
  /** Port of a web server that agents may be let reach; what it does is in web-server.ts. */
  readonly web: number
}

/** What a run may reach. `{tcp}` and `{web}` stand for the ports of {@link AttackInput}. */
export type Reach = {
  /** Hosts of the manifest. */
  readonly hosts: readonly string[]
  /** Hosts the operator allows although they are not public. */
  readonly privateHosts?: readonly string[]
  /** Where the secret KEY goes. Its value is made for each trial, and must never come out. */
  readonly secretFor?: readonly string[]
  /** A value shorter than what is blotted out. */
  readonly hasShortSecret?: boolean
  readonly limits?: Partial<EgressLimits & FetchLimits>
}

/** What left a run besides its end and its logs. */
export type Seen = {
  readonly chunks: readonly string[]
  readonly artifacts: readonly { readonly name: string; readonly type: string; readonly bytes: number }[]
  readonly progress: readonly string[]
  readonly charged: Readonly<Record<string, number>>
}

/** The wall taken away, in words for the table, and how that is done:
 * - `open`: Deno alone on the host with every permission granted, the same limits
 * - `many-processes`: the same sandbox, which may have any number of processes and threads
 * - `limits`: the same sandbox with these limits
 * - `same-principal`: all steps under one isolation key
 * - `naive-host`: a host that believes each line it reads; `believes` looks for the forgery in what it read
 * - `reach`: the same sandbox, which may reach this as well, or has these bounds on its network
 * - `dialed`: a host that believes the manifest; the address it would then connect to is the one that is walled off
 * - `naive-build`: a folder on disk and a bundler that resolves as bundlers do */
export type Control =
  | { readonly kind: 'open' }
  | { readonly kind: 'many-processes'; readonly limits: Partial<ExecutionLimits> }
  | { readonly kind: 'limits'; readonly limits: Partial<ExecutionLimits> }
  | { readonly kind: 'same-principal' }
  | { readonly kind: 'naive-host'; readonly believes: string | RegExp }
  | { readonly kind: 'reach'; readonly reach: Partial<Reach> }
  | { readonly kind: 'dialed'; readonly url: string; readonly address: string }
  | { readonly kind: 'naive-build' }

export type RunAttack = {
  readonly kind: 'run'
  readonly name: string
  readonly family: string
  /** The whole module. */
  readonly source: string
  readonly outcome: Outcome
  /** The exact code of the failure, where the class alone would let another fault pass for this one. */
  readonly code?: string | undefined
  /** With all of Deno's permissions granted, inside the operating system's walls; `falls` where only Deno guards. */
  readonly os?: Outcome | 'falls'
  /** With Deno's permissions alone, on the host; `falls` where only the operating system guards. */
  readonly permissions?: Outcome | 'falls'
  /** Where no control group bounds threads and memory. */
  readonly watchdog?: Outcome
  readonly limits?: Partial<ExecutionLimits>
  readonly charges?: Readonly<Record<string, bigint>>
  /** What the run may reach over the network; nothing without. */
  readonly reach?: Reach
  /** Something left the run that must not have: an escape like a string that came out. */
  readonly breaks?: (seen: Seen) => boolean
  /** Principals of the steps, in order; the last step is judged. One step of a stranger's by default. */
  readonly steps?: readonly string[]
  readonly wall: string
  readonly control: Control
  /** Strings that must never come out, besides the flag and the canary's content. */
  readonly forbidden?: readonly string[]
}

/** A tarball, entry by entry, and what its lines in the lockfile say that is not so. */
export type Package = {
  readonly entries: readonly {
    readonly name: string
    readonly text?: string
    readonly type?: 'file' | 'symlink' | 'link'
    readonly linkname?: string
  }[]
  readonly resolved?: string
  readonly integrity?: string
  /** The registry leads on to here. */
  readonly redirect?: string
}

export type UploadAttack = {
  readonly kind: 'upload'
  readonly name: string
  readonly family: 'uploads'
  /** Files by name; `{canary}` and `{folder}` in names and texts are those of {@link AttackInput}. */
  readonly files: Readonly<Record<string, string>>
  /** Packages of the registry by the place where the lockfile puts them; `{tcp}` stands for that port in what they hold. */
  readonly packages?: Readonly<Record<string, Package>>
  readonly outcome: 'error' | 'ok-contained'
  readonly code?: string | undefined
  readonly wall: string
  readonly control: Control
}

export type Attack = RunAttack | UploadAttack

type Details = Partial<Omit<RunAttack, 'kind' | 'name' | 'family' | 'source' | 'outcome' | 'control'>>

/** A family's attacks differ in a few things only; `defaults` says the others. */
export function family(name: string, defaults: Pick<RunAttack, 'outcome' | 'wall' | 'control'> & Details) {
  return {
    /** An agent whose function has this body, with the fields of {@link AttackInput} and `ctx` in scope. */
    body: (attack: string, body: string, details: Partial<RunAttack> = {}): RunAttack => ({
      kind: 'run',
      family: name,
      ...defaults,
      name: attack,
      source: `export default async (input, ctx) => { const { flag, canary, folder, tcp, udp, socketFile, abstractName, hostPid, hostname, nr, step, web } = input; const nonce = flag.slice(4, 14); ${body} }`,
      ...details,
    }),
    /** A whole module. */
    module: (attack: string, source: string, details: Partial<RunAttack> = {}): RunAttack => ({
      kind: 'run',
      family: name,
      ...defaults,
      name: attack,
      source,
      ...details,
    }),
  }
}

/** The harness replaces an agent's `fetch`; a worker of the agent's has the runtime's own. */
export const FETCHING_WORKER = `
const fetchInWorker = async (url) => {
  const text = 'fetch(' + JSON.stringify(url) + ').then((answer) => answer.text()).then((text) => postMessage({ text }), (error) => postMessage({ error: String(error) }))'
  const worker = new Worker('data:text/javascript,' + encodeURIComponent(text), { type: 'module' })
  const said = await new Promise((done) => { worker.onmessage = (event) => done(event.data) })
  if (said.error) throw new Error(said.error)
  return said.text
};`

/** `sys(nr, …)` makes a system call through the C library and throws what the kernel answered. */
export const NATIVE = `
const library = ['/lib/x86_64-linux-gnu/libc.so.6', '/lib/aarch64-linux-gnu/libc.so.6', '/lib64/libc.so.6', '/usr/lib64/libc.so.6', '/lib/libc.so.6', '/usr/lib/libc.so.6']
  .find((file) => { try { return Deno.statSync(file).isFile } catch (error) { if (error.name === 'NotCapable') throw error; return false } })
const { symbols } = Deno.dlopen(library, {
  syscall: { parameters: ['i64', 'i64', 'i64', 'i64', 'i64', 'i64', 'i64'], result: 'i64' },
  __errno_location: { parameters: [], result: 'pointer' },
})
const words = (args) => [...args, 0, 0, 0, 0, 0, 0].slice(0, 6).map((each) => typeof each === 'string' ? BigInt(Deno.UnsafePointer.value(Deno.UnsafePointer.of(new TextEncoder().encode(each + '\\0')))) : ArrayBuffer.isView(each) ? BigInt(Deno.UnsafePointer.value(Deno.UnsafePointer.of(each))) : BigInt(each))
const raw = (number, ...args) => {
  const result = symbols.syscall(BigInt(number), ...words(args))
  return { result: Number(result), errno: result === -1n ? new Deno.UnsafePointerView(symbols.__errno_location()).getInt32() : 0 }
}
const sys = (number, ...args) => {
  const { result, errno } = raw(number, ...args)
  if (errno !== 0) throw new Error('errno ' + errno)
  return result
}
/** Did the call get as far as the kernel's own code? EPERM and ENOSYS are what the filter answers. */
const reached = (number, ...args) => {
  const { errno } = raw(number, ...args)
  if (errno === 1 || errno === 38) throw new Error('errno ' + errno)
  return true
}
`
