import { aCaller } from '../test/support/callers.ts'
import type { BenchSite } from './bureau-site.ts'
import { encodeRequest } from './load/http-connection.ts'
import type { LoadRound } from './load/protocol.ts'
import type { Generator } from './load/start-generator.ts'
import { bootstrapPercentile, percentile, type Interval } from './statistics.ts'

export type OneRunEachResult = {
  readonly accounts: number
  /** Offered at the rate of the goal. */
  readonly steady: {
    readonly offeredPerSecond: number
    readonly runsPerSecond: number
    readonly p50Ms: number
    readonly p99Ms: Interval
  }
  /** All at once: what the machine works off in a second. */
  readonly burst: { readonly runsPerSecond: number; readonly p50Ms: number; readonly p99Ms: number }
  readonly failures: Readonly<Record<string, number>>
  readonly firstFailure: string | null
}

const TARGET = 'Bureau, one run each'
/** Far more than any machine boots: the queue takes them all. */
const BURST_PER_SECOND = 1_000

/** Many accounts that run one agent once each: every run is a cold start, and nobody waits for an answer before the next
 * arrives (open loop). */
export async function measureOneRunEach(
  generator: Generator,
  site: BenchSite,
  plan: { readonly accounts: number; readonly offeredPerSecond: number },
): Promise<OneRunEachResult> {
  const url = new URL(`/api/agents/${site.echo.agentId}/run`, site.server.url)
  const requests: Buffer[] = []
  for (let n = 1; n <= plan.accounts; n += 1) {
    const { apiKey } = await aCaller(site.db, 1_000_000_000n, `Once ${n}`)
    const headers = { Authorization: `Bearer ${apiKey}`, 'Content-Type': 'application/json' }
    requests.push(encodeRequest('POST', url, headers, site.echo.body))
  }
  await generator.open(TARGET, site.server.url, requests)
  const steady = await generator.arrivals(TARGET, plan.accounts, plan.offeredPerSecond)
  // The same accounts again: of a thousand, those that are still warm are the few that the memory holds.
  const burst = await generator.arrivals(TARGET, plan.accounts, BURST_PER_SECOND)
  await generator.close(TARGET)
  const perSecond = (round: LoadRound) => (round.answered / round.wallMs) * 1_000
  const failures: Record<string, number> = {}
  for (const { failures: of } of [steady, burst])
    for (const [status, count] of Object.entries(of)) failures[status] = (failures[status] ?? 0) + count
  return {
    accounts: plan.accounts,
    steady: {
      offeredPerSecond: plan.offeredPerSecond,
      runsPerSecond: perSecond(steady),
      p50Ms: percentile(steady.latenciesMs, 0.5),
      p99Ms: bootstrapPercentile(steady.latenciesMs, 0.99),
    },
    burst: {
      runsPerSecond: perSecond(burst),
      p50Ms: percentile(burst.latenciesMs, 0.5),
      p99Ms: percentile(burst.latenciesMs, 0.99),
    },
    failures,
    firstFailure: steady.firstFailure ?? burst.firstFailure,
  }
}
