import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { allowedCalls, refusedCalls, seccompProgram } from './seccomp.ts'

const headers = [
  ['x64', '/usr/include/x86_64-linux-gnu/asm/unistd_64.h'],
  ['arm64', '/usr/include/asm-generic/unistd.h'],
] as const

test.each(headers.filter(([, file]) => existsSync(file)))(
  'the numbers for %s are those of the kernel',
  (architecture, file) => {
    const numbers = new Map<string, number>()
    for (const [, name, number] of readFileSync(file, 'utf8').matchAll(/#define __NR(?:3264)?_(\w+)\s+(\d+)/g))
      if (name !== undefined) numbers.set(name, Number(number))
    const known = [...refusedCalls(architecture), ...allowedCalls(architecture)].filter(([name]) => numbers.has(name))
    expect(known.length).toBeGreaterThan(200)
    expect(known.map(([name, number]) => `${name} ${number}`)).toEqual(
      known.map(([name]) => `${name} ${numbers.get(name)}`),
    )
  },
)

test.each(['x64', 'arm64'])(
  'on %s the program refuses what it names, lets threads pass and nothing else of clone',
  (architecture) => {
    const program = seccompProgram(architecture)
    if (program === null) throw new Error('no program')
    const [audit, clone, ioctl, socketpair] =
      architecture === 'x64' ? [0xc000003e, 56, 16, 53] : [0xc00000b7, 220, 29, 199]
    const answer = (nr: number, ...args: number[]) => interpret(program, { audit, nr, args })
    const ALLOW = 0x7fff0000
    const EPERM = 0x50001
    const ENOSYS = 0x50026
    for (const number of refusedCalls(architecture).values()) expect(answer(number)).toBe(EPERM)
    for (const number of allowedCalls(architecture).values()) expect(answer(number)).toBe(ALLOW)
    expect(answer(435)).toBe(ENOSYS)
    const named = new Set([...refusedCalls(architecture).values(), ...allowedCalls(architecture).values()])
    const others = Array.from({ length: 1_024 }, (_, number) => number).filter((number) => !named.has(number))
    for (const number of others.filter((each) => ![clone, ioctl, socketpair].includes(each)))
      expect([number, answer(number)]).toEqual([number, ENOSYS])
    const threadFlags = 0x3d0f00
    expect(answer(clone, threadFlags)).toBe(ALLOW)
    expect(answer(clone, 17)).toBe(EPERM)
    expect(answer(clone, threadFlags | 0x10000000)).toBe(EPERM)
    expect(answer(socketpair, 1)).toBe(ALLOW)
    expect(answer(socketpair, 16)).toBe(EPERM)
    expect(answer(ioctl, 0, 0x5412)).toBe(EPERM)
    expect(answer(ioctl, 0, 0x541c)).toBe(EPERM)
    expect(answer(ioctl, 0, 0x5401)).toBe(ALLOW)
    expect(answer(architecture === 'x64' ? 1 : 64)).toBe(ALLOW)
    expect(interpret(program, { audit: 0x40000003, nr: 1, args: [] })).toBe(0x80000000)
    if (architecture === 'x64') expect(answer(0x40000000 + 1)).toBe(0x80000000)
  },
)

test('Python’s program passes fewer calls: no waiting for processes, no limits lifted, none that Deno’s refuses', () => {
  const [deno, python] = [allowedCalls('x64'), allowedCalls('x64', 'python')]
  expect([...python.keys()].filter((name) => !deno.has(name))).toEqual([])
  expect(python.size).toBeLessThan(deno.size - 40)
  const program = seccompProgram('x64', 'python')
  if (program === null) throw new Error('no program')
  const answer = (name: string) =>
    interpret(program, { audit: 0xc000003e, nr: deno.get(name) ?? refusedCalls('x64').get(name) ?? -1, args: [] })
  expect(['read', 'futex', 'execve'].map(answer)).toEqual([0x7fff0000, 0x7fff0000, 0x7fff0000])
  expect(['prctl', 'setrlimit', 'wait4', 'timer_create', 'setsid'].map(answer)).toEqual(Array(5).fill(0x50026))
  expect(['ptrace', 'socket', 'fork'].map(answer)).toEqual(Array(3).fill(0x50001))
})

/** A classic BPF machine, as far as the program uses it. */
function interpret(program: Buffer, call: { audit: number; nr: number; args: number[] }): number {
  const word = (offset: number): number =>
    offset === 0 ? call.nr : offset === 4 ? call.audit : (call.args[(offset - 16) / 8] ?? 0)
  let accumulator = 0
  for (let at = 0; at < program.length; at += 8) {
    const code = program.readUInt16LE(at)
    const value = program.readUInt32LE(at + 4)
    if (code === 0x06) return value
    if (code === 0x20) {
      accumulator = word(value) >>> 0
      continue
    }
    const isTrue =
      code === 0x15 ? accumulator === value : code === 0x35 ? accumulator >= value : (accumulator & value) !== 0
    at += 8 * (isTrue ? program.readUInt8(at + 2) : program.readUInt8(at + 3))
  }
  throw new Error('the program ran off its end')
}

/** What Docker's default profile keeps from a container without further capabilities (docs.docker.com, "Seccomp security
 * profiles for Docker", and its default profile as of 2026). */
const REFUSED_BY_DOCKER = [
  'acct add_key bpf clock_settime create_module delete_module fanotify_init finit_module fsconfig fsmount fsopen fspick',
  'get_kernel_syms get_mempolicy init_module io_uring_enter io_uring_register io_uring_setup ioperm iopl kcmp',
  'kexec_file_load kexec_load keyctl lookup_dcookie mbind migrate_pages mount mount_setattr move_mount move_pages',
  'nfsservctl open_by_handle_at open_tree perf_event_open personality pidfd_getfd pivot_root process_madvise quotactl',
  'quotactl_fd query_module reboot request_key set_mempolicy setdomainname sethostname setns settimeofday swapoff swapon',
  'sysfs syslog umount2 unshare uselib userfaultfd ustat vhangup chroot _sysctl',
].flatMap((line) => line.split(' '))

test.each(REFUSED_BY_DOCKER)('%s is refused, as Docker does by default', (name) => {
  for (const architecture of ['x64', 'arm64'] as const) {
    expect(allowedCalls(architecture).has(name)).toBe(false)
    const number = refusedCalls(architecture).get(name)
    // Some exist on one architecture only.
    if (architecture === 'x64') expect(number).toBeDefined()
  }
})
