import type { ComparisonResult } from './side-by-side.ts'
import type { FreshSandboxResult } from './fresh-sandbox.ts'
import type { NoisyNeighbourResult } from './noisy-neighbour.ts'
import type { OneRunEachResult } from './one-run-each.ts'
import { judge, type Goal, type Interval, type Verdict } from './statistics.ts'

export type BenchResults = {
  readonly machine: string
  readonly startedAt: string
  readonly plan: { readonly rounds: number; readonly roundMs: number }
  readonly isolation: string
  readonly pools: Readonly<Record<string, number>>
  /** Requests a second of the generator against a server that only answers. */
  readonly ceiling: Readonly<Record<string, number>>
  readonly comparisons: readonly ComparisonResult[]
  readonly memory: { readonly serverRssMb: number; readonly treePssMb: number; readonly sandboxes: number }
  readonly fresh: FreshSandboxResult
  readonly oneRunEach: OneRunEachResult
  readonly noisy: NoisyNeighbourResult
}

export type Line = {
  readonly question: string
  readonly value: Interval
  readonly goal: Goal
  readonly verdict: Verdict
}

/** Every goal of the bench with its figure. A comparison with a failed run meets no goal: failing is faster than running. */
export function judgeAll(results: BenchResults): Line[] {
  const lines: Line[] = []
  const add = (question: string, value: Interval, goal: Goal, isClean: boolean): void => {
    lines.push({ question, value, goal, verdict: isClean ? judge(value, goal) : 'missed' })
  }
  for (const { name, connections, throughput, p50, bureau, bound } of results.comparisons) {
    const isClean = total(bureau.failures) + total(bound.failures) === 0
    add(`${name}: runs/s against the lower bound`, throughput, { atLeast: name === ONE_ACCOUNT ? 0.8 : 1 }, isClean)
    if (connections === 1) add(`${name}: p50 against the lower bound`, p50, { atMost: 2.5 }, isClean)
  }
  const freshIsClean = total(results.fresh.failures) === 0
  add('fresh sandbox, a blank ready: p50 ms', results.fresh.paced.p50Ms, { atMost: 10 }, freshIsClean)
  add('fresh sandbox, a blank ready: p99 ms', results.fresh.paced.p99Ms, { atMost: 40 }, freshIsClean)
  const { accounts, steady, burst, failures } = results.oneRunEach
  const eachIsClean = total(failures) === 0
  const burstRate = { median: burst.runsPerSecond, low: burst.runsPerSecond, high: burst.runsPerSecond }
  add(
    `${accounts} accounts, one run each, all at once after an idle time: runs/s`,
    burstRate,
    { atLeast: 60 },
    eachIsClean,
  )
  add(`… offered ${steady.offeredPerSecond}/s: p99 ms`, steady.p99Ms, { atMost: 1_000 }, eachIsClean)
  const noisyIsClean = results.noisy.failures === 0
  add('one spins, one eats memory: 8 others, p99 against before', results.noisy.p99, { atMost: 2 }, noisyIsClean)
  return lines
}

/** The name of the comparison in which all connections belong to one account. */
export const ONE_ACCOUNT = '32 of one account'

/** What `--json` writes. `ratio` holds the throughput ratios by number of accounts, `oneAccount` that
 * of 32 connections of one. */
export function toJson(results: BenchResults): string {
  const ratio: Record<string, Interval> = {}
  for (const { name, connections, throughput } of results.comparisons)
    if (name !== ONE_ACCOUNT) ratio[connections] = throughput
  const oneAccount = results.comparisons.find(({ name }) => name === ONE_ACCOUNT)?.throughput
  const p50AtOne = results.comparisons.find(({ connections }) => connections === 1)?.p50
  return `${JSON.stringify({ ratio, oneAccount, p50AtOne, goals: judgeAll(results), ...results }, null, 2)}\n`
}

/** The table in plain text. */
export function toText(results: BenchResults): string {
  const { plan, memory, fresh, noisy, oneRunEach } = results
  return [
    `${results.startedAt}  ${results.machine}  isolation ${results.isolation}`,
    `${plan.rounds} interleaved rounds of ${plan.roundMs} ms a side; ratio = median [95 % bootstrap interval]`,
    `lower bound: best pools ${entries(results.pools)} (connections: pool size)`,
    `generator alone: ${entries(results.ceiling)} answers/s (connections: rate)`,
    '',
    ...table([
      ['', 'side', 'runs/s', 'p50 ms', 'p99 ms', 'CPU s/1k runs', 'PostgreSQL CPU', 'generator', 'runs', 'failed'],
      ...results.comparisons.flatMap(({ name, bound, bureau }) =>
        [bound, bureau].map((side, index) => [
          index === 0 ? name : '',
          index === 0 ? 'bound' : 'Bureau',
          side.runsPerSecond.toFixed(0),
          side.p50Ms.toFixed(2),
          side.p99Ms.toFixed(2),
          side.serverCpuPerThousand.toFixed(3),
          side.postgresCpuPerThousand.toFixed(3),
          `${(side.generatorLoad * 100).toFixed(0)} %`,
          String(side.runs),
          total(side.failures) === 0 ? '0' : entries(side.failures),
        ]),
      ),
    ]),
    '',
    `memory under load: server ${memory.serverRssMb.toFixed(0)} MB RSS; with ${memory.sandboxes} sandbox processes ` +
      `${memory.treePssMb.toFixed(0)} MB PSS (PostgreSQL apart)`,
    `fresh sandboxes, closed loop of 8: ${fresh.closed.runsPerSecond.toFixed(0)}/s, ` +
      `p50 ${fresh.closed.p50Ms.toFixed(1)} ms, p99 ${fresh.closed.p99Ms.toFixed(1)} ms; failed ${entries(fresh.failures)}`,
    `${oneRunEach.accounts} accounts, one run each, unexpected: offered ${oneRunEach.steady.offeredPerSecond}/s, served ` +
      `${oneRunEach.first.runsPerSecond.toFixed(0)}/s, p50 ${oneRunEach.first.p50Ms.toFixed(0)} ms, p99 ` +
      `${oneRunEach.first.p99Ms.toFixed(0)} ms`,
    `the same with ${oneRunEach.blanks} blanks from an idle time: served ` +
      `${oneRunEach.steady.runsPerSecond.toFixed(0)}/s, p50 ${oneRunEach.steady.p50Ms.toFixed(0)} ms, p99 ` +
      `${oneRunEach.steady.p99Ms.median.toFixed(0)} ms; all at once ${oneRunEach.burst.runsPerSecond.toFixed(0)}/s, p99 ` +
      `${oneRunEach.burst.p99Ms.toFixed(0)} ms; failed ${entries(oneRunEach.failures)}`,
    `noisy neighbour: 8 callers p99 ${noisy.quiet.p99Ms.toFixed(1)} ms before, ${noisy.during.p99Ms.toFixed(1)} ms during ` +
      `(p50 ${noisy.quiet.p50Ms.toFixed(1)} / ${noisy.during.p50Ms.toFixed(1)}); ${noisy.failures} of their ` +
      `${noisy.quiet.runs + noisy.during.runs + noisy.failures} runs failed; the neighbour's: ${entries(noisy.neighbour)}`,
    ...firstFailures(results),
    '',
    ...table([
      ['', 'figure', '95 % interval', 'goal', 'verdict'],
      ...judgeAll(results).map(({ question, value, goal, verdict }) => [
        question,
        value.median.toFixed(2),
        `${value.low.toFixed(2)} - ${value.high.toFixed(2)}`,
        'atLeast' in goal ? `>= ${goal.atLeast}` : `<= ${goal.atMost}`,
        verdict,
      ]),
    ]),
    '',
  ].join('\n')
}

function firstFailures(results: BenchResults): string[] {
  const all = [
    ...results.comparisons.flatMap(({ name, bound, bureau }) => [
      [`${name}, bound`, bound.firstFailure] as const,
      [`${name}, Bureau`, bureau.firstFailure] as const,
    ]),
    ['fresh sandboxes', results.fresh.firstFailure] as const,
    ['one run each', results.oneRunEach.firstFailure] as const,
    ['noisy neighbour', results.noisy.firstFailure] as const,
  ]
  return all.flatMap(([where, failure]) => (failure === null ? [] : [`first failure (${where}): ${failure}`]))
}

const total = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((a, b) => a + b, 0)

const entries = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${name}: ${Math.round(count)}`)
    .join(', ') || 'none'

/** Columns as wide as their widest cell; the first to the left, figures to the right. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
}
