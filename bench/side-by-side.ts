import type { Generator } from './load/start-generator.ts'
import type { LoadRound } from './load/protocol.ts'
import { cpuMsBetween, readCpuTimes } from './process-usage.ts'
import { bootstrapMedian, median, percentile, type Interval } from './statistics.ts'

/** One of the two that are compared. CPU time is that of `roots` and their descendants, `without` and theirs left out. */
export type Side = { readonly target: string; readonly roots: readonly number[]; readonly without: readonly number[] }

/** One question: both sides at so many connections. */
export type Comparison = {
  readonly name: string
  readonly connections: number
  readonly bound: Side
  readonly bureau: Side
}

export type SideResult = {
  readonly runsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly serverCpuPerThousand: number
  readonly postgresCpuPerThousand: number
  readonly runs: number
  readonly failures: Readonly<Record<string, number>>
  readonly firstFailure: string | null
  /** Part of the wall time that the generator computed: near 1 it would be the bottleneck. */
  readonly generatorLoad: number
}

export type ComparisonResult = {
  readonly name: string
  readonly connections: number
  readonly rounds: number
  /** Bureau's runs a second over the lower bound's, round by round. */
  readonly throughput: Interval
  /** Bureau's p50 over the lower bound's, round by round. */
  readonly p50: Interval
  readonly bound: SideResult
  readonly bureau: SideResult
}

type Measured = { readonly load: LoadRound; readonly serverCpuMs: number; readonly postgresCpuMs: number }

/** Runs all comparisons interleaved: every round measures each of them on both sides, one right after the other and in
 * alternating order, so that what drifts on the machine drifts for both.
 * @param postgresPid postmaster of the PostgreSQL both use  @param rounds at least two */
export async function compareSideBySide(
  deps: { readonly generator: Generator; readonly postgresPid: number; readonly progress: (line: string) => void },
  comparisons: readonly Comparison[],
  plan: { readonly rounds: number; readonly roundMs: number; readonly warmUpMs: number },
): Promise<ComparisonResult[]> {
  const measured = new Map<Comparison, { bound: Measured[]; bureau: Measured[] }>()
  for (const comparison of comparisons) {
    measured.set(comparison, { bound: [], bureau: [] })
    // Twice, so that connections, sandboxes, prepared statements and compiled code are all there when it counts.
    for (let pass = 0; pass < 2; pass += 1)
      for (const side of [comparison.bound, comparison.bureau])
        await deps.generator.round(side.target, comparison.connections, plan.warmUpMs)
  }
  for (let round = 0; round < plan.rounds; round += 1) {
    for (const [comparison, results] of measured) {
      const order = round % 2 === 0 ? (['bound', 'bureau'] as const) : (['bureau', 'bound'] as const)
      for (const side of order) results[side].push(await measure(deps, comparison[side], comparison, plan.roundMs))
    }
    deps.progress(`round ${round + 1} of ${plan.rounds}`)
  }
  return [...measured].map(([comparison, { bound, bureau }]) => ({
    name: comparison.name,
    connections: comparison.connections,
    rounds: plan.rounds,
    throughput: bootstrapMedian(ratios(bureau, bound, (round) => round.answered / round.wallMs)),
    p50: bootstrapMedian(ratios(bureau, bound, (round) => percentile(round.latenciesMs, 0.5))),
    bound: summarise(bound),
    bureau: summarise(bureau),
  }))
}

async function measure(
  deps: { readonly generator: Generator; readonly postgresPid: number },
  side: Side,
  comparison: Comparison,
  roundMs: number,
): Promise<Measured> {
  const server = readCpuTimes(side.roots, side.without)
  const postgres = readCpuTimes([deps.postgresPid])
  const load = await deps.generator.round(side.target, comparison.connections, roundMs)
  if (load.answered === 0) throw new Error(`${side.target} answered no run: ${load.firstFailure ?? 'no answer'}`)
  return {
    load,
    serverCpuMs: cpuMsBetween(server, readCpuTimes(side.roots, side.without)),
    postgresCpuMs: cpuMsBetween(postgres, readCpuTimes([deps.postgresPid])),
  }
}

function ratios(above: readonly Measured[], below: readonly Measured[], of: (round: LoadRound) => number): number[] {
  return above.map((round, index) => {
    const other = below[index]
    if (other === undefined) throw new Error('a round without its other side')
    return of(round.load) / of(other.load)
  })
}

function summarise(rounds: readonly Measured[]): SideResult {
  const sum = (of: (round: Measured) => number) => rounds.reduce((total, round) => total + of(round), 0)
  const runs = sum((round) => round.load.answered)
  const failures: Record<string, number> = {}
  for (const { load } of rounds)
    for (const [status, count] of Object.entries(load.failures)) failures[status] = (failures[status] ?? 0) + count
  return {
    runsPerSecond: median(rounds.map(({ load }) => (load.answered / load.wallMs) * 1_000)),
    p50Ms: median(rounds.map(({ load }) => percentile(load.latenciesMs, 0.5))),
    p99Ms: median(rounds.map(({ load }) => percentile(load.latenciesMs, 0.99))),
    // Milliseconds a run are seconds a thousand runs.
    serverCpuPerThousand: sum((round) => round.serverCpuMs) / runs,
    postgresCpuPerThousand: sum((round) => round.postgresCpuMs) / runs,
    runs,
    failures,
    firstFailure: rounds.find(({ load }) => load.firstFailure !== null)?.load.firstFailure ?? null,
    generatorLoad: sum((round) => round.load.generatorCpuMs) / sum((round) => round.load.wallMs),
  }
}
