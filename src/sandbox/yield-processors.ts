import { readdirSync, writeFileSync } from 'node:fs'
import { getPriority, setPriority } from 'node:os'

/** Lets a guest have the processors after everybody with a smaller niceness. A guest leads a session of its own, and where
 * Linux shares processors between sessions first (sched_autogroup, on desktops and small servers), each weighs as much as
 * this server, and what niceness its threads have counts among themselves only: its session has to be nice. Elsewhere,
 * in containers and services, which are control groups, the threads' own is what counts. See sched(7).
 * @returns false where the kernel wants to be asked again: it takes ten changes a second from all ordinary users */
export function yieldProcessors(pid: number, niceness: number): boolean {
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`).map(Number))
      if (getPriority(thread) < niceness) setPriority(thread, niceness)
  } catch {
    // It has just ended, or there is no procfs.
    return true
  }
  try {
    writeFileSync(`/proc/${pid}/autogroup`, String(niceness))
    return true
  } catch (error) {
    // Any other: there are no such sessions here.
    return !(error instanceof Error && 'code' in error && error.code === 'EAGAIN')
  }
}
