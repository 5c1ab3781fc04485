import { family, NATIVE, type RunAttack } from '../attack.ts'

/** Machine code is refused by Deno's permissions; inside the walls with everything granted, the filter is what is left.
 * A call counts as having got through when the kernel's own code looked at it, whatever that said: the arguments are
 * chosen so that nothing comes of it where it is allowed. */
const native = family('system calls', {
  outcome: 'denied',
  wall: 'seccomp',
  control: { kind: 'open' },
  permissions: 'denied',
})

const call = (name: string, number: string, args = '', details: Partial<RunAttack> = {}): RunAttack =>
  native.body(name, `${NATIVE} return reached(${number}${args === '' ? '' : `, ${args}`}) ? flag : 0`, details)
const done = (name: string, number: string, args: string, details: Partial<RunAttack> = {}): RunAttack =>
  native.body(name, `${NATIVE} sys(${number}, ${args}); return flag`, details)
/** Where the kernel refuses what it is asked for itself, so that only root can show the control. */
const arm = process.arch === 'arm64'
const nr = (x64: number, arm64: number): string => String(arm ? arm64 : x64)

export const nativeAttacks = [
  // other processes
  done('lets itself be traced', 'nr.ptrace', '0'),
  call('reads another process’s memory', 'nr.process_vm_readv', 'hostPid, 0, 0, 0, 0, 0'),
  call('writes another process’s memory', 'nr.process_vm_writev', 'hostPid, 0, 0, 0, 0, 0'),
  call('compares processes', 'nr.kcmp', 'hostPid, hostPid, 0, 0, 0'),
  call('opens a process', 'nr.pidfd_open', 'hostPid, 0'),
  call('takes a descriptor of a process', 'nr.pidfd_getfd', '-1, 0, 0'),
  call('signals through a descriptor', 'nr.pidfd_send_signal', '-1, 0, 0, 0'),
  native.body('signals the supervisor', `${NATIVE} sys(${nr(62, 129)}, hostPid, 0); return flag`, {
    wall: 'process namespace',
  }),
  native.body(
    'signals everybody',
    `${NATIVE} const parent = sys(${nr(110, 173)}); if (parent > 1) { sys(${nr(62, 129)}, parent, 0); return flag } throw new Error('errno 3: nobody to signal')`,
    { wall: 'process namespace' },
  ),
  // keys
  call('adds a key', 'nr.add_key', '"user", "escape", 0, 0, -1'),
  call('asks for a key', 'nr.request_key', '"user", "escape-none", 0, 0'),
  done('reads its key ring', 'nr.keyctl', '0, -3, 0'),
  // terminals
  call('types into its terminal', nr(16, 29), '0, 0x5412, new Uint8Array(1)'),
  call('types into its terminal, with a high bit set', nr(16, 29), '0, 0x100005412, new Uint8Array(1)'),
  call('uses the console’s own tricks', nr(16, 29), '0, 0x541c, new Uint8Array([6])'),
  call('hangs the terminal up', 'nr.vhangup'),
  // namespaces and roots
  call('makes a user namespace', 'nr.unshare', '0x10000000'),
  done('makes a network namespace', 'nr.unshare', '0x40000000'),
  done('makes a mount namespace', 'nr.unshare', '0x00020000'),
  call('makes a process in a new user namespace', nr(56, 220), '0x10000000, -1, -1, -1, -1', {
    control: { kind: 'open' },
  }),
  native.body(
    'makes a process the new way',
    `${NATIVE} const { errno } = raw(435, 0, 0); if (errno === 38) throw new Error('errno 38'); return flag`,
  ),
  call('enters a namespace', 'nr.setns', '-1, 0'),
  call('mounts', 'nr.mount', '"none", folder + "/no-such", "tmpfs", 0, 0'),
  call('unmounts', 'nr.umount2', 'folder + "/no-such", 0'),
  call('changes its root', 'nr.chroot', 'folder + "/no-such"'),
  call('swaps its root', 'nr.pivot_root', 'folder + "/no-such", folder + "/no-such"'),
  call('opens a mount tree', 'nr.open_tree', '-1, folder + "/no-such", 0'),
  call('moves a mount', 'nr.move_mount', '-1, folder + "/no-such", -1, folder + "/no-such", 0'),
  call('opens a file system', 'nr.fsopen', '"no-such-fs", 0'),
  call('configures a file system', 'nr.fsconfig', '-1, 0, 0, 0, 0'),
  call('picks a mount', 'nr.fspick', '-1, folder + "/no-such", 0'),
  call('changes a mount', 'nr.mount_setattr', '-1, folder + "/no-such", 0, 0, 0'),
  call('makes a handle of a file', 'nr.name_to_handle_at', '-1, folder + "/no-such", 0, 0, 0'),
  call('opens a file by handle', 'nr.open_by_handle_at', '-1, new Uint8Array(32), 0'),
  call('sets quotas', 'nr.quotactl', '0x80000100, 0, 0, 0'),
  call('listens to the file system', 'nr.fanotify_init', '0, 0'),
  native.body(
    'makes a device',
    `${NATIVE} sys(${nr(133, 33)}, ${arm ? '-100, ' : ''}'/tmp/device-' + nonce, 0o20666, 0x103); Deno.removeSync('/tmp/device-' + nonce); return flag`,
    { wall: 'no capabilities, seccomp' },
  ),
  // wide surfaces
  call('loads a program into the kernel', 'nr.bpf', '0, 0, 0'),
  call('opens a performance counter', 'nr.perf_event_open', '0, 0, -1, -1, 0'),
  call('handles page faults', 'nr.userfaultfd', '-1'),
  call('opens a ring', 'nr.io_uring_setup', '0, 0'),
  call('enters a ring', 'nr.io_uring_enter', '-1, 0, 0, 0, 0, 0'),
  call('registers with a ring', 'nr.io_uring_register', '-1, 0, 0, 0'),
  call('splices memory', 'nr.vmsplice', '-1, 0, 0, 0'),
  call('makes secret memory', 'nr.memfd_secret', '-1'),
  call('moves pages', 'nr.move_pages', '0, 0, 0, 0, 0, 0'),
  call('moves pages between nodes', 'nr.migrate_pages', '0, 0, 0, 0'),
  ...(arm
    ? []
    : [
        call('writes segment tables', 'nr.modify_ldt', '0, 0, 0'),
        call('takes ports', 'nr.ioperm', '0, 0, 0'),
        call('takes all ports', 'nr.iopl', '0'),
      ]),
  call('changes its personality', 'nr.personality', '0xffffffff'),
  // the machine
  call('restarts the machine', 'nr.reboot', '0, 0, 0, 0'),
  call('loads another kernel', 'nr.kexec_load', '0, -1, 0, -1'),
  call('loads another kernel from a file', 'nr.kexec_file_load', '-1, -1, 0, 0, -1'),
  call('loads a module', 'nr.init_module', '0, 0, ""'),
  call('loads a module from a file', 'nr.finit_module', '-1, "", 0'),
  call('removes a module', 'nr.delete_module', '"no-such-module", 0x800'),
  call('swaps to a file', 'nr.swapon', 'folder + "/no-such", 0'),
  call('stops swapping', 'nr.swapoff', 'folder + "/no-such"'),
  call('keeps accounts of processes', 'nr.acct', 'folder + "/no-such"'),
  call('reads the kernel’s log', 'nr.syslog', '10, 0, 0'),
  call('names the host', 'nr.sethostname', '0, -1'),
  call('names its domain', 'nr.setdomainname', '0, -1'),
  call('sets the clock', 'nr.clock_settime', '99, 0'),
  call('adjusts the clock', 'nr.adjtimex', '0'),
  call('adjusts a clock', 'nr.clock_adjtime', '99, 0'),
  // sockets
  done('opens a socket', 'nr.socket', '2, 1, 0'),
  done('opens a socket of IPv6', 'nr.socket', '10, 1, 0'),
  done('opens a raw socket', 'nr.socket', '2, 3, 1'),
  done('opens a packet socket', 'nr.socket', '17, 3, 0'),
  done('opens a socket file', 'nr.socket', '1, 1, 0'),
  done('opens a netlink socket', 'nr.socket', '16, 3, 0'),
  done('opens a socket to the hypervisor', 'nr.socket', '40, 1, 0'),
  done('opens a socket of the kernel’s ciphers', 'nr.socket', '38, 5, 0'),
  call('makes a pair of netlink sockets', nr(53, 199), '16, 3, 0, new Uint8Array(8)'),
  native.body(
    'connects to an abstract name',
    `${NATIVE} const socket = sys(nr.socket, 1, 1, 0); const name = new Uint8Array(110); name[0] = 1; name.set(new TextEncoder().encode(abstractName), 3); sys(nr.connect, socket, name, 3 + abstractName.length); return flag`,
    { wall: 'seccomp, network namespace' },
  ),
  // messages between processes
  done('shares memory by System V', 'nr.shmget', '0, 4096, 0o600'),
  done('makes semaphores', 'nr.semget', '0, 1, 0o600'),
  done('makes a message queue', 'nr.msgget', '0, 0o600'),
  done('opens a POSIX message queue', 'nr.mq_open', '"escape-none-" + nonce, 0o102, 0o600, 0'),
  // processes of its own
  ...(arm
    ? []
    : [native.body('forks', `${NATIVE} const child = sys(nr.fork); if (child === 0) raw(231, 0); return flag`)]),
  native.body(
    'clones itself',
    `${NATIVE} const child = sys(${nr(56, 220)}, 17, 0, 0, 0, 0); if (child === 0) raw(${nr(231, 94)}, 0); return flag`,
  ),
  call('runs code that has no file', 'nr.memfd_create', '"escape", 0'),
  call('executes a descriptor', 'nr.execveat', '-1, "", 0, 0, 0'),
  call('passes descriptors over its channel', 'nr.sendmsg', '-1, 0, 0'),
  call('watches files', 'nr.inotify_init1', '0'),
  call('reads and writes behind its back', 'nr.io_setup', '0, 0'),
  call('binds memory to a node', 'nr.mbind', '0, 0, 0, 0, 0, 0'),
  call('owns a file', 'nr.fchownat', '-1, "/none", 0, 0, 0'),
  // rights
  native.body(
    'becomes root',
    `${NATIVE} raw(${nr(105, 146)}, 0); if (sys(${nr(102, 174)}) !== 0) throw new Error('errno 1: still nobody'); return flag`,
    { wall: 'no capabilities, user namespace' },
  ),
  native.body(
    'keeps capabilities',
    `${NATIVE} const header = new Uint32Array([0x20080522, 0]), data = new Uint32Array(6); sys(${nr(125, 90)}, header, data); if (data[0] === 0 && data[3] === 0) throw new Error('errno 1: no capabilities'); return flag`,
    { wall: 'no capabilities' },
  ),
  native.body(
    'gains rights by executing',
    `${NATIVE} if (sys(${nr(157, 167)}, 39, 0, 0, 0, 0) === 1) throw new Error('errno 1: no new privileges'); return flag`,
    { wall: 'no new privileges' },
  ),
  native.body(
    'keeps living when its parent dies',
    `${NATIVE} if (sys(${nr(110, 173)}) <= 1) throw new Error('errno 1: it is the first process'); return flag`,
    { wall: 'process namespace' },
  ),
] as const
