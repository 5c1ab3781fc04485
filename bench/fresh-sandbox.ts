import type { Generator } from './load/start-generator.ts'
import { bootstrapPercentile, median, percentile, type Interval } from './statistics.ts'

export type FreshSandboxResult = {
  /** One caller who pauses, so that a blank is ready: over all runs, with intervals over runs. */
  readonly paced: { readonly runs: number; readonly p50Ms: Interval; readonly p99Ms: Interval }
  /** Eight callers in a closed loop: what the machine boots when blanks run out. */
  readonly closed: { readonly runsPerSecond: number; readonly p50Ms: number; readonly p99Ms: number }
  readonly failures: Readonly<Record<string, number>>
  readonly firstFailure: string | null
}

/** Long enough to boot the blank that was taken (about 20 ms on a quiet core) before the next run asks for one. */
const THINK_MS = 100

/** Runs that ask for a sandbox of their own (`Bureau-Isolation: run`).
 * @param target lanes whose requests carry that header, at least eight */
export async function measureFreshSandboxes(
  generator: Generator,
  target: string,
  plan: { readonly pacedMs: number; readonly closedMs: number },
): Promise<FreshSandboxResult> {
  await generator.round(target, 1, 1_000, THINK_MS)
  const paced = await generator.round(target, 1, plan.pacedMs, THINK_MS)
  const rounds = []
  for (let pass = 0; pass < 3; pass += 1) rounds.push(await generator.round(target, 8, plan.closedMs / 3))
  const failures: Record<string, number> = {}
  for (const round of [paced, ...rounds])
    for (const [status, count] of Object.entries(round.failures)) failures[status] = (failures[status] ?? 0) + count
  return {
    paced: {
      runs: paced.answered,
      p50Ms: bootstrapPercentile(paced.latenciesMs, 0.5),
      p99Ms: bootstrapPercentile(paced.latenciesMs, 0.99),
    },
    closed: {
      runsPerSecond: median(rounds.map((round) => (round.answered / round.wallMs) * 1_000)),
      p50Ms: median(rounds.map((round) => percentile(round.latenciesMs, 0.5))),
      p99Ms: median(rounds.map((round) => percentile(round.latenciesMs, 0.99))),
    },
    failures,
    firstFailure: [paced, ...rounds].find((round) => round.firstFailure !== null)?.firstFailure ?? null,
  }
}
