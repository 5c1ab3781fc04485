import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { fillBootCache } from './boot-cache.ts'
import type { InstanceGroup } from './cgroups.ts'
import { APPARMOR_PROFILE } from './inspect-host.ts'
import { makeRuntimeFolder } from './runtime-folder.ts'
import type { AgentRuntime } from './sandbox.types.ts'
import { seccompProgram } from './seccomp.ts'
import {
  findUtilLinux,
  utilLinuxCommand,
  whyNoNamespaces,
  type GuestFile,
  type UtilLinux,
} from './util-linux-driver.ts'
import { ZOD_RUNTIME_FILE } from './zod-runtime.ts'

/** How to start one instance: program, arguments and environment, and the seccomp program to hand over as fd 3. */
export type SpawnPlan = {
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  readonly seccompFile: string | null
}

export type PlanOptions = {
  /** Largest V8 heap. */
  readonly heapMb: number
  readonly group: InstanceGroup | null
  /** RLIMIT_DATA where no control group bounds memory. */
  readonly dataLimitBytes: number | null
  /** Walls to leave out, so that what stands behind them is tried alone: by the self-test and the hostile suite only. */
  readonly without?: ReadonlySet<Wall>
}

/** What stands between an agent and the host, each of which can be taken away by itself. */
export const walls = [
  'permissions',
  'host files',
  'procfs',
  'environment',
  'storage',
  'remote code',
  'network',
  'processes',
  'ipc',
  'host name',
  'capabilities',
  'user namespaces',
  'session',
  'seccomp',
  'read-only root',
  'devices',
  'scratch size',
  'limits',
] as const
export type Wall = (typeof walls)[number]

export type Driver = {
  /** What it boots; without it JavaScript. */
  readonly runtime?: AgentRuntime
  readonly kind: 'bubblewrap' | 'util-linux' | 'deno'
  readonly hasSeccomp: boolean
  plan(options: PlanOptions): SpawnPlan
  /** Makes what instances boot faster with. Called once, before the first of them. */
  prepare(heapMb: number): Promise<void>
  /** Removes the driver's own files. */
  dispose(): void
}

export type DriverSearch = {
  readonly driver: Driver | null
  /** What keeps a stronger driver from working, and the one command that mends it. */
  readonly lacking: { readonly why: string; readonly mend: string | null } | null
}

const HARNESS = fileURLToPath(new URL('./guest/harness.js', import.meta.url))
const OPEN_FILES = 64
/** Blocks of 512 bytes: the largest file a guest can write to its 16 MB of /tmp. */
const FILE_BLOCKS = 32_768
/** Processor seconds of an instance's whole life: a backstop; the watchdog counts per run. */
const LIFETIME_CPU_SECONDS = 3_600
export const TMP_BYTES = 16_777_216
const SECCOMP_FD = 3

/** Joins the control groups, lowers the limits, becomes the program. One shell instead of `prlimit` because a process
 * must be in its group before it forks: moved in afterwards, bubblewrap's child would stay outside. The text is
 * constant; everything variable is a positional argument. */
const LAUNCH = `n=$1; shift
while [ "$n" -gt 0 ]; do echo $$ > "$1" || exit 97; shift; n=$((n-1)); done
ulimit -c 0; ulimit -n "$1"; ulimit -f "$2"; ulimit -t "$3"
[ "$4" = - ] || ulimit -d "$4"
shift 4; exec "$@"`

const DENO_FLAGS = [
  'run',
  // Nothing is granted; denials are spelled out so that no default of a later Deno can grant.
  '--no-prompt',
  '--deny-read',
  '--deny-write',
  '--deny-net',
  '--deny-env',
  '--deny-run',
  '--deny-ffi',
  '--deny-sys',
  '--deny-import',
  // Nothing is fetched, resolved or found beside the harness.
  '--no-remote',
  '--no-npm',
  '--no-config',
  '--no-lock',
  '--quiet',
]
/** Where nothing is prepared, or where instances could write to one cache. */
const WITHOUT_CACHE = '--no-code-cache'

/** What Deno loads at start. They are bound one by one, at the paths its loader looks in. */
const LIBRARIES = ['libdl.so.2', 'libgcc_s.so.1', 'librt.so.1', 'libpthread.so.0', 'libm.so.6', 'libc.so.6']
const LIBRARY_FOLDERS = ['/lib/x86_64-linux-gnu', '/lib/aarch64-linux-gnu', '/lib64', '/usr/lib64', '/lib', '/usr/lib']
export const LOADERS: Readonly<Record<string, string>> = {
  x64: '/lib64/ld-linux-x86-64.so.2',
  arm64: '/lib/ld-linux-aarch64.so.1',
}
export const DEVICES = ['/dev/null', '/dev/zero', '/dev/random', '/dev/urandom']

/** Deno's own binary for this platform, from its npm package; null where there is none. */
export function findDeno(): string | null {
  const suffix = process.platform === 'linux' ? '-glibc' : ''
  const require = createRequire(import.meta.url)
  try {
    const folder = path.dirname(require.resolve(`@deno/${process.platform}-${process.arch}${suffix}/package.json`))
    const binary = path.join(folder, process.platform === 'win32' ? 'deno.exe' : 'deno')
    return existsSync(binary) ? binary : null
  } catch {
    // The optional package of another platform.
    return null
  }
}

/** Picks the strongest driver that works here.
 * @param wanted `auto`, or one driver by name: then nothing else is tried */
export function findDriver(wanted: 'auto' | Driver['kind'], bubblewrap: string): DriverSearch {
  const deno = findDeno()
  if (deno === null) {
    const why = `there is no Deno for ${process.platform}-${process.arch}`
    return { driver: null, lacking: { why, mend: 'npm ci --include=optional' } }
  }
  if (wanted === 'deno') return { driver: denoDriver(deno), lacking: CHOSEN_DENO }
  if (wanted === 'util-linux') return findUtilLinuxDriver(deno, null)
  const lacking = whyNoBubblewrap(bubblewrap)
  if (lacking === null) return { driver: bubblewrapDriver(deno, bubblewrap), lacking: null }
  if (wanted === 'bubblewrap') return { driver: null, lacking }
  const { driver } = findUtilLinuxDriver(deno, lacking)
  return { driver: driver ?? denoDriver(deno), lacking }
}

const CHOSEN_DENO = {
  why: 'BUREAU_SANDBOX_DRIVER is deno, which has no walls of the operating system around it',
  mend: process.platform === 'linux' ? 'unset BUREAU_SANDBOX_DRIVER, then start again' : null,
}

/** The same walls without bubblewrap.
 * @param better what keeps bubblewrap away, where it was looked for */
function findUtilLinuxDriver(deno: string, better: DriverSearch['lacking']): DriverSearch {
  if (process.platform !== 'linux')
    return { driver: null, lacking: { why: `namespaces need Linux, this is ${process.platform}`, mend: null } }
  const programs = findUtilLinux()
  if ('missing' in programs)
    return { driver: null, lacking: { why: `missing: ${programs.missing}`, mend: installCommand() } }
  const why = whyNoNamespaces(programs)
  if (why !== null)
    return { driver: null, lacking: { why: `unshare does not work here: ${why}`, mend: userNamespaceCommand() } }
  return { driver: utilLinuxDriver(deno, programs), lacking: better }
}

function whyNoBubblewrap(bubblewrap: string): { why: string; mend: string | null } | null {
  if (process.platform !== 'linux') return { why: `bubblewrap needs Linux, this is ${process.platform}`, mend: null }
  const probe = [...NAMESPACES.map(([flag]) => flag), '--cap-drop', 'ALL', '--ro-bind', '/', '/', '--', '/bin/true']
  try {
    execFileSync(bubblewrap, probe, {
      env: { PATH: SEARCH_PATH },
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: 5_000,
    })
    return null
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      return { why: 'bubblewrap is not installed', mend: installCommand() }
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim().slice(0, 300) : 'it failed'
    return { why: `bubblewrap does not work here: ${said}`, mend: userNamespaceCommand() }
  }
}

export const SEARCH_PATH = '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin'

function installCommand(): string {
  const managers: readonly (readonly [string, string])[] = [
    ['/usr/bin/apt-get', 'apt-get install -y bubblewrap'],
    ['/usr/bin/dnf', 'dnf install -y bubblewrap'],
    ['/usr/bin/pacman', 'pacman -S --noconfirm bubblewrap'],
    ['/usr/bin/zypper', 'zypper install -y bubblewrap'],
  ]
  const command = managers.find(([program]) => existsSync(program))?.[1] ?? 'apt-get install -y bubblewrap'
  return process.getuid?.() === 0 ? command : `sudo ${command}`
}

function userNamespaceCommand(): string {
  const switches: readonly (readonly [string, string])[] = [
    [
      '/proc/sys/kernel/apparmor_restrict_unprivileged_userns',
      // Better than lifting the restriction for every program.
      `install -m 644 ${APPARMOR_PROFILE} /etc/apparmor.d/ && apparmor_parser -r /etc/apparmor.d/bureau-bwrap`,
    ],
    ['/proc/sys/kernel/unprivileged_userns_clone', 'sysctl -w kernel.unprivileged_userns_clone=1'],
  ]
  const command = switches.find(([file]) => existsSync(file))?.[1] ?? 'sysctl -w user.max_user_namespaces=15000'
  return process.getuid?.() === 0 ? command : `sudo sh -c '${command}'`
}

/** The shell that joins the groups and lowers the limits, then becomes `program`. */
export function launch(options: PlanOptions, program: readonly string[]): { command: string; args: string[] } {
  const joins = options.group?.joinFiles ?? []
  const dataKb = options.dataLimitBytes === null ? '-' : String(Math.ceil(options.dataLimitBytes / 1024))
  const limits = options.without?.has('limits')
    ? ['4096', 'unlimited', 'unlimited', dataKb]
    : [String(OPEN_FILES), String(FILE_BLOCKS), String(LIFETIME_CPU_SECONDS), dataKb]
  return {
    command: '/bin/sh',
    args: ['-c', LAUNCH, 'sandbox', String(joins.length), ...joins, ...limits, ...program],
  }
}

function denoFlags({ without }: PlanOptions): readonly string[] {
  if (without === undefined || without.size === 0) return DENO_FLAGS
  const left = DENO_FLAGS.filter(
    (flag) =>
      !(without.has('permissions') && flag.startsWith('--deny-')) &&
      !(without.has('remote code') && (flag === '--no-remote' || flag === '--no-npm')),
  )
  return without.has('permissions') ? [...left, '--allow-all'] : left
}

/** --single-threaded-gc and the like were measured to change nothing; only the heap's bound is set. */
const heapFlag = (heapMb: number): string => `--v8-flags=--max-old-space-size=${heapMb}`

/** Inside the sandbox. */
const DENO_FOLDER = '/tmp/deno'
/** What is executed once for the boot cache instead of the harness, see boot-cache.ts, and what it reads. */
const COMPILER: readonly GuestFile[] = [
  { from: fileURLToPath(new URL('./guest/compile-zod.js', import.meta.url)), at: '/tmp/compile-zod.js' },
  { from: ZOD_RUNTIME_FILE, at: '/tmp/zod-runtime.js' },
]
/** localStorage and the Cache API keep what they are given in files below DENO_DIR that no permission guards. In a folder
 * of the host everybody's agents would share them; below a device nothing can be kept. */
const NO_STORAGE = '/dev/null/none'
const DENO_ENV = { DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1', HOME: '/tmp', TMPDIR: '/tmp' }

function denoDriver(deno: string): Driver {
  const folder = makeRuntimeFolder()
  return {
    kind: 'deno',
    hasSeccomp: false,
    plan: (options) => ({
      ...launch(options, [deno, ...denoFlags(options), WITHOUT_CACHE, heapFlag(options.heapMb), HARNESS]),
      env: {
        ...DENO_ENV,
        DENO_DIR: options.without?.has('storage') ? path.join(folder, 'deno') : NO_STORAGE,
        PATH: SEARCH_PATH,
      },
      cwd: folder,
      seccompFile: null,
    }),
    prepare: async () => {},
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** Each namespace by name: --unshare-all would quietly go on where one of them cannot be had. */
const NAMESPACES: readonly (readonly [flag: string, wall: Wall | null])[] = [
  ['--unshare-user', null],
  ['--unshare-ipc', 'ipc'],
  ['--unshare-pid', 'processes'],
  ['--unshare-net', 'network'],
  ['--unshare-uts', 'host name'],
  ['--unshare-cgroup-try', null],
  ['--new-session', 'session'],
  ['--die-with-parent', null],
]
export const NOTHING: ReadonlySet<Wall> = new Set()

function bubblewrapDriver(deno: string, bubblewrap: string): Driver {
  const folder = makeRuntimeFolder()
  const program = seccompProgram(process.arch)
  const seccompFile = program === null ? null : path.join(folder, 'seccomp.bpf')
  if (program !== null && seccompFile !== null) writeFileSync(seccompFile, program)
  const all = bubblewrapArguments(deno, seccompFile !== null, NOTHING)
  let cache: readonly string[] = []
  const plan = (
    options: PlanOptions,
    binds: readonly string[],
    flags: readonly string[],
    script = '/harness.js',
  ): SpawnPlan => {
    const without = options.without ?? NOTHING
    const onHost = without.has('host files')
    return {
      ...launch(options, [
        bubblewrap,
        ...(without.size === 0 ? all : bubblewrapArguments(deno, seccompFile !== null, without)),
        ...(onHost ? [] : binds),
        '--',
        onHost ? deno : '/deno',
        ...denoFlags(options),
        ...flags,
        heapFlag(options.heapMb),
        onHost ? HARNESS : script,
      ]),
      env: { PATH: SEARCH_PATH },
      cwd: '/',
      seccompFile: without.has('seccomp') ? null : seccompFile,
    }
  }
  return {
    kind: 'bubblewrap',
    hasSeccomp: seccompFile !== null,
    plan: (options) =>
      plan(
        options,
        cache.flatMap((file) => ['--ro-bind', file, path.posix.join(DENO_FOLDER, path.basename(file))]),
        cache.length === 0 ? [WITHOUT_CACHE] : [],
      ),
    async prepare(heapMb) {
      const made = path.join(folder, 'cache')
      const options = { heapMb, group: null, dataLimitBytes: null }
      const plans = {
        boot: plan(options, ['--bind', made, DENO_FOLDER], []),
        compile: plan(
          options,
          COMPILER.flatMap(({ from, at }) => ['--ro-bind', from, at]),
          [WITHOUT_CACHE],
          '/tmp/compile-zod.js',
        ),
      }
      cache = await fillBootCache(plans, made)
    },
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** As bubblewrap does it, by `unshare`, `mount` and system calls of a small perl script. */
function utilLinuxDriver(deno: string, programs: UtilLinux): Driver {
  const folder = makeRuntimeFolder()
  const root = path.join(folder, 'root')
  mkdirSync(root)
  const program = seccompProgram(process.arch)
  const seccompFile = program === null ? null : path.join(folder, 'seccomp.bpf')
  if (program !== null && seccompFile !== null) writeFileSync(seccompFile, program)
  let cache: readonly GuestFile[] = []
  const plan = (
    options: PlanOptions,
    writable: GuestFile | null,
    more: readonly GuestFile[] = [],
    script = '/harness.js',
  ): SpawnPlan => {
    const without = options.without ?? NOTHING
    const onHost = without.has('host files')
    const command = utilLinuxCommand({
      programs,
      root,
      tables: folder,
      files: [...guestFiles(deno), ...cache, ...more],
      hidden: [],
      writable,
      devices: DEVICES,
      scratchBytes: TMP_BYTES,
      without,
      hasSeccomp: seccompFile !== null,
      program: [
        onHost ? deno : '/deno',
        ...denoFlags(options),
        ...(cache.length === 0 && writable === null ? [WITHOUT_CACHE] : []),
        heapFlag(options.heapMb),
        onHost ? HARNESS : script,
      ],
      // Deno asks where it is itself and panics without an answer.
      selfLink: '/deno',
      hasScratchOnHost: false,
      home: '/tmp',
    })
    return {
      ...launch(options, command),
      env: {
        ...DENO_ENV,
        DENO_DIR: DENO_FOLDER,
        ...(without.has('environment') ? { PATH: SEARCH_PATH } : {}),
      },
      cwd: '/',
      seccompFile: without.has('seccomp') ? null : seccompFile,
    }
  }
  return {
    kind: 'util-linux',
    hasSeccomp: seccompFile !== null,
    plan: (options) => plan(options, null),
    async prepare(heapMb) {
      const made = path.join(folder, 'cache')
      const options = { heapMb, group: null, dataLimitBytes: null }
      const plans = {
        boot: plan(options, { from: made, at: DENO_FOLDER }),
        compile: plan(options, null, COMPILER, '/tmp/compile-zod.js'),
      }
      const files = await fillBootCache(plans, made)
      cache = files.map((from) => ({ from, at: path.posix.join(DENO_FOLDER, path.basename(from)) }))
    },
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** Everything of the host that a guest sees. */
function guestFiles(deno: string): readonly GuestFile[] {
  const loader = LOADERS[process.arch]
  return [
    ...LIBRARIES.flatMap((name) => {
      const found = LIBRARY_FOLDERS.map((each) => path.join(each, name)).find((file) => existsSync(file))
      return found === undefined ? [] : [{ from: found, at: found }]
    }),
    ...(loader !== undefined && existsSync(loader) ? [{ from: loader, at: loader }] : []),
    { from: deno, at: '/deno' },
    { from: HARNESS, at: '/harness.js' },
    { from: ZOD_RUNTIME_FILE, at: '/zod-runtime.js' },
  ]
}

function bubblewrapArguments(deno: string, hasSeccomp: boolean, without: ReadonlySet<Wall>): readonly string[] {
  const files = without.has('host files') ? ['--bind', '/', '/', '--chdir', '/tmp'] : fileSystem(deno, without)
  return enterSandbox({ environment: { ...DENO_ENV, DENO_DIR: DENO_FOLDER }, files, hasSeccomp, without })
}

export type SandboxParts = {
  /** All that is set inside. */
  readonly environment: Readonly<Record<string, string>>
  /** The mounts, as arguments of bubblewrap. */
  readonly files: readonly string[]
  readonly hasSeccomp: boolean
  readonly without: ReadonlySet<Wall>
}

/** Bubblewrap's arguments for a sandbox of any runtime. */
export function enterSandbox({ environment, files, hasSeccomp, without }: SandboxParts): readonly string[] {
  const unless = (wall: Wall, ...args: string[]): string[] => (without.has(wall) ? [] : args)
  return [
    ...NAMESPACES.flatMap(([flag, wall]) => (wall === null ? [flag] : unless(wall, flag))),
    '--cap-drop',
    'ALL',
    ...(without.has('capabilities') ? ['--cap-add', 'ALL'] : []),
    // No user namespace inside: most local kernel holes start with one.
    ...unless('user namespaces', '--disable-userns'),
    // The runtime itself is process 1: one process fewer per instance, and its end is the namespace's end.
    ...unless('processes', '--as-pid-1'),
    '--uid',
    '65534',
    '--gid',
    '65534',
    ...unless('host name', '--hostname', 'sandbox'),
    ...unless('environment', '--clearenv'),
    ...Object.entries(environment).flatMap(([name, value]) => ['--setenv', name, value]),
    ...files,
    ...(hasSeccomp ? unless('seccomp', '--seccomp', String(SECCOMP_FD)) : []),
  ]
}

function fileSystem(deno: string, without: ReadonlySet<Wall>): readonly string[] {
  return [
    ...guestFiles(deno).flatMap(({ from, at }) => ['--ro-bind', from, at]),
    // Deno asks where it is itself and panics without an answer; a link is all it needs of procfs.
    ...(without.has('procfs') ? [] : ['--dir', '/proc/self', '--symlink', '/deno', '/proc/self/exe']),
    ...devicesAndScratch(without),
  ]
}

/** What every runtime has besides its own files: /tmp, four device nodes, and a root that nobody writes to. */
export function devicesAndScratch(without: ReadonlySet<Wall>): readonly string[] {
  const unless = (wall: Wall, ...args: string[]): string[] => (without.has(wall) ? [] : args)
  return [
    ...(without.has('procfs') ? ['--proc', '/proc'] : []),
    ...unless('scratch size', '--size', String(TMP_BYTES)),
    '--tmpfs',
    '/tmp',
    ...unless('devices', '--size', '65536'),
    '--tmpfs',
    '/dev',
    ...DEVICES.flatMap((device) => ['--dev-bind', device, device]),
    ...unless('devices', '--remount-ro', '/dev'),
    ...unless('read-only root', '--remount-ro', '/'),
    '--chdir',
    '/tmp',
  ]
}
