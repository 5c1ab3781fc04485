import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import {
  DEVICES,
  devicesAndScratch,
  enterSandbox,
  launch,
  LOADERS,
  NOTHING,
  SEARCH_PATH,
  TMP_BYTES,
  type Driver,
  type PlanOptions,
  type SpawnPlan,
  type Wall,
} from '../driver.ts'
import { makeRuntimeFolder } from '../runtime-folder.ts'
import { seccompProgram } from '../seccomp.ts'
import { utilLinuxCommand, type GuestFile, type UtilLinux } from '../util-linux-driver.ts'
import { PYTHON_FLAGS, type Python } from './find-python.ts'

export const PYTHON_HARNESS = fileURLToPath(new URL('../guest/harness.py', import.meta.url))
/** Where an agent's `zoneinfo` looks. */
const TIME_ZONES = '/usr/share/zoneinfo'
/** What distributions and their users put beside the standard library. */
const INSTALLED = ['site-packages', 'dist-packages']
/** Python tells source from compiled code by what it reads, not by the name. */
const INSIDE = '/harness.py'
const COMPILE = `import py_compile, sys
mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
py_compile.compile(sys.argv[1], cfile=sys.argv[2], dfile='${INSIDE}', doraise=True, invalidation_mode=mode)`
const ENVIRONMENT = { HOME: '/tmp', TMPDIR: '/tmp', LANG: 'C.UTF-8' }

/** CPython in the walls that Deno has. It has no permissions of its own, so the operating system's walls are all there
 * is: without bubblewrap or util-linux there is no Python.
 * @param around what builds the walls: bubblewrap, or the programs of util-linux */
export function pythonDriver(python: Python, around: string | UtilLinux): Driver {
  const folder = makeRuntimeFolder()
  const program = seccompProgram(process.arch, 'python')
  const seccompFile = program === null ? null : path.join(folder, 'seccomp-python.bpf')
  if (program !== null && seccompFile !== null) writeFileSync(seccompFile, program)
  const compiled = path.join(folder, 'harness.pyc')
  const parts: Parts = { python, folder, files: guestFiles(python), hidden: hiddenFolders(python), seccompFile }
  let harness = PYTHON_HARNESS
  const walled = typeof around === 'string' ? byBubblewrap(parts, around) : byUtilLinux(parts, around)
  return {
    kind: walled.kind,
    runtime: 'python',
    hasSeccomp: seccompFile !== null,
    plan(options: PlanOptions): SpawnPlan {
      const without = options.without ?? NOTHING
      const at = without.has('host files') ? PYTHON_HARNESS : INSIDE
      return {
        ...walled.plan(options, harness, [python.binary, ...PYTHON_FLAGS, at]),
        cwd: '/',
        seccompFile: without.has('seccomp') ? null : seccompFile,
      }
    },
    /** Compiles the harness, which every boot would do again otherwise, at a quarter of its time and 3 MB. */
    async prepare() {
      await promisify(execFile)(python.binary, [...PYTHON_FLAGS, '-c', COMPILE, PYTHON_HARNESS, compiled], { env: {} })
      harness = compiled
    },
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  }
}

type Parts = {
  readonly python: Python
  /** For what a driver keeps. */
  readonly folder: string
  readonly files: readonly GuestFile[]
  readonly hidden: readonly string[]
  readonly seccompFile: string | null
}

/** What becomes of a program that is put behind walls. */
type Walled = {
  readonly kind: Driver['kind']
  plan(options: PlanOptions, harness: string, program: readonly string[]): Pick<SpawnPlan, 'command' | 'args' | 'env'>
}

function byBubblewrap({ files, hidden, seccompFile }: Parts, bubblewrap: string): Walled {
  const sandboxArguments = (harness: string, without: ReadonlySet<Wall>): readonly string[] =>
    enterSandbox({
      environment: ENVIRONMENT,
      files: without.has('host files')
        ? ['--dev-bind', '/', '/', '--tmpfs', '/tmp', '--chdir', '/tmp']
        : [
            ...files.flatMap(({ from, at }) => ['--ro-bind', from, at]),
            ...hidden.flatMap((each) => ['--size', '65536', '--tmpfs', each, '--remount-ro', each]),
            '--ro-bind',
            harness,
            INSIDE,
            ...devicesAndScratch(without),
          ],
      hasSeccomp: seccompFile !== null && !without.has('seccomp'),
      without,
    })
  return {
    kind: 'bubblewrap',
    plan(options, harness, program) {
      const args = [bubblewrap, ...sandboxArguments(harness, options.without ?? NOTHING), '--', ...program]
      return { ...launch(options, args), env: { PATH: SEARCH_PATH } }
    },
  }
}

function byUtilLinux({ folder, files, hidden, seccompFile }: Parts, programs: UtilLinux): Walled {
  const root = path.join(folder, 'root')
  mkdirSync(root)
  return {
    kind: 'util-linux',
    plan(options, harness, program) {
      const without = options.without ?? NOTHING
      const command = utilLinuxCommand({
        programs,
        root,
        tables: folder,
        files: [...files, { from: harness, at: INSIDE }],
        hidden,
        writable: null,
        devices: DEVICES,
        scratchBytes: TMP_BYTES,
        without,
        hasSeccomp: seccompFile !== null,
        program,
        selfLink: null,
        // The agent's own files are written there: no two may see each other's.
        hasScratchOnHost: true,
        home: '/tmp',
      })
      return {
        ...launch(options, command),
        env: { ...ENVIRONMENT, ...(without.has('environment') ? { PATH: SEARCH_PATH } : {}) },
      }
    },
  }
}

/** The program, its libraries and its standard library, each at its own path: CPython finds the rest from there. */
function guestFiles({ binary, libraries, stdlib, dynload }: Python): readonly GuestFile[] {
  const loader = LOADERS[process.arch]
  const folders = [
    stdlib,
    ...(dynload === null || dynload.startsWith(`${stdlib}/`) ? [] : [dynload]),
    ...(existsSync(TIME_ZONES) ? [TIME_ZONES] : []),
  ]
  return [
    ...libraries.map(([from, at]) => ({ from, at })),
    ...(loader !== undefined && existsSync(loader) ? [{ from: loader, at: loader }] : []),
    { from: binary, at: binary },
    ...folders.map((each) => ({ from: each, at: each, isFolder: true })),
  ]
}

/** Packages of the host are the host's business, and `-S` would not keep anybody from naming their files. */
const hiddenFolders = ({ stdlib }: Python): readonly string[] =>
  INSTALLED.map((name) => path.join(stdlib, name)).filter((each) => existsSync(each))
