import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { aCaller } from '../test/support/callers.ts'
import type { BenchSite } from './bureau-site.ts'
import { encodeRequest } from './load/http-connection.ts'
import type { LoadRound } from './load/protocol.ts'
import type { Generator } from './load/start-generator.ts'
import { bootstrapPercentile, percentile, type Interval } from './statistics.ts'

export type OneRunEachResult = {
  readonly accounts: number
  /** Offered at the rate of the goal, when nobody expected them. */
  readonly first: { readonly runsPerSecond: number; readonly p50Ms: number; readonly p99Ms: number }
  /** Sandboxes that stood ready for the rounds after an idle time. */
  readonly blanks: number
  /** The same once the server had an idle time to boot blanks in. */
  readonly steady: {
    readonly offeredPerSecond: number
    readonly runsPerSecond: number
    readonly p50Ms: number
    readonly p99Ms: Interval
  }
  /** All at once, after another idle time: what the machine works off in a second. */
  readonly burst: { readonly runsPerSecond: number; readonly p50Ms: number; readonly p99Ms: number }
  readonly failures: Readonly<Record<string, number>>
  readonly firstFailure: string | null
}

const TARGET = 'Bureau, one run each'
/** A minute in which what is warm goes, and one to boot in. */
const IDLE_MS = 150_000
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
  const first = await generator.arrivals(TARGET, plan.accounts, plan.offeredPerSecond)
  // The same accounts again: what they had warm is gone by then.
  const blanks = await untilBlanksAreReady(site)
  const steady = await generator.arrivals(TARGET, plan.accounts, plan.offeredPerSecond)
  await untilBlanksAreReady(site)
  const burst = await generator.arrivals(TARGET, plan.accounts, BURST_PER_SECOND)
  await generator.close(TARGET)
  const perSecond = (round: LoadRound) => (round.answered / round.wallMs) * 1_000
  const failures: Record<string, number> = {}
  for (const { failures: of } of [first, steady, burst])
    for (const [status, count] of Object.entries(of)) failures[status] = (failures[status] ?? 0) + count
  return {
    accounts: plan.accounts,
    first: {
      runsPerSecond: perSecond(first),
      p50Ms: percentile(first.latenciesMs, 0.5),
      p99Ms: percentile(first.latenciesMs, 0.99),
    },
    blanks,
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
    firstFailure: first.firstFailure ?? steady.firstFailure ?? burst.firstFailure,
  }
}

const health = z.looseObject({ sandbox: z.looseObject({ blanks: z.int(), blanksWanted: z.int() }) })

/** Waits until the server has booted what it wants to have ready, or no longer does. @returns how many stand ready */
async function untilBlanksAreReady(site: BenchSite): Promise<number> {
  const until = performance.now() + IDLE_MS
  for (;;) {
    const answer = await fetch(new URL('/api/health', site.server.url))
    const { blanks, blanksWanted } = health.parse(await answer.json()).sandbox
    const isOver = performance.now() >= until
    // Warm sandboxes rest for a minute, and until then hold memory that blanks are wanted for.
    if (blanks >= blanksWanted || isOver) return blanks
    await pause(1_000)
  }
}
