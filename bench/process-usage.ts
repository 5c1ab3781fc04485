import { readFileSync, readdirSync } from 'node:fs'

/** What a process and its descendants have used. `pssBytes` is their proportional memory: shared pages counted once
 * over all sharers, so that 40 sandboxes of one binary are not counted 40 times. */
export type Usage = { readonly cpuMs: number; readonly processes: number; readonly pssBytes: number }

/** A clock tick of /proc/<pid>/stat. 100 on every Linux that Node supports (USER_HZ is fixed in the kernel's ABI). */
const TICK_MS = 10

type Stat = { readonly pid: number; readonly parent: number; readonly cpuMs: number }

/** CPU time of a process tree, dead and waited-for descendants included.
 * @param roots their trees are added up  @param without trees that are left out (PostgreSQL under Bureau)
 * Source: proc_pid_stat(5): fields 14-17 are utime, stime, cutime and cstime in clock ticks. */
export function readUsage(roots: readonly number[], without: readonly number[] = []): Usage {
  const children = new Map<number, Stat[]>()
  const byPid = new Map<number, Stat>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const stat = readStat(Number(name))
    if (stat === undefined) continue
    byPid.set(stat.pid, stat)
    children.set(stat.parent, [...(children.get(stat.parent) ?? []), stat])
  }
  let cpuMs = 0
  let processes = 0
  let pssBytes = 0
  const open = roots.flatMap((pid) => byPid.get(pid) ?? [])
  for (let stat = open.pop(); stat !== undefined; stat = open.pop()) {
    if (without.includes(stat.pid)) continue
    cpuMs += stat.cpuMs
    processes += 1
    pssBytes += readPss(stat.pid)
    open.push(...(children.get(stat.pid) ?? []))
  }
  return { cpuMs, processes, pssBytes }
}

/** Resident memory of one process in bytes, or 0 if it is gone. */
export function readRss(pid: number): number {
  const text = readOrNothing(`/proc/${pid}/status`)
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1_024
}

function readStat(pid: number): Stat | undefined {
  const text = readOrNothing(`/proc/${pid}/stat`)
  // The command name, in parentheses, may itself hold spaces and parentheses: read on from the last one.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  if (fields.length < 15) return undefined
  const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0)
  return { pid, parent: Number(fields[1]), cpuMs: ticks * TICK_MS }
}

function readPss(pid: number): number {
  return Number(/^Pss:\s+(\d+) kB/m.exec(readOrNothing(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0) * 1_024
}

/** The text, or nothing: a process may end, or belong to someone else, between listing and reading. */
function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
