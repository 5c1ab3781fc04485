import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** One setting of this machine: what was seen, and what to type where it should be otherwise. */
export type HostCheck = {
  readonly name: string
  /** `missing` keeps the grade below strong; `advice` is what a careful operator would change. */
  readonly state: 'ok' | 'advice' | 'missing'
  readonly evidence: string
  readonly mend: string | null
}

export type HostView = {
  /** A file's text without the line's end; null where there is none. */
  read(file: string): string | null
  list(folder: string): readonly string[]
  exists(file: string): boolean
  readonly isRoot: boolean
  readonly platform: string
  readonly arch: string
}

export const thisHost: HostView = {
  read(file) {
    try {
      return readFileSync(file, 'utf8').trim()
    } catch {
      // Another kernel, or not for us to read: the check says so.
      return null
    }
  },
  list(folder) {
    try {
      return readdirSync(folder)
    } catch {
      return []
    }
  },
  exists: existsSync,
  isRoot: process.getuid?.() === 0,
  platform: process.platform,
  arch: process.arch,
}

export const APPARMOR_PROFILE = 'deploy/apparmor/bureau-bwrap'

/** The settings of a host that isolation depends on. */
export function inspectHost(host: HostView, limiter: string): readonly HostCheck[] {
  if (host.platform !== 'linux')
    return [
      {
        name: 'operating system',
        state: 'missing',
        evidence: `${host.platform}: sandboxes of the operating system need Linux`,
        mend: null,
      },
    ]
  const sudo = (command: string): string => (host.isRoot ? command : `sudo ${command}`)
  return [
    kernel(host),
    userNamespaces(host, sudo),
    ...appArmor(host, sudo),
    seccomp(host),
    controlGroups(host, limiter),
    ...[
      ['kernel.dmesg_restrict', '1', 'the kernel’s log tells addresses to every process'],
      ['kernel.kptr_restrict', '1', 'addresses of the kernel are shown'],
      ['kernel.unprivileged_bpf_disabled', '1', 'every process may load programs into the kernel'],
      ['kernel.yama.ptrace_scope', '1', 'processes of one user may read each other'],
      ['fs.protected_symlinks', '1', 'links in /tmp are followed for others'],
      ['fs.protected_hardlinks', '1', 'files of others can be linked'],
    ].flatMap(([name = '', least = '', why = '']) => setting(host, sudo, name, least, why)),
    swap(host, sudo),
    ...vulnerabilities(host),
  ]
}

function kernel(host: HostView): HostCheck {
  const release = host.read('/proc/sys/kernel/osrelease') ?? 'unknown'
  const [major = 0, minor = 0] = release.split('.').map(Number)
  // 5.11 caches what a filter answers, so that a call costs the same however long the filter is.
  const isNew = major > 5 || (major === 5 && minor >= 11)
  return {
    name: 'kernel',
    state: isNew ? 'ok' : 'advice',
    evidence: isNew ? release : `${release}: from 5.11 on seccomp costs nothing`,
    mend: null,
  }
}

function userNamespaces(host: HostView, sudo: (command: string) => string): HostCheck {
  const most = host.read('/proc/sys/user/max_user_namespaces')
  const clone = host.read('/proc/sys/kernel/unprivileged_userns_clone')
  const name = 'user namespaces'
  if (most === null || Number(most) === 0)
    return {
      name,
      state: 'missing',
      evidence: `user.max_user_namespaces is ${most ?? 'not there'}`,
      mend: sudo('sysctl -w user.max_user_namespaces=15000'),
    }
  if (clone === '0')
    return {
      name,
      state: 'missing',
      evidence: 'kernel.unprivileged_userns_clone is 0',
      mend: sudo('sysctl -w kernel.unprivileged_userns_clone=1'),
    }
  return { name, state: 'ok', evidence: `user.max_user_namespaces is ${most}`, mend: null }
}

function appArmor(host: HostView, sudo: (command: string) => string): readonly HostCheck[] {
  const restricted = host.read('/proc/sys/kernel/apparmor_restrict_unprivileged_userns')
  if (restricted === null) return []
  const installed = host.exists('/etc/apparmor.d/bureau-bwrap') || host.exists('/etc/apparmor.d/bwrap-userns-restrict')
  const isOpen = restricted === '0' || installed || host.isRoot
  return [
    {
      name: 'AppArmor and user namespaces',
      state: isOpen ? 'ok' : 'missing',
      evidence: `kernel.apparmor_restrict_unprivileged_userns is ${restricted}${installed ? ', and a profile lets bubblewrap through' : ''}`,
      mend: isOpen
        ? null
        : `${sudo(`install -m 644 ${APPARMOR_PROFILE} /etc/apparmor.d/`)} && ${sudo('apparmor_parser -r /etc/apparmor.d/bureau-bwrap')}`,
    },
  ]
}

function seccomp(host: HostView): HostCheck {
  const actions = host.read('/proc/sys/kernel/seccomp/actions_avail')
  const isThere = actions?.includes('errno') === true && ['x64', 'arm64'].includes(host.arch)
  return {
    name: 'seccomp',
    state: isThere ? 'ok' : 'missing',
    evidence: isThere ? `actions: ${actions}` : `actions: ${actions ?? 'none'} on ${host.arch}`,
    mend: null,
  }
}

function controlGroups(host: HostView, limiter: string): HostCheck {
  if (limiter !== 'watchdog') return { name: 'memory and process limits', state: 'ok', evidence: limiter, mend: null }
  const hasV2 = host.exists('/sys/fs/cgroup/cgroup.controllers')
  return {
    name: 'memory and process limits',
    state: 'advice',
    evidence:
      'no control group can be written here: a watchdog looks at memory 50 times a second, and threads are not bounded',
    mend: hasV2 ? 'systemd-run --user --scope -p Delegate=yes npm start' : null,
  }
}

function setting(
  host: HostView,
  sudo: (command: string) => string,
  name: string,
  least: string,
  why: string,
): readonly HostCheck[] {
  const value = host.read(path.posix.join('/proc/sys', name.replaceAll('.', '/')))
  if (value === null) return []
  const isKept = Number(value) >= Number(least)
  return [
    {
      name,
      state: isKept ? 'ok' : 'advice',
      evidence: isKept ? value : `${value}: ${why}`,
      mend: isKept ? null : sudo(`sysctl -w ${name}=${least}`),
    },
  ]
}

function swap(host: HostView, sudo: (command: string) => string): HostCheck {
  const devices = (host.read('/proc/swaps') ?? '').split('\n').slice(1)
  return {
    name: 'swap',
    state: devices.length === 0 ? 'ok' : 'advice',
    evidence:
      devices.length === 0 ? 'none' : 'what agents and callers hold in memory may be written to a disk in the clear',
    mend: devices.length === 0 ? null : sudo('swapoff -a'),
  }
}

function vulnerabilities(host: HostView): readonly HostCheck[] {
  const folder = '/sys/devices/system/cpu/vulnerabilities'
  const open = host
    .list(folder)
    .map((name) => [name, host.read(path.posix.join(folder, name)) ?? ''] as const)
    .filter(([, text]) => text.startsWith('Vulnerable'))
  if (host.list(folder).length === 0) return []
  return [
    {
      name: 'processor',
      state: open.length === 0 ? 'ok' : 'advice',
      evidence:
        open.length === 0
          ? 'no known hole without a mitigation'
          : open.map(([name, text]) => `${name}: ${text}`).join('; '),
      mend:
        open.length === 0 ? null : 'install the newest microcode and kernel, and do not start it with mitigations=off',
    },
  ]
}
