import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { eventually } from '../../test/support/eventually.ts'
import { boundV2, findV2, openV2Group } from './cgroups.ts'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const each of undo.splice(0).toReversed()) await each()
})

function aFolder(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'bureau-cgroup-test-'))
  undo.push(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text)
  return folder
}

const filesOf = (folder: string): Readonly<Record<string, string>> =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(path.join(folder, name), 'utf8').trim()]))

test('by v2 a group gets memory without swap, threads, and dies whole', () => {
  const folder = aFolder({ 'memory.events': 'low 0\nhigh 3\nmax 7\noom 2\noom_kill 2\noom_group_kill 1\n' })
  boundV2(folder, 1_000_000, 30)
  const group = openV2Group(folder)
  expect(group.outOfMemoryKills()).toBe(2)
  group.setMemoryLimit(2_000_000)
  group.kill()
  expect(filesOf(folder)).toMatchObject({
    'memory.max': '2000000',
    'memory.swap.max': '0',
    'memory.oom.group': '1',
    'pids.max': '30',
    'cgroup.kill': '1',
  })
  expect(group.joinFiles).toEqual([path.join(folder, 'cgroup.procs')])
})

test('a hierarchy of v2 without the memory controller is no limiter, and is left as it is', () => {
  const root = aFolder({ 'cgroup.controllers': 'cpu hugetlb\n', 'cgroup.subtree_control': '' })
  expect(findV2('0::/\n', root)).toBeNull()
  expect(filesOf(root)).toEqual({ 'cgroup.controllers': 'cpu hugetlb', 'cgroup.subtree_control': '' })
  // A machine with v1 alone has no such line.
  expect(findV2('12:memory:/a\n', root)).toBeNull()
})

/** Where this machine has a hierarchy of v2, with whatever controllers. */
const mounted = mountOfV2()
function mountOfV2(): string | null {
  const mounts = existsSync('/proc/self/mountinfo') ? readFileSync('/proc/self/mountinfo', 'utf8').split('\n') : []
  return mounts.find((line) => line.includes(' - cgroup2 '))?.split(' ')[4] ?? null
}

// An empty list instead of `skipIf`: a machine without such a hierarchy lacks nothing that anybody could install.
const writable = mounted === null || process.getuid?.() !== 0 ? [] : [mounted]
test.each(writable)(
  'in the hierarchy of v2 at %s a process joins before it becomes another, and all of the group ends at once',
  async (root) => {
    const name = `bureau-${process.pid}-test`
    const folder = path.join(root, name)
    mkdirSync(folder)
    const group = openV2Group(folder)
    undo.push(async () => {
      group.kill()
      await group.remove()
    })
    // A child that leaves the group of processes, which a signal to that group would miss.
    const script = 'echo $$ > "$1"; setsid sleep 600 & exec sleep 600'
    const child = spawn('/bin/sh', ['-c', script, 'join', ...group.joinFiles], { stdio: 'ignore', detached: true })
    const gone = once(child, 'exit')
    const inside = (): readonly string[] =>
      readFileSync(path.join(folder, 'cgroup.procs'), 'utf8')
        .split('\n')
        .filter((each) => each !== '')
    await eventually(() => expect(inside().length).toBe(2), { withinMs: 5_000 })
    expect(readFileSync(`/proc/${child.pid}/cgroup`, 'utf8')).toContain(`/${name}\n`)
    group.kill()
    expect(await gone).toEqual([null, 'SIGKILL'])
    await group.remove()
    expect(existsSync(folder)).toBe(false)
  },
)

const limiter = findV2(existsSync('/proc/self/cgroup') ? readFileSync('/proc/self/cgroup', 'utf8') : '')
test.each(limiter === null ? [] : [limiter])(
  'by %o the kernel ends who takes too much memory, and counts it',
  async (v2) => {
    const group = v2.createGroup(30_000_000, 30)
    undo.push(async () => {
      await group.remove()
      await v2.remove()
    })
    const script = 'echo $$ > "$1"; exec perl -e \'my @a; push @a, "x" x 1_000_000 for 1 .. 200\''
    const child = spawn('/bin/sh', ['-c', script, 'join', ...group.joinFiles], { stdio: 'ignore' })
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL'])
    expect(group.outOfMemoryKills()).toBeGreaterThan(0)
  },
)
