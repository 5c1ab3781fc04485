import type { AgentRuntime } from './sandbox.types.ts'

type Numbers = Readonly<Record<string, readonly [x64: number | null, arm64: number | null]>>

/** System calls that pass: number on x86_64 and on aarch64 (null where the architecture has none). What Deno, V8 and the
 * C library use, and their like; all of them pass Docker's default filter too. Whatever is not here, calls of kernels to
 * come included, is answered ENOSYS, which libraries take for an older kernel. */
const ALLOWED: Numbers = {
  // descriptors and files
  read: [0, 63],
  write: [1, 64],
  open: [2, null],
  openat: [257, 56],
  openat2: [437, 437],
  close: [3, 57],
  close_range: [436, 436],
  lseek: [8, 62],
  pread64: [17, 67],
  pwrite64: [18, 68],
  readv: [19, 65],
  writev: [20, 66],
  preadv: [295, 69],
  pwritev: [296, 70],
  preadv2: [327, 286],
  pwritev2: [328, 287],
  dup: [32, 23],
  dup2: [33, null],
  dup3: [292, 24],
  fcntl: [72, 25],
  flock: [73, 32],
  fsync: [74, 82],
  fdatasync: [75, 83],
  sync_file_range: [277, 84],
  truncate: [76, 45],
  ftruncate: [77, 46],
  fallocate: [285, 47],
  fadvise64: [221, 223],
  readahead: [187, 213],
  copy_file_range: [326, 285],
  sendfile: [40, 71],
  splice: [275, 76],
  tee: [276, 77],
  pipe: [22, null],
  pipe2: [293, 59],
  // names and folders
  stat: [4, null],
  fstat: [5, 80],
  lstat: [6, null],
  newfstatat: [262, 79],
  statx: [332, 291],
  statfs: [137, 43],
  fstatfs: [138, 44],
  access: [21, null],
  faccessat: [269, 48],
  faccessat2: [439, 439],
  getdents: [78, null],
  getdents64: [217, 61],
  getcwd: [79, 17],
  chdir: [80, 49],
  fchdir: [81, 50],
  rename: [82, null],
  renameat: [264, 38],
  renameat2: [316, 276],
  mkdir: [83, null],
  mkdirat: [258, 34],
  rmdir: [84, null],
  link: [86, null],
  linkat: [265, 37],
  unlink: [87, null],
  unlinkat: [263, 35],
  symlink: [88, null],
  symlinkat: [266, 36],
  readlink: [89, null],
  readlinkat: [267, 78],
  chmod: [90, null],
  fchmod: [91, 52],
  fchmodat: [268, 53],
  utime: [132, null],
  utimes: [235, null],
  utimensat: [280, 88],
  futimesat: [261, null],
  umask: [95, 166],
  getxattr: [191, 8],
  fgetxattr: [193, 10],
  lgetxattr: [192, 9],
  listxattr: [194, 11],
  flistxattr: [196, 13],
  llistxattr: [195, 12],
  // memory
  mmap: [9, 222],
  mprotect: [10, 226],
  munmap: [11, 215],
  brk: [12, 214],
  mremap: [25, 216],
  msync: [26, 227],
  mincore: [27, 232],
  madvise: [28, 233],
  mlock: [149, 228],
  munlock: [150, 229],
  mlock2: [325, 284],
  membarrier: [324, 283],
  pkey_alloc: [330, 289],
  pkey_free: [331, 290],
  pkey_mprotect: [329, 288],
  // waiting
  poll: [7, null],
  ppoll: [271, 73],
  select: [23, null],
  pselect6: [270, 72],
  epoll_create: [213, null],
  epoll_create1: [291, 20],
  epoll_ctl: [233, 21],
  epoll_wait: [232, null],
  epoll_pwait: [281, 22],
  epoll_pwait2: [441, 441],
  eventfd: [284, null],
  eventfd2: [290, 19],
  timerfd_create: [283, 85],
  timerfd_settime: [286, 86],
  timerfd_gettime: [287, 87],
  signalfd: [282, null],
  signalfd4: [289, 74],
  // threads and their locks
  futex: [202, 98],
  futex_waitv: [449, 449],
  set_robust_list: [273, 99],
  get_robust_list: [274, 100],
  set_tid_address: [218, 96],
  rseq: [334, 293],
  gettid: [186, 178],
  sched_yield: [24, 124],
  sched_getaffinity: [204, 123],
  sched_setaffinity: [203, 122],
  sched_getparam: [143, 121],
  sched_getscheduler: [145, 120],
  sched_get_priority_max: [146, 125],
  sched_get_priority_min: [147, 126],
  getpriority: [140, 141],
  setpriority: [141, 140],
  arch_prctl: [158, null],
  exit: [60, 93],
  exit_group: [231, 94],
  // signals
  rt_sigaction: [13, 134],
  rt_sigprocmask: [14, 135],
  rt_sigreturn: [15, 139],
  rt_sigpending: [127, 136],
  rt_sigtimedwait: [128, 137],
  rt_sigsuspend: [130, 133],
  sigaltstack: [131, 132],
  kill: [62, 129],
  tkill: [200, 130],
  tgkill: [234, 131],
  pause: [34, null],
  restart_syscall: [219, 128],
  // time
  nanosleep: [35, 101],
  clock_nanosleep: [230, 115],
  clock_gettime: [228, 113],
  clock_getres: [229, 114],
  gettimeofday: [96, 169],
  time: [201, null],
  times: [100, 153],
  getitimer: [36, 102],
  setitimer: [38, 103],
  alarm: [37, null],
  timer_create: [222, 107],
  timer_settime: [223, 110],
  timer_gettime: [224, 108],
  timer_getoverrun: [225, 109],
  timer_delete: [226, 111],
  // the process itself
  execve: [59, 221],
  getpid: [39, 172],
  getppid: [110, 173],
  getuid: [102, 174],
  geteuid: [107, 175],
  getgid: [104, 176],
  getegid: [108, 177],
  getresuid: [118, 148],
  getresgid: [120, 150],
  getgroups: [115, 158],
  getpgid: [121, 155],
  getpgrp: [111, null],
  getsid: [124, 156],
  setsid: [112, 157],
  setpgid: [109, 154],
  capget: [125, 90],
  prctl: [157, 167],
  prlimit64: [302, 261],
  getrlimit: [97, 163],
  setrlimit: [160, 164],
  getrusage: [98, 165],
  uname: [63, 160],
  sysinfo: [99, 179],
  getcpu: [309, 168],
  getrandom: [318, 278],
  wait4: [61, 260],
  waitid: [247, 95],
  // what is open already: standard input and output are a pair of sockets
  recvfrom: [45, 207],
  sendto: [44, 206],
  shutdown: [48, 210],
  getsockname: [51, 204],
  getpeername: [52, 205],
  getsockopt: [55, 209],
  setsockopt: [54, 208],
}

/** Of those, what CPython and its standard library do without. What the program itself calls as it is loaded and what
 * `os`, `threading`, `asyncio`, `sqlite3`, `shutil` and `tempfile` use is left; processes are not waited for, because
 * none can be started. */
const NOT_FOR_PYTHON: ReadonlySet<string> = new Set([
  'openat2',
  'close_range',
  'preadv2',
  'pwritev2',
  'sync_file_range',
  'fallocate',
  'readahead',
  'copy_file_range',
  'splice',
  'tee',
  'statx',
  'faccessat2',
  'mincore',
  'mlock',
  'munlock',
  'mlock2',
  'membarrier',
  'pkey_alloc',
  'pkey_free',
  'pkey_mprotect',
  'epoll_pwait2',
  'eventfd',
  'eventfd2',
  'timerfd_create',
  'timerfd_settime',
  'timerfd_gettime',
  'signalfd',
  'signalfd4',
  'futex_waitv',
  'get_robust_list',
  'sched_setaffinity',
  'setpriority',
  'timer_create',
  'timer_settime',
  'timer_gettime',
  'timer_getoverrun',
  'timer_delete',
  'capget',
  'prctl',
  'setsid',
  'setpgid',
  'setrlimit',
  'wait4',
  'waitid',
  'setsockopt',
  'shutdown',
])

/** System calls answered EPERM by name, because somebody who tries them should be told so: everything that Docker's
 * default filter keeps from a container, and what only other programs than ours need. */
const REFUSED: Numbers = {
  // other processes' memory and descriptors
  ptrace: [101, 117],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  kcmp: [312, 272],
  pidfd_open: [434, 434],
  pidfd_getfd: [438, 438],
  pidfd_send_signal: [424, 424],
  process_madvise: [440, 440],
  // the kernel's key rings, which no namespace separates
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  // mounts and roots
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  chroot: [161, 51],
  open_tree: [428, 428],
  move_mount: [429, 429],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  mount_setattr: [442, 442],
  name_to_handle_at: [303, 264],
  open_by_handle_at: [304, 265],
  quotactl: [179, 60],
  quotactl_fd: [443, 443],
  fanotify_init: [300, 262],
  fanotify_mark: [301, 263],
  // namespaces and processes; threads pass by the clone rule below
  unshare: [272, 97],
  setns: [308, 268],
  fork: [57, null],
  vfork: [58, null],
  // wide kernel surfaces with a history of holes
  bpf: [321, 280],
  perf_event_open: [298, 241],
  userfaultfd: [323, 282],
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  vmsplice: [278, 75],
  memfd_secret: [447, 447],
  move_pages: [279, 239],
  migrate_pages: [256, 238],
  modify_ldt: [154, null],
  // the machine itself
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  reboot: [169, 142],
  swapon: [167, 224],
  swapoff: [168, 225],
  acct: [163, 89],
  syslog: [103, 116],
  sethostname: [170, 161],
  setdomainname: [171, 162],
  settimeofday: [164, 170],
  clock_settime: [227, 112],
  clock_adjtime: [305, 266],
  adjtimex: [159, 171],
  iopl: [172, null],
  ioperm: [173, null],
  personality: [135, 92],
  vhangup: [153, 58],
  // every kind of socket: the network is frames, and AF_UNIX, NETLINK and VSOCK reach past namespaces. Only a
  // socketpair of AF_UNIX passes, by a rule below: Deno's signal handling is one, and it leads nowhere else.
  socket: [41, 198],
  bind: [49, 200],
  listen: [50, 201],
  accept: [43, 202],
  accept4: [288, 242],
  connect: [42, 203],
  // System V and POSIX messages between processes
  sendmsg: [46, 211],
  recvmsg: [47, 212],
  sendmmsg: [307, 269],
  recvmmsg: [299, 243],
  shmget: [29, 194],
  shmat: [30, 196],
  semget: [64, 190],
  msgget: [68, 186],
  mq_open: [240, 180],
  // memory of other nodes
  get_mempolicy: [239, 236],
  set_mempolicy: [238, 237],
  set_mempolicy_home_node: [450, 450],
  mbind: [237, 235],
  // code without a file, devices, rights
  execveat: [322, 281],
  memfd_create: [319, 279],
  mknod: [133, null],
  mknodat: [259, 33],
  setuid: [105, 146],
  setgid: [106, 144],
  setreuid: [113, 145],
  setregid: [114, 143],
  setresuid: [117, 147],
  setresgid: [119, 149],
  setgroups: [116, 159],
  setfsuid: [122, 151],
  setfsgid: [123, 152],
  capset: [126, 91],
  setxattr: [188, 5],
  lsetxattr: [189, 6],
  fsetxattr: [190, 7],
  chown: [92, null],
  fchown: [93, 55],
  lchown: [94, null],
  fchownat: [260, 54],
  // watching files, and input and output behind the caller's back
  inotify_init: [253, null],
  inotify_init1: [294, 26],
  io_setup: [206, 0],
  lookup_dcookie: [212, 18],
  // relics
  uselib: [134, null],
  ustat: [136, null],
  sysfs: [139, null],
  _sysctl: [156, null],
  create_module: [174, null],
  get_kernel_syms: [177, null],
  query_module: [178, null],
  nfsservctl: [180, 42],
}

type Architecture = {
  readonly audit: number
  readonly column: 0 | 1
  readonly clone: number
  readonly ioctl: number
  readonly socketpair: number
  /** x86_64 also takes calls of the x32 ABI, numbered from here: a way around any filter that compares numbers. */
  readonly foreignAbiFrom: number | null
}

const ARCHITECTURES: Readonly<Record<string, Architecture>> = {
  x64: {
    audit: 0xc000003e,
    column: 0,
    clone: 56,
    ioctl: 16,
    socketpair: 53,
    foreignAbiFrom: 0x40000000,
  },
  arm64: {
    audit: 0xc00000b7,
    column: 1,
    clone: 220,
    ioctl: 29,
    socketpair: 199,
    foreignAbiFrom: null,
  },
}

const CLONE3 = 435
const CLONE_THREAD = 0x00010000
/** NEWTIME, NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const CLONE_NEW = 0x7e020080
const AF_UNIX = 1
const TIOCSTI = 0x5412
const TIOCLINUX = 0x541c

const ALLOW = 0x7fff0000
const KILL_PROCESS = 0x80000000
const EPERM = 0x00050000 | 1
const ENOSYS = 0x00050000 | 38

// offsets in struct seccomp_data; both architectures are little endian, so the low word of an argument comes first
const NUMBER = 0
const ARCH = 4
const ARGUMENT_0 = 16
const ARGUMENT_1 = 24

type Instruction = readonly [code: number, jumpIfTrue: number, jumpIfFalse: number, value: number]
const load = (offset: number): Instruction => [0x20, 0, 0, offset]
const answer = (action: number): Instruction => [0x06, 0, 0, action]
const jumpIfEqual = (value: number, yes: number, no: number): Instruction => [0x15, yes, no, value]
const jumpIfAtLeast = (value: number, yes: number, no: number): Instruction => [0x35, yes, no, value]
const jumpIfAnyBit = (mask: number, yes: number, no: number): Instruction => [0x45, yes, no, mask]

/** The seccomp filter as a classic BPF program (struct sock_filter[]), ready for `bwrap --seccomp FD`.
 * @param architecture as in `process.arch`   @param runtime whom it is for: each passes what that one needs
 * @returns null for an architecture we have no numbers for: then the wall is missing and the grade says so */
export function seccompProgram(architecture: string, runtime: AgentRuntime = 'javascript'): Buffer | null {
  const arch = ARCHITECTURES[architecture]
  if (arch === undefined) return null
  const program: Instruction[] = [load(ARCH), jumpIfEqual(arch.audit, 1, 0), answer(KILL_PROCESS), load(NUMBER)]
  if (arch.foreignAbiFrom !== null) program.push(jumpIfAtLeast(arch.foreignAbiFrom, 0, 1), answer(KILL_PROCESS))
  // What passes stands first, as ranges of numbers: it is what is called all the time.
  for (const [first, last] of rangesOf(numbersOf(allowedFor(runtime), arch.column)))
    program.push(jumpIfAtLeast(last + 1, 2, 0), jumpIfAtLeast(first, 0, 1), answer(ALLOW))
  for (const number of numbersOf(REFUSED, arch.column)) program.push(jumpIfEqual(number, 0, 1), answer(EPERM))
  program.push(
    // clone3 hides its flags behind a pointer; ENOSYS makes libc fall back to clone, whose flags we can see.
    jumpIfEqual(CLONE3, 0, 1),
    answer(ENOSYS),
    jumpIfEqual(arch.clone, 0, 5),
    load(ARGUMENT_0),
    jumpIfAnyBit(CLONE_NEW, 2, 0),
    jumpIfAnyBit(CLONE_THREAD, 0, 1),
    answer(ALLOW),
    answer(EPERM),
    jumpIfEqual(arch.socketpair, 0, 4),
    load(ARGUMENT_0),
    jumpIfEqual(AF_UNIX, 0, 1),
    answer(ALLOW),
    answer(EPERM),
    // Only the low 32 bits count for the kernel, so only they are compared: a high bit set must not slip past.
    jumpIfEqual(arch.ioctl, 0, 5),
    load(ARGUMENT_1),
    jumpIfEqual(TIOCSTI, 1, 0),
    jumpIfEqual(TIOCLINUX, 0, 1),
    answer(EPERM),
    answer(ALLOW),
    answer(ENOSYS),
  )
  const bytes = Buffer.alloc(program.length * 8)
  program.forEach(([code, yes, no, value], index) => {
    bytes.writeUInt16LE(code, index * 8)
    bytes.writeUInt8(yes, index * 8 + 2)
    bytes.writeUInt8(no, index * 8 + 3)
    bytes.writeUInt32LE(value >>> 0, index * 8 + 4)
  })
  return bytes
}

const allowedFor = (runtime: AgentRuntime): Numbers =>
  runtime === 'javascript'
    ? ALLOWED
    : Object.fromEntries(Object.entries(ALLOWED).filter(([name]) => !NOT_FOR_PYTHON.has(name)))

function numbersOf(calls: Numbers, column: 0 | 1): readonly number[] {
  return Object.values(calls)
    .map((numbers) => numbers[column])
    .filter((number) => number !== null)
    .toSorted((a, b) => a - b)
}

/** @param numbers in order */
function rangesOf(numbers: readonly number[]): readonly (readonly [first: number, last: number])[] {
  const ranges: [number, number][] = []
  for (const number of numbers) {
    const before = ranges.at(-1)
    if (before !== undefined && before[1] === number - 1) before[1] = number
    else ranges.push([number, number])
  }
  return ranges
}

/** The numbers that pass, by name. */
export const allowedCalls = (architecture: string, runtime: AgentRuntime = 'javascript'): ReadonlyMap<string, number> =>
  callsOf(allowedFor(runtime), architecture)

/** The numbers refused on an architecture, by name; for the test that compares them with the kernel's headers. */
export const refusedCalls = (architecture: string): ReadonlyMap<string, number> => callsOf(REFUSED, architecture)

function callsOf(calls: Numbers, architecture: string): ReadonlyMap<string, number> {
  const arch = ARCHITECTURES[architecture]
  const found = new Map<string, number>()
  if (arch === undefined) return found
  for (const [name, numbers] of Object.entries(calls)) {
    const number = numbers[arch.column]
    if (number !== null) found.set(name, number)
  }
  return found
}

export type SeccompProbe = {
  readonly name: string
  readonly number: number
  readonly args: readonly number[]
  /** What the filter answers; anything else means that the call reached the kernel. */
  readonly errno: number
}

/** Harmless calls with which the self-test shows that the filter is in force: each would fail otherwise with another
 * errno, or succeed. */
export function seccompProbes(architecture: string): readonly SeccompProbe[] {
  const arch = ARCHITECTURES[architecture]
  if (arch === undefined) return []
  const probe = (name: string, args: readonly number[], errno = 1): SeccompProbe[] => {
    const number = REFUSED[name]?.[arch.column]
    return number === undefined || number === null ? [] : [{ name, number, args: pad(args), errno }]
  }
  const AF_NETLINK = 16
  const AF_VSOCK = 40
  const SOCK_STREAM = 1
  const SOCK_RAW = 3
  return [
    ...probe('ptrace', [0]),
    ...probe('keyctl', [0, -1]),
    ...probe('unshare', [0]),
    ...probe('bpf', [0]),
    ...probe('perf_event_open', [0]),
    ...probe('userfaultfd', [0]),
    ...probe('io_uring_setup', [0]),
    ...probe('memfd_create', [0, 0]),
    ...probe('mount', [0, 0, 0]),
    ...probe('setns', [-1, 0]),
    ...probe('personality', [0xffffffff]),
    // Above every number there is: a call of a kernel to come.
    { name: 'a call nobody knows', number: 900, args: pad([]), errno: 38 },
    {
      name: 'socketpair AF_NETLINK',
      number: arch.socketpair,
      args: pad([AF_NETLINK, SOCK_RAW]),
      errno: 1,
    },
    ...probe('socket', [AF_UNIX, SOCK_STREAM]).map((each) => ({ ...each, name: 'socket AF_UNIX' })),
    ...probe('socket', [AF_NETLINK, SOCK_RAW]).map((each) => ({
      ...each,
      name: 'socket AF_NETLINK',
    })),
    ...probe('socket', [AF_VSOCK, SOCK_STREAM]).map((each) => ({
      ...each,
      name: 'socket AF_VSOCK',
    })),
    { name: 'clone3', number: CLONE3, args: pad([0, 0]), errno: 38 },
    {
      name: 'clone with a new user namespace',
      number: arch.clone,
      args: pad([0x10000000]),
      errno: 1,
    },
    { name: 'ioctl TIOCSTI', number: arch.ioctl, args: pad([0, TIOCSTI]), errno: 1 },
    // The kernel looks at the low 32 bits only; a filter that compares 64 would let this one through.
    {
      name: 'ioctl TIOCSTI, high bit set',
      number: arch.ioctl,
      args: pad([0, 2 ** 32 + TIOCSTI]),
      errno: 1,
    },
    { name: 'ioctl TIOCLINUX', number: arch.ioctl, args: pad([0, TIOCLINUX]), errno: 1 },
  ]
}

const pad = (args: readonly number[]): readonly number[] => [...args, 0, 0, 0, 0, 0, 0].slice(0, 6)
