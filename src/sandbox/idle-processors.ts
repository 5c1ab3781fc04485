import { cpus, type CpuInfo } from 'node:os'

const LEAST_MS = 90
const STALE_MS = 1_000

/** Tells what part of this machine's processors nobody wanted between the last two looks, from 0 to 1. After a second
 * without a look it says 0, because a mean over a longer time says nothing about now.
 * @param processors what the system says of them since it booted */
export function createIdleProcessors(
  monotonicMs: () => number,
  processors: () => readonly Pick<CpuInfo, 'times'>[] = cpus,
): () => number {
  let last = { atMs: -Infinity, ...read(processors()) }
  let share = 0
  return () => {
    const atMs = monotonicMs()
    const passedMs = atMs - last.atMs
    // Processor times count in ticks of 10 ms.
    if (passedMs < LEAST_MS) return share
    const now = { atMs, ...read(processors()) }
    share = passedMs > STALE_MS || now.allMs <= last.allMs ? 0 : (now.idleMs - last.idleMs) / (now.allMs - last.allMs)
    last = now
    return share
  }
}

function read(processors: readonly Pick<CpuInfo, 'times'>[]): { idleMs: number; allMs: number } {
  let idleMs = 0
  let allMs = 0
  for (const { times } of processors) {
    idleMs += times.idle
    allMs += times.user + times.nice + times.sys + times.irq + times.idle
  }
  return { idleMs, allMs }
}
