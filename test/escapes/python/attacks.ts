import { type RunAttack } from '../attack.ts'
import { pythonFamily } from './python-attack.ts'

const open = { control: { kind: 'open' } } as const

const files = pythonFamily('files', { outcome: 'denied', wall: 'an empty root', ...open })
const fileAttacks = [
  files.body('reads a file of the host', `return open(canary).read()`),
  files.body(
    'reads by the C library',
    `fd = libc.open(canary.encode(), 0)\nif fd < 0: raise OSError('errno %d' % ctypes.get_errno())\nreturn os.read(fd, 100).decode()`,
  ),
  files.body('lists a folder of the host', `return flag if os.listdir(folder) else 'empty'`),
  files.body(
    'reads a file by runpy',
    `import linecache\nreturn ''.join(linecache.getlines(canary)) or open(canary).read()`,
  ),
  files.body(
    'reads through a link of its own',
    `link = '/tmp/link-' + nonce\nos.symlink(canary, link)\ntry: return open(link).read()\nfinally: os.unlink(link)`,
  ),
  files.body('reads by another root', `return open('/tmp/../' + canary).read()`),
  files.body(
    'writes to a folder of the host',
    `at = folder + '/left-' + nonce\nopen(at, 'w').write(flag)\ntry: return open(at).read()\nfinally: os.unlink(at)`,
  ),
  files.body(
    'keeps a database on the host',
    `import sqlite3\nat = folder + '/db-' + nonce\ntry: base = sqlite3.connect(at)\nexcept sqlite3.OperationalError as error: raise OSError(str(error))\nbase.execute('create table t (a)')\nbase.close()\nos.unlink(at)\nreturn flag`,
  ),
  files.body('opens its standard library for writing', `open(os.__file__, 'a').close()\nreturn flag`, {
    wall: 'read-only binds',
  }),
  files.body('writes to its root', `at = '/left-' + nonce\nopen(at, 'w').close()\nos.unlink(at)\nreturn flag`, {
    wall: 'read-only root',
  }),
  files.body(
    'fills its scratch space',
    `kept = [tempfile.TemporaryFile() for _ in range(2)]\nfor each in kept:\n    each.write(bytes(12_000_000))\n    each.flush()\nreturn flag`,
    { wall: 'sized scratch space' },
  ),
  files.body('finds packages of the host', `return flag if os.listdir('/usr/lib/python3/dist-packages') else 'empty'`),
  files.body('loads a library of the host', `ctypes.CDLL('libresolv.so.2')\nreturn flag`),
  files.body('reads who uses the host', `return flag if 'root' in open('/etc/passwd').read() else 'empty'`),
  files.body(
    'writes to a disk',
    `import stat\nreturn flag if any(stat.S_ISBLK(os.stat('/dev/' + each).st_mode) or each in ('kmsg', 'fuse', 'full') for each in os.listdir('/dev')) else 'only four devices'`,
    { outcome: 'ok-contained', wall: 'four devices' },
  ),
]

const facts = pythonFamily('facts', { outcome: 'denied', wall: 'no procfs', ...open })
const factAttacks = [
  facts.body(
    'reads the environment of its process',
    `return flag if 'PATH' in open('/proc/self/environ').read() else 'clean'`,
  ),
  facts.body('lists processes of the host', `return flag if str(hostPid) in os.listdir('/proc') else 'alone'`),
  facts.body('reads its own memory map', `return flag if 'libc' in open('/proc/self/maps').read() else 'none'`),
  facts.body('lists network cards', `return flag if os.listdir('/sys/class/net') else 'none'`),
  facts.body('finds variables of the host', `return flag if 'PATH' in os.environ else sorted(os.environ)`, {
    outcome: 'ok-contained',
    wall: 'a cleared environment',
  }),
  facts.body(
    'asks the C library for variables',
    `libc.getenv.restype = ctypes.c_char_p\nreturn flag if libc.getenv(b'PATH') else 'none'`,
    { outcome: 'ok-contained', wall: 'a cleared environment' },
  ),
  facts.body(
    'asks for the name of the host',
    `return flag if socket.gethostname() == hostname else socket.gethostname()`,
    { outcome: 'ok-contained', wall: 'a host name of its own' },
  ),
  facts.body(
    'is somebody on the host',
    `return flag if os.path.exists(folder) and os.stat(folder).st_uid == os.getuid() else os.getuid()`,
    {
      outcome: 'ok-contained',
      wall: 'a user of its own',
    },
  ),
]

const processes = pythonFamily('processes', { outcome: 'denied', wall: 'seccomp, nothing to run', ...open })
const WRITTEN = `at = folder + '/spawn-' + nonce\n`
const READ = `\nfor _ in range(200):\n    if os.path.exists(at) and os.path.getsize(at): break\n    time.sleep(0.01)\nreturn open(at).read()`
const processAttacks = [
  processes.body(
    'runs a program by subprocess',
    `return subprocess.run(['/bin/echo', flag], capture_output=True, text=True).stdout`,
  ),
  processes.body('runs a shell by os.system', `${WRITTEN}os.system('echo %s > %s' % (flag, at))${READ}`),
  processes.body('runs a shell by os.popen', `return os.popen('echo ' + flag).read()`),
  processes.body(
    'spawns by posix_spawn',
    `${WRITTEN}os.posix_spawn('/bin/sh', ['sh', '-c', 'echo %s > %s' % (flag, at)], {})${READ}`,
  ),
  processes.body(
    'forks',
    `a, b = os.pipe()\nif os.fork() == 0:\n    os.write(b, flag.encode())\n    os._exit(0)\nreturn os.read(a, 100).decode()`,
  ),
  processes.body(
    'forks by a system call',
    `a, b = os.pipe()\nif sys_(${process.arch === 'arm64' ? 220 : 56}, 17) == 0:\n    os.write(b, flag.encode())\n    os._exit(0)\nreturn os.read(a, 100).decode()`,
  ),
  processes.body(
    'starts workers by multiprocessing',
    `import multiprocessing\nwith multiprocessing.get_context('fork').Pool(1) as pool: return pool.apply(str, (flag,))`,
  ),
  processes.body(
    'runs a shell by pickle',
    `import pickle\n${WRITTEN}pickle.loads(b"cos\\nsystem\\n(V" + ('echo %s > %s' % (flag, at)).encode() + b"\\ntR.")${READ}`,
  ),
  processes.body(
    'runs a shell by a subinterpreter',
    `${WRITTEN}inner = importlib.import_module('_xxsubinterpreters' if sys.version_info < (3, 13) else '_interpreters')\ninner.run_string(inner.create(), "import os; os.posix_spawn('/bin/sh', ['sh', '-c', 'echo %s > %s'], {})" % (flag, at))${READ}`,
  ),
  processes.body('signals a process of the host', `os.kill(hostPid, 0)\nreturn flag`, { wall: 'processes of its own' }),
  processes.body(
    'signals its whole group',
    `signal.signal(signal.SIGUSR1, signal.SIG_IGN)\nreturn flag if os.getppid() > 1 and os.kill(os.getppid(), 0) is None else 'alone'`,
    { outcome: 'ok-contained', wall: 'processes of its own' },
  ),
  processes.body('traces a process of the host', `return flag if reached(nr['ptrace'], 16, hostPid) else 0`, {
    wall: 'seccomp',
  }),
  processes.body(
    'reads memory of a process of the host',
    `return flag if reached(nr['process_vm_readv'], hostPid) else 0`,
    { wall: 'seccomp' },
  ),
  processes.body(
    'starts two hundred threads',
    `for _ in range(200):\n    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\nreturn flag`,
    {
      outcome: 'error',
      wall: 'processes',
      limits: { memoryMb: 64 },
      control: { kind: 'many-processes', limits: { memoryMb: 6_000 } },
    },
  ),
]

const time = pythonFamily('time', {
  outcome: 'timeout',
  wall: 'deadline, kill from outside',
  limits: { timeoutMs: 500 },
  control: { kind: 'limits', limits: { timeoutMs: 240_000, cpuMs: 60_000 } },
})
const UNTIL = `end = time.monotonic() + 2\nwhile time.monotonic() < end:`
const timeAttacks = [
  time.body('spins', `${UNTIL} pass\nreturn flag`),
  time.body('sleeps', `time.sleep(2)\nreturn flag`),
  time.body(
    'spins in C, where no signal of Python’s comes',
    `import re\n${UNTIL}\n    re.match('(a+)+$', 'a' * 21 + 'b')\nreturn flag`,
  ),
  time.body('raises to a great power', `${UNTIL}\n    pow(7, 10 ** 400 + 1, 10 ** 600 + 7)\nreturn flag`),
  time.body('compresses', `import zlib\n${UNTIL}\n    zlib.compress(os.urandom(1_000_000), 9)\nreturn flag`),
  time.body(
    'blocks every signal',
    `signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.valid_signals()))\n${UNTIL} pass\nreturn flag`,
  ),
  time.body(
    'catches everything',
    `${UNTIL}\n    try:\n        time.sleep(0.01)\n    except BaseException:\n        pass\nreturn flag`,
  ),
  time.body('waits for a lock', `lock = threading.Lock()\nlock.acquire()\nlock.acquire(timeout=2)\nreturn flag`),
  time.module(
    'spins on the event loop',
    `async def run(input, ctx):\n    end = time.monotonic() + 2\n    while time.monotonic() < end: await asyncio.sleep(0)\n    return input['flag']`,
  ),
  time.module(
    'refuses to be canceled',
    `async def run(input, ctx):\n    end = time.monotonic() + 2\n    while time.monotonic() < end:\n        try: await asyncio.sleep(0.05)\n        except asyncio.CancelledError: pass\n    return input['flag']`,
  ),
  time.module(
    'spins while it is loaded',
    `end = time.monotonic() + 2\nwhile time.monotonic() < end: pass\ndef run(input, ctx): return input['flag']`,
  ),
  time.body(
    'spends processor time in threads',
    `import zlib\ndef work():\n    while time.process_time() < 3: zlib.compress(os.urandom(1_000_000), 9)\nall = [threading.Thread(target=work) for _ in range(3)]\nfor each in all: each.start()\nfor each in all: each.join()\nreturn flag`,
    {
      wall: 'processor time',
      limits: { timeoutMs: 60_000, cpuMs: 300 },
    },
  ),
]

const memory = pythonFamily('memory', {
  outcome: 'memory',
  wall: 'memory',
  limits: { memoryMb: 48, timeoutMs: 60_000, cpuMs: 60_000 },
  control: { kind: 'limits', limits: { memoryMb: 900, timeoutMs: 60_000, cpuMs: 60_000 } },
})
const memoryAttacks = [
  memory.body('keeps lists', `kept = [[n] * 100_000 for n in range(400)]\nreturn flag`),
  memory.body('keeps one large text', `kept = 'x' * 300_000_000\nreturn flag`),
  memory.body('keeps a dictionary', `kept = {n: str(n) * 10 for n in range(1_500_000)}\nreturn flag`),
  memory.body(
    'unpacks a bomb',
    `import zlib\nbomb = zlib.compressobj(1)\npacked = b''.join(bomb.compress(bytes(1_000_000)) for _ in range(150)) + bomb.flush()\nreturn flag if len(zlib.decompress(packed)) else 0`,
  ),
  memory.body(
    'maps memory',
    `import mmap\nkept = mmap.mmap(-1, 300_000_000)\nfor at in range(0, 300_000_000, 4096): kept[at] = 1\nreturn flag`,
  ),
  memory.body(
    'keeps what a finaliser makes',
    `kept = []\nclass Bomb:\n    def __del__(self): kept.append(b'x' * 3_000_000)\nfor _ in range(100): Bomb()\nreturn flag`,
  ),
  memory.body(
    'fills a queue of the event loop',
    `async def fill():\n    kept = asyncio.Queue()\n    for n in range(100): await kept.put(b'x' * 3_000_000)\n    return flag\nreturn asyncio.run(fill())`,
  ),
]

const frames = pythonFamily('frames', {
  outcome: 'error',
  code: 'AGENT_PROTOCOL_VIOLATION',
  wall: 'frames bound to the run',
  control: { kind: 'naive-host', believes: 'forged' },
  charges: { row: 1_000n },
})
const believed = (believes: string | RegExp) => ({ control: { kind: 'naive-host', believes } as const })
const forge = (name: string, frame: string, believes: string | RegExp = 'forged') =>
  frames.body(`forges ${name}`, `say(${JSON.stringify(`${frame}\n`)})\nreturn 1`, believed(believes))
const frameAttacks = [
  forge('a charge without a price', '{"t":"charge","event":"forged","n":1}'),
  forge('a charge beyond the cap', '{"t":"charge","event":"row","n":1000001}', '1000001'),
  forge('a negative charge', '{"t":"charge","event":"row","n":-5}', '"n":-5'),
  forge('its own boot', '{"t":"ready"}', /"ready"[^]*"ready"/),
  forge('a second loading', '{"t":"loading"}', /"loading"[^]*"loading"/),
  forge('a frame of unknown type', '{"t":"forged"}'),
  forge('a frame of another run', '{"t":"log","level":"info","message":"forged","run":"another"}'),
  forge('a failure of the host’s', '{"t":"failed","code":"SANDBOX_FAILED","message":"forged"}'),
  forge(
    'a read of a file that was not given',
    '{"t":"read","request":0,"file":"/etc/passwd","offset":0,"length":10}',
    '/etc/passwd',
  ),
  forge(
    'a header 100 levels deep',
    `{"t":"log","level":"info","message":"forged","fields":{"a":${'['.repeat(100)}${']'.repeat(100)}}}`,
  ),
  frames.body('writes text', `say('forged\\n')\nreturn 1`),
  frames.body('writes bytes that are no text', `say(bytes([0xff, 0xfe, 0, 10]))\nreturn 1`, believed(/�/)),
  frames.body('writes a line without end', `while True: say('forged' * 1000)`),
  frames.body(
    'floods with progress',
    `much = '{"t":"progress","fraction":0,"message":"forged"}\\n' * 1000\nfor _ in range(2000): say(much)`,
  ),
  frames.body(
    'writes to every descriptor',
    `for fd in range(64):\n    try: os.write(fd, b'forged\\n')\n    except OSError: pass\nreturn 1`,
  ),
  frames.body(
    'finds the socket among all objects',
    `import gc\nwire = next(each for each in gc.get_objects() if type(each).__name__ == 'Wire') if any(type(each).__name__ == 'Wire' for each in gc.get_objects()) else sys.modules['__main__'].wire\nos.write(wire.fd, b'forged\\n')\nreturn 1`,
  ),
  frames.body(
    'sends through the harness',
    `import __main__\n__main__.wire.send({'t': 'charge', 'event': 'forged', 'n': 1})\nreturn 1`,
  ),
  frames.body(
    'patches what the harness encodes with',
    `import json\nwas = json.dumps\njson.dumps = lambda *all, **more: was(*all, **more).replace('"t":"result"', '"t":"forged"')\nreturn 1`,
  ),
  frames.body(
    'lifts its own cap',
    `import __main__\n__main__.run.cap = 10 ** 30\n__main__.run.prices['row'] = 0\nctx.charge('row', 2_000_000)\nreturn 1`,
    believed('2000000'),
  ),
  frames.body('answers a larger text than allowed', `say('{"t":"result","bytes":999999999}\\n')\nreturn 1`, {
    ...believed('999999999'),
    code: 'RUN_OUTPUT_TOO_LARGE',
    wall: 'output size',
  }),
  frames.body('ends its process as if it were killed', `os.kill(os.getpid(), signal.SIGKILL)\nos._exit(137)`, {
    code: 'AGENT_EXITED',
    ...believed(/exit code 137/),
    wall: 'cause of death by the kernel’s counters',
  }),
]

const leftovers = pythonFamily('leftovers', {
  outcome: 'ok-contained',
  wall: 'a process per principal',
  steps: ['alice', 'bob'],
  control: { kind: 'same-principal' },
})
/** Alice's run leaves something, Bob's looks for it. */
const plant = (name: string, leave: string, find: string) =>
  leftovers.body(
    name,
    `if step == 0:\n${leave
      .split('\n')
      .map((line) => `    ${line}`)
      .join('\n')}\n    return 'left'\nreturn flag if ${find} else 'nothing'`,
  )
const leftoverAttacks = [
  plant('a global variable', `globals()['left'] = 1`, `'left' in globals()`),
  plant('a patched builtin', `import builtins\nbuiltins.left = 1`, `hasattr(__import__('builtins'), 'left')`),
  plant(
    'a replaced print that listens',
    `import builtins\nbuiltins.print = lambda *all: 'heard'`,
    `print('x') == 'heard'`,
  ),
  plant('a module', `sys.modules['left'] = sys`, `'left' in sys.modules`),
  plant('a patched json', `import json\njson.left = 1`, `hasattr(__import__('json'), 'left')`),
  plant('a file', `open('/tmp/left', 'w').close()`, `os.path.exists('/tmp/left')`),
  plant('a variable of the environment', `os.environ['LEFT'] = '1'`, `os.environ.get('LEFT')`),
  plant('a known state of chance', `random.seed(1)`, `random.random() == random.Random(1).random()`),
  plant(
    'a handler of signals',
    `signal.signal(signal.SIGUSR1, lambda *all: None)`,
    `callable(signal.getsignal(signal.SIGUSR1))`,
  ),
  plant('a profiler', `sys.setprofile(lambda *all: None)`, `sys.getprofile()`),
  plant(
    'an import hook',
    `sys.meta_path.append(type('Left', (), {'find_spec': staticmethod(lambda *all: None)}))`,
    `any(getattr(each, '__name__', '') == 'Left' for each in sys.meta_path)`,
  ),
  plant(
    'a codec',
    `import codecs\ncodecs.register(lambda name: codecs.lookup('utf-8') if name == 'left' else None)`,
    `has_codec('left')`,
  ),
  plant(
    'a thread that goes on',
    `globals()['ticks'] = []\ndef tick():\n    while True:\n        ticks.append(1)\n        time.sleep(0.005)\nthreading.Thread(target=tick, daemon=True).start()`,
    `len(globals().get('ticks', ())) > 0`,
  ),
  plant('an open descriptor', `globals()['left'] = os.pipe()`, `globals().get('left') and os.fstat(left[0])`),
]

const network = pythonFamily('network', { outcome: 'denied', wall: 'seccomp, network namespace', ...open })
const networkAttacks = [
  network.body(
    'connects by TCP',
    `with socket.create_connection(('127.0.0.1', tcp), 3) as to: to.sendall(flag.encode())\ntime.sleep(0.2)\nreturn 'sent'`,
  ),
  network.body(
    'sends by UDP',
    `socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(flag.encode(), ('127.0.0.1', udp))\ntime.sleep(0.2)\nreturn 'sent'`,
  ),
  network.body(
    'connects to a socket file',
    `with socket.socket(socket.AF_UNIX) as to:\n    to.connect(socketFile)\n    to.sendall(flag.encode())\ntime.sleep(0.2)\nreturn 'sent'`,
  ),
  network.body(
    'connects to an abstract name',
    `with socket.socket(socket.AF_UNIX) as to:\n    to.connect('\\0' + abstractName)\n    to.sendall(flag.encode())\ntime.sleep(0.2)\nreturn 'sent'`,
  ),
  network.body(
    'asks by urllib',
    `import urllib.request\nurllib.request.urlopen('http://127.0.0.1:%d/%s' % (tcp, flag), timeout=3).read()\nreturn 'sent'`,
  ),
  network.body(
    'asks by http.client',
    `import http.client\nto = http.client.HTTPConnection('127.0.0.1', tcp, timeout=3)\nto.request('GET', '/' + flag)\nto.getresponse()\nreturn 'sent'`,
  ),
  network.module(
    'connects by asyncio',
    `async def run(input, ctx):\n    _, to = await asyncio.open_connection('127.0.0.1', input['tcp'])\n    to.write(input['flag'].encode())\n    await to.drain()\n    await asyncio.sleep(0.2)\n    return 'sent'`,
  ),
  network.body(
    'listens',
    `with socket.socket() as door:\n    door.bind(('127.0.0.1', 0))\n    door.listen()\n    return flag`,
  ),
  network.body('opens a raw socket', `socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close()\nreturn flag`),
  network.body('opens a netlink socket', `socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close()\nreturn flag`),
  network.body('opens a socket by a system call', `sys_(nr['socket'], 2, 1, 0)\nreturn flag`),
]

const native = pythonFamily('native code', { outcome: 'denied', wall: 'seccomp', ...open })
const calls = (name: string, number: string, args: string) =>
  native.body(name, `return flag if reached(nr['${number}'], ${args}) else 0`)
const nativeAttacks = [
  calls('lets itself be traced', 'ptrace', '0'),
  calls('asks for keys', 'keyctl', '0, -1'),
  calls('adds a key', 'add_key', '0, 0, 0, 0, 0'),
  calls('makes namespaces', 'unshare', '0'),
  calls('enters a namespace', 'setns', '-1, 0'),
  calls('mounts', 'mount', '0, 0, 0, 0, 0'),
  calls('changes its root', 'chroot', 'b"/no-such"'),
  calls('opens a file by handle', 'open_by_handle_at', '-1, bytes(32), 0'),
  calls('loads a program into the kernel', 'bpf', '0, 0, 0'),
  calls('opens a performance counter', 'perf_event_open', '0, 0, -1, -1, 0'),
  calls('handles page faults', 'userfaultfd', '-1'),
  calls('opens a ring', 'io_uring_setup', '0, 0'),
  calls('runs code that has no file', 'memfd_create', 'b"escape", 0'),
  calls('executes a descriptor', 'execveat', '-1, b"", 0, 0, 0'),
  calls('changes its personality', 'personality', '0xffffffff'),
  calls('opens a descriptor of a process', 'pidfd_open', 'hostPid, 0'),
  calls('passes descriptors', 'sendmsg', '-1, 0, 0'),
  calls('shares memory', 'shmget', '0, 4096, 0o600'),
  native.body(
    'types into a terminal',
    `import fcntl\ntry: fcntl.ioctl(0, 0x5412, b'x')\nexcept OSError as error:\n    if error.errno == 1: raise\nreturn flag`,
  ),
]

/** Python agents that try to get out. Native code is theirs by ctypes, so every one of them meets the operating system's
 * walls alone. */
export const pythonAttacks: readonly RunAttack[] = [
  ...fileAttacks,
  ...factAttacks,
  ...processAttacks,
  ...timeAttacks,
  ...memoryAttacks,
  ...frameAttacks,
  ...leftoverAttacks,
  ...networkAttacks,
  ...nativeAttacks,
]
