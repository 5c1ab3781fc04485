import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { ENVIRONMENT } from '../inspect-guest.ts'
import type { SelfTestCheck } from '../sandbox.types.ts'
import { seccompProbes } from '../seccomp.ts'
import {
  checksOf,
  evidenceOf,
  lookFromOutside,
  namespaceInput,
  openDoor,
  poolWithout,
  run,
  type Canary,
  type Door,
  type SelfTestDeps,
} from '../self-test.ts'

/** A Python agent of one file, as it is stored. */
export function pythonSource(text: string): string {
  return JSON.stringify({ files: [['agent.py', Buffer.from(text).toString('base64')]] })
}

/** Tries to break out of Python's sandboxes, as {@link runSelfTest} does out of Deno's. Native code by ctypes is allowed
 * there, so this is the worst that a hole of CPython could give. */
export async function testPython(deps: SelfTestDeps): Promise<readonly SelfTestCheck[]> {
  const folder = await mkdtemp(path.join(tmpdir(), `bureau-canary-${process.pid}-`))
  const canary = { file: path.join(folder, 'canary.json'), value: randomUUID() }
  await writeFile(canary.file, JSON.stringify(canary.value), { mode: 0o644 })
  const door = await openDoor()
  try {
    const groups = await Promise.all([
      tryWalls(deps, canary, door),
      lookFromOutside(deps, 'python'),
      tryNamespaces(deps, door),
      tryMemoryBomb(deps),
      tryEndlessLoop(deps),
    ])
    return groups.flat().map((check) => ({ ...check, name: `Python: ${check.name}`, neededFor: 'strong' }))
  } finally {
    await Promise.all([door.close(), rm(folder, { recursive: true, force: true })])
  }
}

/** Deadlines are for what hangs: on a busy machine a probe that is merely late must not count as a wall that fell. */
const LIMITS = { timeoutMs: 30_000, memoryMb: 64 }

const ATTEMPTS = `
import ctypes, os, socket, subprocess, sys
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
def call(number, *args):
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(number), *[each if isinstance(each, bytes) else ctypes.c_long(each) for each in args])
    return result, ctypes.get_errno()
def succeed(number, *args):
    result, errno = call(number, *args)
    if result == -1:
        raise OSError(errno, os.strerror(errno))
    return result
tried = {}
def attempt(name, act):
    try:
        tried[name] = {'done': True, 'said': str(act())[:200]}
    except BaseException as error:
        tried[name] = {'done': False, 'said': f'{type(error).__name__}: {error}'[:200]}
`

const WALLS = `${ATTEMPTS}
def refuse(said):
    raise PermissionError(said)
def fill():
    with open('/tmp/fill', 'wb') as out:
        for _ in range(24):
            out.write(bytes(1048576))
    return 'written'
def packages(folders):
    stdlib = os.path.dirname(os.__file__)
    own = [stdlib, sys.executable, *sys.path]
    beside = [os.path.join(stdlib, each) for each in ('site-packages', 'dist-packages')]
    for folder in filter(os.path.isdir, [*folders, *beside]):
        for each in (os.path.join(folder, name) for name in os.listdir(folder) if '.so' not in name):
            if not any(path == each or path.startswith(each + '/') for path in own):
                return each
    return refuse('there are none')
def probe(each):
    result, errno = call(each['number'], *each['args'])
    return refuse(f'errno {errno}') if result == -1 and errno == each['errno'] else f'answered {result}, errno {errno}'
def run(input, ctx):
    attempt('host file', lambda: open(input['canary']).read())
    attempt('host processes in /proc', lambda: os.listdir('/proc/1'))
    attempt('passwords of the host', lambda: open('/etc/passwd').read())
    attempt('network by socket', lambda: socket.create_connection(('127.0.0.1', input['port']), 2))
    attempt('a process by subprocess', lambda: subprocess.run(['/bin/true']).returncode)
    attempt('a process by fork', lambda: os.fork() or os._exit(0))
    attempt('a foreign variable', lambda: [each for each in os.environ if each not in input['own']][0])
    attempt('packages of the host', lambda: packages(input['installed']))
    attempt('write outside /tmp', lambda: open('/escape', 'w').write('x'))
    attempt('write to the standard library', lambda: open(os.__file__, 'a').write('x'))
    attempt('more than the size of /tmp', fill)
    for each in input['calls']:
        attempt('system call ' + each['name'], lambda: probe(each))
    return tried
`

/** Python itself may stand in one of them: what leads to it is no package, nor are its libraries. */
const INSTALLED = ['/usr/lib/python3/dist-packages', '/usr/local/lib', '/usr/lib/node_modules', '/root', '/home']

async function tryWalls(deps: SelfTestDeps, canary: Canary, door: Door): Promise<readonly SelfTestCheck[]> {
  const calls = seccompProbes(process.arch)
  const own = [...ENVIRONMENT.python]
  const input = { canary: canary.file, port: door.port, calls, installed: INSTALLED, own }
  const execution = await run(deps.execute, pythonSource(WALLS), input, LIMITS, 'python')
  const checks = checksOf(execution, 'walls', 'strong', 11 + calls.length)
  const knocked = door.knocks() > 0
  const evidence = knocked ? 'a connection reached the host' : 'no connection arrived'
  return [...checks, { name: 'walls: host port stays silent', held: !knocked, evidence, neededFor: 'strong' }]
}

const NAMESPACES = `${ATTEMPTS}
def connect(input):
    address = bytes([2, 0, input['port'] >> 8, input['port'] & 255, 127, 0, 0, 1]) + bytes(8)
    return succeed(input['connect'], succeed(input['socket'], 2, 1, 0), address, 16)
def namespace(input):
    child = succeed(input['clone'], 0x10000000 + 17, 0, 0, 0, 0)
    if child == 0:
        call(input['exit'], 0)
    return f'process {child}'
def run(input, ctx):
    attempt('a user namespace inside', lambda: namespace(input))
    attempt('a mount', lambda: succeed(input['mount'], b'none', b'/tmp', b'tmpfs', 0, 0))
    attempt('another root', lambda: succeed(input['chroot'], b'/tmp'))
    attempt('a connection by hand', lambda: connect(input))
    return tried
`

/** Without the filter, so that what stands behind it is tried too. */
async function tryNamespaces(deps: SelfTestDeps, door: Door): Promise<readonly SelfTestCheck[]> {
  const pool = poolWithout(deps, ['seccomp'])
  try {
    const execution = await run(
      { ...deps.execute, pool },
      pythonSource(NAMESPACES),
      namespaceInput(door),
      LIMITS,
      'python',
    )
    return checksOf(execution, 'namespaces', 'strong', 4)
  } finally {
    await pool.stop()
  }
}

async function tryMemoryBomb(deps: SelfTestDeps): Promise<readonly SelfTestCheck[]> {
  const bomb = 'def run(input, ctx):\n    kept = []\n    while True:\n        kept.append(b"x" * 8_000_000)\n'
  const execution = await run(deps.execute, pythonSource(bomb), null, LIMITS, 'python')
  const held = execution.kind === 'failed' && execution.code === 'RUN_OUT_OF_MEMORY'
  return [{ name: 'memory bomb is contained', held, evidence: evidenceOf(execution), neededFor: 'strong' }]
}

async function tryEndlessLoop(deps: SelfTestDeps): Promise<readonly SelfTestCheck[]> {
  const spin = 'def run(input, ctx):\n    while True:\n        pass\n'
  const execution = await run(deps.execute, pythonSource(spin), null, { timeoutMs: 300, memoryMb: 64 }, 'python')
  const held = execution.kind === 'timed_out'
  return [{ name: 'endless loop is ended', held, evidence: evidenceOf(execution), neededFor: 'strong' }]
}
