import type { Generator } from './load/start-generator.ts'
import type { LoadRound } from './load/protocol.ts'
import { bootstrapMedian, percentile, type Interval } from './statistics.ts'

export type NoisyNeighbourResult = {
  readonly quiet: { readonly runs: number; readonly p50Ms: number; readonly p99Ms: number }
  readonly during: { readonly runs: number; readonly p50Ms: number; readonly p99Ms: number }
  /** p99 during over p99 before, round by round (a quiet and a noisy round make a pair). */
  readonly p99: Interval
  /** Runs of the eight callers that did not succeed, quiet and noisy rounds together. */
  readonly failures: number
  readonly firstFailure: string | null
  /** What became of the neighbour's own runs, by HTTP status. */
  readonly neighbour: Readonly<Record<string, number>>
}

const CALLERS = 8
/** Callers that pause: the question is what the neighbour does to them, not how they queue behind each other. */
const THINK_MS = 20

/** Eight callers of one agent, in pairs of rounds: alone, then while a second generator keeps one agent spinning for ever
 * and another eating memory.
 * @param target eight lanes of the well-behaved agent  @param noise lanes of the two bad ones, at the other generator */
export async function measureNoisyNeighbour(
  deps: { readonly generator: Generator; readonly neighbour: Generator; readonly progress: (line: string) => void },
  target: string,
  noise: { readonly target: string; readonly connections: number },
  plan: { readonly pairs: number; readonly roundMs: number; readonly settleMs: number },
): Promise<NoisyNeighbourResult> {
  const quiet: LoadRound[] = []
  const during: LoadRound[] = []
  const outcomes: Record<string, number> = {}
  await deps.generator.round(target, CALLERS, 1_000, THINK_MS)
  for (let pair = 0; pair < plan.pairs; pair += 1) {
    quiet.push(await deps.generator.round(target, CALLERS, plan.roundMs, THINK_MS))
    const noisy = deps.neighbour.round(noise.target, noise.connections, plan.settleMs + plan.roundMs)
    // The neighbour gets its sandboxes and its first victims before the others' time is taken.
    await new Promise((resolve) => setTimeout(resolve, plan.settleMs))
    during.push(await deps.generator.round(target, CALLERS, plan.roundMs, THINK_MS))
    const round = await noisy
    if (round.answered > 0) outcomes['200'] = (outcomes['200'] ?? 0) + round.answered
    for (const [status, count] of Object.entries(round.failures)) outcomes[status] = (outcomes[status] ?? 0) + count
    deps.progress(`pair ${pair + 1} of ${plan.pairs}`)
  }
  const ratios = during.map((round, index) => {
    const before = quiet[index]
    if (before === undefined) throw new Error('a noisy round without its quiet one')
    return percentile(round.latenciesMs, 0.99) / percentile(before.latenciesMs, 0.99)
  })
  const all = [...quiet, ...during]
  return {
    quiet: describe(quiet),
    during: describe(during),
    p99: bootstrapMedian(ratios),
    failures: all.reduce((sum, round) => sum + Object.values(round.failures).reduce((a, b) => a + b, 0), 0),
    firstFailure: all.find((round) => round.firstFailure !== null)?.firstFailure ?? null,
    neighbour: outcomes,
  }
}

function describe(rounds: readonly LoadRound[]): NoisyNeighbourResult['quiet'] {
  const latencies = Float64Array.from(rounds.flatMap((round) => [...round.latenciesMs])).sort()
  return { runs: latencies.length, p50Ms: percentile(latencies, 0.5), p99Ms: percentile(latencies, 0.99) }
}
