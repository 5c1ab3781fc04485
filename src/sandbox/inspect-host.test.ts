import { expect, test } from 'vitest'
import { inspectHost, type HostView } from './inspect-host.ts'

/** A machine whose settings are these files; what is not named is as on a sound one. */
function host(files: Readonly<Record<string, string | null>>, view: Partial<HostView> = {}): HostView {
  const all: Readonly<Record<string, string | null>> = {
    '/proc/sys/kernel/osrelease': '6.8.0-31-generic',
    '/proc/sys/user/max_user_namespaces': '15000',
    '/proc/sys/kernel/seccomp/actions_avail': 'kill_process kill_thread trap errno user_notif trace log allow',
    '/proc/sys/kernel/dmesg_restrict': '1',
    '/proc/swaps': 'Filename Type Size Used Priority',
    ...files,
  }
  return {
    read: (file) => all[file] ?? null,
    list: (folder) =>
      Object.keys(all)
        .filter((file) => file.startsWith(`${folder}/`))
        .map((file) => file.slice(folder.length + 1)),
    exists: (file) => Object.hasOwn(all, file) && all[file] !== null,
    isRoot: false,
    platform: 'linux',
    arch: 'x64',
    ...view,
  }
}

const problems = (view: HostView, limiter = 'cgroup-v2') =>
  inspectHost(view, limiter)
    .filter((check) => check.state !== 'ok')
    .map(({ name, state, mend }) => [name, state, mend])

test('a sound machine has nothing to mend', () => {
  expect(problems(host({}))).toEqual([])
})

test.each([
  [
    { '/proc/sys/user/max_user_namespaces': '0' },
    ['user namespaces', 'missing', 'sudo sysctl -w user.max_user_namespaces=15000'],
  ],
  [
    { '/proc/sys/kernel/unprivileged_userns_clone': '0' },
    ['user namespaces', 'missing', 'sudo sysctl -w kernel.unprivileged_userns_clone=1'],
  ],
  [
    { '/proc/sys/kernel/apparmor_restrict_unprivileged_userns': '1' },
    [
      'AppArmor and user namespaces',
      'missing',
      'sudo install -m 644 deploy/apparmor/bureau-bwrap /etc/apparmor.d/ && sudo apparmor_parser -r /etc/apparmor.d/bureau-bwrap',
    ],
  ],
  [{ '/proc/sys/kernel/seccomp/actions_avail': null }, ['seccomp', 'missing', null]],
  [{ '/proc/sys/kernel/osrelease': '5.4.0' }, ['kernel', 'advice', null]],
  [
    { '/proc/sys/kernel/dmesg_restrict': '0' },
    ['kernel.dmesg_restrict', 'advice', 'sudo sysctl -w kernel.dmesg_restrict=1'],
  ],
  [{ '/proc/swaps': 'Filename Type\n/dev/sda2 partition' }, ['swap', 'advice', 'sudo swapoff -a']],
  [
    { '/sys/devices/system/cpu/vulnerabilities/mds': 'Vulnerable: Clear CPU buffers attempted, no microcode' },
    ['processor', 'advice', 'install the newest microcode and kernel, and do not start it with mitigations=off'],
  ],
])('%j is told, with what mends it', (files, problem) => {
  expect(problems(host(files))).toEqual([problem])
})

test('with the profile installed AppArmor is no obstacle, nor for root', () => {
  const restricted = { '/proc/sys/kernel/apparmor_restrict_unprivileged_userns': '1' }
  expect(problems(host({ ...restricted, '/etc/apparmor.d/bureau-bwrap': '' }))).toEqual([])
  expect(problems(host(restricted, { isRoot: true }))).toEqual([])
})

test('without control groups systemd is asked to hand some over', () => {
  const view = host({ '/sys/fs/cgroup/cgroup.controllers': 'memory pids' })
  expect(problems(view, 'watchdog')).toEqual([
    ['memory and process limits', 'advice', 'systemd-run --user --scope -p Delegate=yes npm start'],
  ])
})

test('macOS is told that it cannot be strong', () => {
  expect(problems(host({}, { platform: 'darwin' }))).toEqual([['operating system', 'missing', null]])
})
