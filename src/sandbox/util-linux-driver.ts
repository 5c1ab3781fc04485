import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Wall } from './driver.ts'

/** Programs of util-linux, and perl where there is one. */
export type UtilLinux = {
  readonly unshare: string
  readonly setsid: string
  readonly mount: string
  readonly mkdir: string
  readonly ln: string
  readonly perl: string
}

/** A file or folder of the host as the guest sees it, read-only. */
export type GuestFile = { readonly from: string; readonly at: string; readonly isFolder?: boolean }

export type UtilLinuxOrder = {
  readonly programs: UtilLinux
  /** An empty folder of the host, which the guest's root is mounted on: in its own mounts only. */
  readonly root: string
  /** A folder for tables of mounts. */
  readonly tables: string
  readonly files: readonly GuestFile[]
  /** Folders within them that the guest sees empty. */
  readonly hidden: readonly string[]
  /** One more folder, writable: the boot cache while it is filled. */
  readonly writable: GuestFile | null
  readonly devices: readonly string[]
  readonly scratchBytes: number
  readonly without: ReadonlySet<Wall>
  readonly hasSeccomp: boolean
  /** What the guest executes, as it sees it. */
  readonly program: readonly string[]
  /** What it finds where procfs would say which program it is; null for nothing. */
  readonly selfLink: string | null
  /** With the host's files in place of its own it still gets a /tmp of its own. */
  readonly hasScratchOnHost: boolean
  /** Where it executes it, as it sees it. */
  readonly home: string
}

const FOLDERS = ['/usr/local/bin', '/usr/bin', '/bin', '/usr/sbin', '/sbin']
const named = (name: string): string | null =>
  FOLDERS.map((folder) => path.join(folder, name)).find((file) => existsSync(file)) ?? null

/** @returns the programs that the walls are built with, or what is missing of them */
export function findUtilLinux(): UtilLinux | { readonly missing: string } {
  const names = ['unshare', 'setsid', 'mount', 'mkdir', 'ln', 'perl'] as const
  const [unshare, setsid, mount, mkdir, ln, perl] = names.map(named)
  if (unshare && setsid && mount && mkdir && ln && perl) return { unshare, setsid, mount, mkdir, ln, perl }
  return { missing: names.filter((name) => named(name) === null).join(', ') }
}

/** Can this process make namespaces? @returns what the kernel or `unshare` says, or null where it can */
export function whyNoNamespaces({ unshare }: UtilLinux): string | null {
  try {
    execFileSync(unshare, [...NAMESPACES.map(([flag]) => flag), '--fork', '--kill-child', '/bin/true'], {
      env: {},
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: 5_000,
    })
    return null
  } catch (error) {
    return error instanceof Error && 'stderr' in error ? String(error.stderr).trim().slice(0, 300) : 'it failed'
  }
}

const NAMESPACES: readonly (readonly [flag: string, wall: Wall | null])[] = [
  ['--user', null],
  // An ordinary user has one number to give away, and mount(8) works for number 0 alone. It is nobody in the end: see FINISH.
  ['--map-root-user', null],
  ['--mount', null],
  ['--cgroup', null],
  ['--ipc', 'ipc'],
  ['--pid', 'processes'],
  ['--net', 'network'],
  ['--uts', 'host name'],
]

/** Builds the guest's file system in mounts of its own. The text is constant; lists are lines of one argument. */
const BUILD = `set -ef
IFS='
'
root=$1 mount=$2 mkdir=$3 ln=$4 folders=$5 scratch=$6 inner=$7 files=$8 binds=$9; shift 9
self=$1 sealed=$2; shift 2
if [ "$root" != - ]; then
  "$mount" -t tmpfs -o nosuid,nodev,mode=755,size=1m tmpfs "$root"
  cd "$root"
  "$mkdir" -p $folders
  "$mount" -a -T "$scratch"
  "$mkdir" -p $inner
  for each in $files; do : > "$each"; done
  "$mount" -a -T "$binds"
  [ "$self" = - ] || "$ln" -s "$self" ./proc/self/exe
  for each in $sealed; do "$mount" -o remount,bind,ro,nosuid "$root/$each"; done
  cd "$root"
elif [ "$scratch" != - ]; then
  "$mount" -a -T "$scratch"
fi
exec "$@"`

/** The last steps need no program of the host, because there is none any more: the root is changed and the old one let go;
 * a second user namespace makes number 0 nobody, which may make no other; every capability is dropped for good, in the
 * bounding set too, privileges are closed and system calls filtered. Then the guest begins. Of procfs only two folders are
 * kept open until then: in the second namespace its maps and its limit are written through them. */
const FINISH = `
my ($calls, $steps, $home, @program) = @ARGV;
my ($pivot_root, $umount2, $prctl, $capset, $seccomp, $sethostname, $unshare, $openat, $write) = map { $_ + 0 } split /,/, $calls;
my %wants = map { $_ => 1 } split /,/, $steps;
sub must { my ($what, $result) = @_; $result >= 0 or die "$what: $!\\n"; $result }
sub put {
  my ($folder, $name, $text) = @_;
  my $file = syscall($openat, $folder, $name, 0x80001, 0);
  $file >= 0 && syscall($write, $file, $text, length $text) == length $text;
}
my $filter = '';
if ($wants{seccomp}) {
  open(my $in, '<&=3') or die "filter: $!\\n";
  binmode $in; local $/; $filter = <$in>; close $in;
  length($filter) > 0 or die "the filter is empty\\n";
}
my ($self, $limits, $name, $here) = ('/proc/self', '/proc/sys/user', 'sandbox', '.');
my $own = must('proc', syscall($openat, -100, $self, 0x80000, 0));
my $user = syscall($openat, -100, $limits, 0x80000, 0);
must('sethostname', syscall($sethostname, $name, length $name)) if $wants{hostname};
if ($wants{root}) {
  must('pivot_root', syscall($pivot_root, $here, $here));
  must('umount', syscall($umount2, $here, 2));
}
chdir $home or die "chdir: $!\\n";
must('unshare', syscall($unshare, 0x10000000));
put($own, 'setgroups', 'deny') && put($own, 'gid_map', '65534 0 1') && put($own, 'uid_map', '65534 0 1') or die "maps: $!\\n";
put($user, 'max_user_namespaces', '0') if $wants{namespaces};
my $last = 0;
$last++ while $last < 63 && syscall($prctl, 23, $last + 1, 0, 0, 0) >= 0;
my ($header, $high) = (pack('L2', 0x20080522, 0), (1 << ($last - 31)) - 1);
if ($wants{capabilities}) {
  must('securebits', syscall($prctl, 28, 0xcf, 0, 0, 0));
  must('bounding set', syscall($prctl, 24, $_, 0, 0, 0)) for 0 .. $last;
  must('ambient set', syscall($prctl, 47, 4, 0, 0, 0));
  my $none = pack('L6', (0) x 6);
  must('capset', syscall($capset, $header, $none));
} else {
  my $all = pack('L6', (0xffffffff) x 3, ($high) x 3);
  must('capset', syscall($capset, $header, $all));
  syscall($prctl, 47, 2, $_, 0, 0) for 0 .. $last;
}
must('no_new_privs', syscall($prctl, 38, 1, 0, 0, 0));
if ($wants{seccomp}) {
  my $program = pack('S x![P] P', length($filter) / 8, $filter);
  must('seccomp', syscall($seccomp, 1, 0, $program));
}
delete $ENV{OLDPWD};
$ENV{PWD} = $home;
exec { $program[0] } @program or die "exec: $!\\n";
`

/** pivot_root, umount2, prctl, capset, seccomp, sethostname, unshare, openat, write */
const CALLS: Readonly<Record<string, string>> = {
  x64: '155,166,157,126,317,170,272,257,1',
  arm64: '41,39,167,91,277,161,97,56,64',
}

/** Program and arguments that build the walls around `order.program` and become it. Its parent is `unshare`, whose end is
 * its end; its group of processes is its own. */
export function utilLinuxCommand(order: UtilLinuxOrder): readonly string[] {
  const { programs, without, tables } = order
  const unless = (wall: Wall, ...args: string[]): string[] => (without.has(wall) ? [] : args)
  const onHost = without.has('host files')
  const inRoot = (file: string): string => path.join(order.root, file)
  const bind = (from: string, at: string, options: string): string =>
    `${escaped(from)} ${escaped(inRoot(at))} none ${options} 0 0`
  const ownTmp = (at: string): string =>
    `tmpfs ${escaped(at)} tmpfs ${['nosuid,nodev,mode=1777', ...unless('scratch size', `size=${order.scratchBytes}`)].join(',')} 0 0`
  const scratch = [
    ownTmp(inRoot('/tmp')),
    `tmpfs ${escaped(inRoot('/dev'))} tmpfs ${['nosuid,noexec,mode=755', ...unless('devices', 'size=65536')].join(',')} 0 0`,
    ...(without.has('procfs') ? [`proc ${escaped(inRoot('/proc'))} proc nosuid,nodev,noexec 0 0`] : []),
  ]
  const writable = order.writable === null ? [] : [order.writable]
  const binds = [
    ...order.files.map(({ from, at }) => bind(from, at, 'bind,ro,nosuid,nodev')),
    ...order.hidden.map((at) => `tmpfs ${escaped(inRoot(at))} tmpfs ro,nosuid,nodev,size=65536 0 0`),
    ...writable.map(({ from, at }) => bind(from, at, 'bind,nosuid,nodev')),
    ...order.devices.map((device) => bind(device, device, 'bind')),
  ]
  const relative = (file: string): string => `.${file}`
  const isScratch = (file: string): boolean => file.startsWith('/tmp/') || file.startsWith('/dev/')
  const folders = [...new Set(order.files.map(({ at, isFolder }) => (isFolder ? at : path.posix.dirname(at))))]
  const plain = order.files.filter(({ isFolder }) => !isFolder).map(({ at }) => at)
  const self = without.has('procfs') ? null : order.selfLink
  const onHostScratch = order.hasScratchOnHost ? tableOf(tables, [ownTmp('/tmp')]) : '-'
  const within = [...folders.filter((folder) => isScratch(`${folder}/`)), ...writable.map(({ at }) => at), '/tmp']
  const steps = [
    ...(onHost ? [] : ['root']),
    ...unless('host name', 'hostname'),
    ...unless('user namespaces', 'namespaces'),
    ...unless('capabilities', 'capabilities'),
    ...(order.hasSeccomp ? unless('seccomp', 'seccomp') : []),
  ]
  const build = [
    onHost ? '-' : order.root,
    programs.mount,
    programs.mkdir,
    programs.ln,
    lines(
      [
        '/tmp',
        '/dev',
        ...(without.has('procfs') ? ['/proc'] : []),
        ...(self === null ? [] : ['/proc/self']),
        ...folders,
      ].map(relative),
    ),
    onHost ? onHostScratch : tableOf(tables, scratch),
    lines(within.map(relative)),
    lines([...plain, ...order.devices].map(relative)),
    tableOf(tables, binds),
    self ?? '-',
    lines([...unless('devices', 'dev'), ...unless('read-only root', '.')]),
  ]
  const finish = ['-e', FINISH, CALLS[process.arch] ?? '', steps.join(','), order.home, ...order.program]
  return [
    programs.unshare,
    ...NAMESPACES.flatMap(([flag, wall]) => (wall === null ? [flag] : unless(wall, flag))),
    '--fork',
    '--kill-child',
    ...unless('session', programs.setsid),
    '/bin/sh',
    '-c',
    BUILD,
    'sandbox',
    ...build,
    programs.perl,
    ...finish,
  ]
}

const lines = (all: readonly string[]): string => all.join('\n')

/** As fstab(5) writes names. */
const escaped = (name: string): string =>
  name.replace(/[\s\\#]/g, (each) => `\\${each.charCodeAt(0).toString(8).padStart(3, '0')}`)

/** A table of mounts that mount(8) reads at once: eighteen calls of it took longer than the boot of the guest. */
function tableOf(folder: string, entries: readonly string[]): string {
  const text = `${entries.join('\n')}\n`
  const file = path.join(folder, `mounts-${createHash('sha256').update(text).digest('hex').slice(0, 16)}`)
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    writeFileSync(file, text, { mode: 0o600 })
  }
  return file
}
