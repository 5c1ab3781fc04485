import { execFile } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import {
  devicesAndScratch,
  enterSandbox,
  launch,
  LOADERS,
  NOTHING,
  SEARCH_PATH,
  type Driver,
  type PlanOptions,
  type SpawnPlan,
  type Wall,
} from '../driver.ts'
import { makeRuntimeFolder } from '../runtime-folder.ts'
import { seccompProgram } from '../seccomp.ts'
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
 * is: without bubblewrap there is no Python. */
export function pythonDriver(python: Python, bubblewrap: string): Driver {
  const folder = makeRuntimeFolder()
  const program = seccompProgram(process.arch, 'python')
  const seccompFile = program === null ? null : path.join(folder, 'seccomp-python.bpf')
  if (program !== null && seccompFile !== null) writeFileSync(seccompFile, program)
  const compiled = path.join(folder, 'harness.pyc')
  let harness = PYTHON_HARNESS
  let all = sandboxArguments(python, harness, seccompFile !== null, NOTHING)
  return {
    kind: 'bubblewrap',
    runtime: 'python',
    hasSeccomp: seccompFile !== null,
    plan(options: PlanOptions): SpawnPlan {
      const without = options.without ?? NOTHING
      const seccomp = without.has('seccomp') ? null : seccompFile
      return {
        ...launch(options, [
          bubblewrap,
          ...(without.size === 0 ? all : sandboxArguments(python, harness, seccomp !== null, without)),
          '--',
          python.binary,
          ...PYTHON_FLAGS,
          without.has('host files') ? PYTHON_HARNESS : INSIDE,
        ]),
        env: { PATH: SEARCH_PATH },
        cwd: '/',
        seccompFile: seccomp,
      }
    },
    /** Compiles the harness, which every boot would do again otherwise, at a quarter of its time and 3 MB. */
    async prepare() {
      await promisify(execFile)(python.binary, [...PYTHON_FLAGS, '-c', COMPILE, PYTHON_HARNESS, compiled], { env: {} })
      harness = compiled
      all = sandboxArguments(python, harness, seccompFile !== null, NOTHING)
    },
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  }
}

function sandboxArguments(
  python: Python,
  harness: string,
  hasSeccomp: boolean,
  without: ReadonlySet<Wall>,
): readonly string[] {
  const files = without.has('host files')
    ? ['--dev-bind', '/', '/', '--tmpfs', '/tmp', '--chdir', '/tmp']
    : [...standardLibrary(python, harness), ...devicesAndScratch(without)]
  return enterSandbox({ environment: ENVIRONMENT, files, hasSeccomp, without })
}

/** The program, its libraries and its standard library, each at its own path: CPython finds the rest from there. */
function standardLibrary(python: Python, harness: string): readonly string[] {
  const readOnly = (file: string, at = file): string[] => ['--ro-bind', file, at]
  const loader = LOADERS[process.arch]
  const { stdlib, dynload } = python
  return [
    ...python.libraries.flatMap(([file, at]) => readOnly(file, at)),
    ...(loader !== undefined && existsSync(loader) ? readOnly(loader) : []),
    ...readOnly(python.binary),
    ...readOnly(stdlib),
    ...(dynload === null || dynload.startsWith(`${stdlib}/`) ? [] : readOnly(dynload)),
    // Packages of the host are the host's business, and `-S` would not keep anybody from naming their files.
    ...INSTALLED.map((name) => path.join(stdlib, name))
      .filter((each) => existsSync(each))
      .flatMap((each) => ['--size', '65536', '--tmpfs', each, '--remount-ro', each]),
    ...(existsSync(TIME_ZONES) ? readOnly(TIME_ZONES) : []),
    ...readOnly(harness, INSIDE),
  ]
}
