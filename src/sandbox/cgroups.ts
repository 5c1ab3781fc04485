import { accessSync, constants, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { isAlive } from './runtime-folder.ts'

/** The control group of one instance: its memory and process limits, and the kernel's own count of what it killed. */
export type InstanceGroup = {
  /** Files a process writes its own pid to in order to join, before it becomes the sandbox. */
  readonly joinFiles: readonly string[]
  setMemoryLimit(bytes: number): void
  /** How often the kernel killed in this group for want of memory: a fact no guest can forge. */
  outOfMemoryKills(): number
  /** Ends everything in it at once, where the kernel offers that (v2, from 5.14 on); nothing elsewhere. */
  kill(): void
  /** Removes the group once its processes are gone. */
  remove(): Promise<void>
}

export type CgroupLimiter = {
  readonly kind: 'cgroup-v1' | 'cgroup-v2'
  createGroup(memoryBytes: number, maxProcesses: number): InstanceGroup
  /** Removes this process's whole branch. */
  remove(): Promise<void>
}

const ROOT = '/sys/fs/cgroup'
const BRANCH = 'bureau-'

/** A branch per limiter, named by our pid so that a later start can tell whether its owner still lives. */
const branchName = (): string => `${BRANCH}${process.pid}-${randomBytes(3).toString('hex')}`

/** Finds where this process may make control groups, preferring its own place so that limits around it still hold.
 * @returns null where cgroups cannot be written: then RLIMIT_DATA and a watchdog stand in */
export function findCgroupLimiter(): CgroupLimiter | null {
  let own: string
  try {
    own = readFileSync('/proc/self/cgroup', 'utf8')
  } catch {
    // Not Linux, or no procfs.
    return null
  }
  return findV2(own) ?? findV1(own)
}

/** @param own what /proc/self/cgroup says   @param root where the hierarchy of cgroup v2 is mounted */
export function findV2(own: string, root: string = ROOT): CgroupLimiter | null {
  const line = own.split('\n').find((each) => each.startsWith('0::'))
  return line === undefined ? null : openV2(path.join(root, line.slice(3)))
}

function findV1(own: string): CgroupLimiter | null {
  const memory = mountOf(own, 'memory')
  const pids = mountOf(own, 'pids')
  if (memory === null) return null
  const name = branchName()
  const branches = [memory, ...(pids === null ? [] : [pids])].map((folder) => path.join(folder, name))
  const [memoryBranch, pidsBranch] = branches
  if (memoryBranch === undefined || !makeBranches(branches)) return null
  let groups = 0
  return {
    kind: 'cgroup-v1',
    createGroup(memoryBytes, maxProcesses) {
      const name = String(++groups)
      const folder = path.join(memoryBranch, name)
      mkdirSync(folder)
      const folders = [folder]
      const setMemoryLimit = (bytes: number): void => {
        const file = path.join(folder, 'memory.limit_in_bytes')
        writeFileSync(file, String(bytes))
        // With swap accounting the sum must be bounded as well; its file exists only then, and must be the larger one.
        tryWrite(path.join(folder, 'memory.memsw.limit_in_bytes'), String(bytes))
      }
      setMemoryLimit(memoryBytes)
      if (pidsBranch !== undefined) {
        const pidsFolder = path.join(pidsBranch, name)
        mkdirSync(pidsFolder)
        writeFileSync(path.join(pidsFolder, 'pids.max'), String(maxProcesses))
        folders.push(pidsFolder)
      }
      return {
        joinFiles: folders.map((each) => path.join(each, 'cgroup.procs')),
        setMemoryLimit(bytes) {
          // Raising needs the sum raised first.
          tryWrite(path.join(folder, 'memory.memsw.limit_in_bytes'), String(bytes))
          setMemoryLimit(bytes)
        },
        outOfMemoryKills: () => counter(path.join(folder, 'memory.oom_control'), 'oom_kill'),
        kill: () => undefined,
        remove: () => removeFolders(folders),
      }
    },
    remove: () => removeBranches(branches),
  }
}

function openV2(home: string): CgroupLimiter | null {
  const branch = path.join(home, branchName())
  try {
    if (!readFileSync(path.join(home, 'cgroup.controllers'), 'utf8').split(/\s+/).includes('memory')) return null
    accessSync(path.join(home, 'cgroup.subtree_control'), constants.W_OK)
    sweepBranches(home)
    enableControllers(home)
    mkdirSync(branch, { recursive: true })
    enableControllers(branch)
  } catch {
    // Not delegated to us (a plain container, an ordinary user without Delegate=yes): the watchdog stands in.
    return null
  }
  let groups = 0
  return {
    kind: 'cgroup-v2',
    createGroup(memoryBytes, maxProcesses) {
      const folder = path.join(branch, String(++groups))
      mkdirSync(folder)
      boundV2(folder, memoryBytes, maxProcesses)
      return openV2Group(folder)
    },
    remove: () => removeBranches([branch]),
  }
}

/** Memory without swap, and threads; whoever runs out of memory takes the whole group along. */
export function boundV2(folder: string, memoryBytes: number, maxProcesses: number): void {
  writeFileSync(path.join(folder, 'memory.max'), String(memoryBytes))
  tryWrite(path.join(folder, 'memory.swap.max'), '0')
  tryWrite(path.join(folder, 'memory.oom.group'), '1')
  tryWrite(path.join(folder, 'pids.max'), String(maxProcesses))
}

export function openV2Group(folder: string): InstanceGroup {
  return {
    joinFiles: [path.join(folder, 'cgroup.procs')],
    setMemoryLimit: (bytes) => writeFileSync(path.join(folder, 'memory.max'), String(bytes)),
    outOfMemoryKills: () => counter(path.join(folder, 'memory.events'), 'oom_kill'),
    kill: () => tryWrite(path.join(folder, 'cgroup.kill'), '1'),
    remove: () => removeFolders([folder]),
  }
}

/** A group with processes of its own may not hand controllers on; then this process moves into a leaf beside. */
function enableControllers(folder: string): void {
  const control = path.join(folder, 'cgroup.subtree_control')
  const available = readFileSync(path.join(folder, 'cgroup.controllers'), 'utf8').split(/\s+/)
  const wanted = ['memory', 'pids'].filter((each) => available.includes(each)).map((each) => `+${each}`)
  try {
    writeFileSync(control, wanted.join(' '))
  } catch {
    // EBUSY: we sit in it ourselves. Once more from a leaf; if others sit there too, this throws and v2 is given up.
    const leaf = path.join(folder, `${BRANCH}${process.pid}-supervisor`)
    mkdirSync(leaf, { recursive: true })
    writeFileSync(path.join(leaf, 'cgroup.procs'), String(process.pid))
    writeFileSync(control, wanted.join(' '))
  }
}

function mountOf(own: string, controller: string): string | null {
  for (const line of own.split('\n')) {
    const [, controllers, ...rest] = line.split(':')
    if (!controllers?.split(',').includes(controller)) continue
    const inside = path.join(ROOT, controller, rest.join(':'))
    for (const folder of [inside, path.join(ROOT, controller)]) {
      try {
        accessSync(path.join(folder, 'cgroup.procs'), constants.W_OK)
        return folder
      } catch {
        // In a container the path of /proc/self/cgroup may not exist below the mount: then the mount itself is ours.
      }
    }
  }
  return null
}

function makeBranches(branches: readonly string[]): boolean {
  try {
    for (const branch of branches) {
      sweepBranches(path.dirname(branch))
      mkdirSync(branch, { recursive: true })
    }
    return true
  } catch {
    // Readable but not ours to write.
    return false
  }
}

/** Removes the branches of supervisors that were killed before they could. */
function sweepBranches(home: string): void {
  for (const name of readdirSync(home)) {
    const pid = /^bureau-(\d+)(?:-\w+)?$/.exec(name)?.[1]
    if (pid === undefined || isAlive(Number(pid))) continue
    const branch = path.join(home, name)
    for (const inside of readdirSync(branch, { withFileTypes: true }))
      if (inside.isDirectory()) tryRemove(path.join(branch, inside.name))
    tryRemove(branch)
  }
}

function counter(file: string, name: string): number {
  try {
    const line = readFileSync(file, 'utf8')
      .split('\n')
      .find((each) => each.startsWith(`${name} `))
    return line === undefined ? 0 : Number(line.slice(name.length + 1))
  } catch {
    // The group is gone already: nothing was recorded.
    return 0
  }
}

function tryWrite(file: string, text: string): void {
  try {
    writeFileSync(file, text)
  } catch {
    // An optional knob this kernel does not have.
  }
}

function tryRemove(folder: string): boolean {
  try {
    rmdirSync(folder)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT'
  }
}

/** A group is busy for a moment after its last process ended. */
async function removeFolders(folders: readonly string[]): Promise<void> {
  for (let pauseMs = 1; pauseMs < 2_000; pauseMs *= 2) {
    const left = folders.filter((folder) => !tryRemove(folder))
    if (left.length === 0) return
    await sleep(pauseMs)
  }
}

async function removeBranches(branches: readonly string[]): Promise<void> {
  for (const branch of branches) {
    const inside = readdirSync(branch, { withFileTypes: true }).filter((each) => each.isDirectory())
    await removeFolders(inside.map((each) => path.join(branch, each.name)))
  }
  await removeFolders(branches)
}
