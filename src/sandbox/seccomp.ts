/** System calls refused with EPERM: number on x86_64 and on aarch64 (null where the architecture has none). None of
 * them is used by Deno while it runs code with every permission denied (strace over boot, injection, runs, workers). */
const REFUSED: Readonly<Record<string, readonly [x64: number | null, arm64: number | null]>> = {
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
  shmget: [29, 194],
  semget: [64, 190],
  msgget: [68, 186],
  mq_open: [240, 180],
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
 * @param architecture as in `process.arch`
 * @returns null for an architecture we have no numbers for: then the wall is missing and the grade says so */
export function seccompProgram(architecture: string): Buffer | null {
  const arch = ARCHITECTURES[architecture]
  if (arch === undefined) return null
  const program: Instruction[] = [load(ARCH), jumpIfEqual(arch.audit, 1, 0), answer(KILL_PROCESS), load(NUMBER)]
  if (arch.foreignAbiFrom !== null) program.push(jumpIfAtLeast(arch.foreignAbiFrom, 0, 1), answer(KILL_PROCESS))
  for (const numbers of Object.values(REFUSED)) {
    const number = numbers[arch.column]
    if (number !== null) program.push(jumpIfEqual(number, 0, 1), answer(EPERM))
  }
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
    jumpIfEqual(arch.socketpair, 0, 3),
    load(ARGUMENT_0),
    jumpIfEqual(AF_UNIX, 1, 0),
    answer(EPERM),
    // A rule that passes must not fall into the next with its argument in the accumulator: load the number again.
    load(NUMBER),
    // Only the low 32 bits count for the kernel, so only they are compared: a high bit set must not slip past.
    jumpIfEqual(arch.ioctl, 0, 4),
    load(ARGUMENT_1),
    jumpIfEqual(TIOCSTI, 1, 0),
    jumpIfEqual(TIOCLINUX, 0, 1),
    answer(EPERM),
    answer(ALLOW),
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

/** The numbers refused on an architecture, by name; for the test that compares them with the kernel's headers. */
export function refusedCalls(architecture: string): ReadonlyMap<string, number> {
  const arch = ARCHITECTURES[architecture]
  const refused = new Map<string, number>()
  if (arch === undefined) return refused
  for (const [name, numbers] of Object.entries(REFUSED)) {
    const number = numbers[arch.column]
    if (number !== null) refused.set(name, number)
  }
  return refused
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
