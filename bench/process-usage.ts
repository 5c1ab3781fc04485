import { readFileSync, readdirSync } from 'node:fs'

/** CPU time so far of each process of a tree, by process (pid and start time, since pids are used again). */
export type CpuTimes = ReadonlyMap<string, number>

/** `pssBytes` is proportional memory: a page shared by many counts once in all, so that 40 sandboxes of one binary are
 * not counted 40 times. */
export type Memory = { readonly processes: number; readonly pssBytes: number }

/** A clock tick of /proc/<pid>/stat. 100 on every Linux that Node supports (USER_HZ is fixed in the kernel's ABI). */
const TICK_MS = 10

/** Reads the CPU times of some trees. Each process's own only: what a killed sandbox used does not always reach its
 * parent's account (bwrap is killed with its child and waits for nobody), so sums with it can fall.
 * @param roots pids whose trees are read  @param without pids whose trees are left out (PostgreSQL under Bureau)
 * Source: proc_pid_stat(5): fields 14 and 15 are utime and stime in clock ticks, 22 is the start time. */
export function readCpuTimes(roots: readonly number[], without: readonly number[] = []): CpuTimes {
  return new Map(treeOf(roots, without).map(({ pid, startedAt, cpuMs }) => [`${pid}:${startedAt}`, cpuMs]))
}

/** CPU milliseconds used between two readings by the processes that live at the second. One that ended in between is not
 * counted, so this holds for rounds that start and end no processes. */
export function cpuMsBetween(before: CpuTimes, after: CpuTimes): number {
  let sum = 0
  for (const [id, cpuMs] of after) sum += cpuMs - (before.get(id) ?? 0)
  return sum
}

/** What the trees hold in memory now. Reading it costs milliseconds a process: not within a measured round. */
export function readMemory(roots: readonly number[], without: readonly number[] = []): Memory {
  const tree = treeOf(roots, without)
  const pss = (pid: number) =>
    Number(/^Pss:\s+(\d+) kB/m.exec(readOrNothing(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0) * 1_024
  return { processes: tree.length, pssBytes: tree.reduce((sum, { pid }) => sum + pss(pid), 0) }
}

/** Resident memory of one process in bytes, or 0 if it is gone. */
export function readRss(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readOrNothing(`/proc/${pid}/status`))?.[1] ?? 0) * 1_024
}

type Stat = { readonly pid: number; readonly parent: number; readonly startedAt: string; readonly cpuMs: number }

function treeOf(roots: readonly number[], without: readonly number[]): Stat[] {
  const children = new Map<number, Stat[]>()
  const open: Stat[] = []
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? readStat(Number(name)) : undefined
    if (stat === undefined) continue
    if (roots.includes(stat.pid)) open.push(stat)
    else children.set(stat.parent, [...(children.get(stat.parent) ?? []), stat])
  }
  const tree: Stat[] = []
  for (let stat = open.pop(); stat !== undefined; stat = open.pop()) {
    if (without.includes(stat.pid)) continue
    tree.push(stat)
    open.push(...(children.get(stat.pid) ?? []))
  }
  return tree
}

function readStat(pid: number): Stat | undefined {
  const text = readOrNothing(`/proc/${pid}/stat`)
  // The command name, in parentheses, may itself hold spaces and parentheses: read on from the last one.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const startedAt = fields[19]
  if (startedAt === undefined) return undefined
  return { pid, parent: Number(fields[1]), startedAt, cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS }
}

/** The text, or nothing: a process may end, or belong to someone else, between listing and reading. */
function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
