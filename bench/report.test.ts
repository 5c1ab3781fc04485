import { expect, test } from 'vitest'
import { z } from 'zod'
import { judgeAll, ONE_ACCOUNT, toJson, toText, type BenchResults } from './report.ts'
import type { ComparisonResult, SideResult } from './side-by-side.ts'

const interval = (median: number, low = median, high = median) => ({ median, low, high })

const side: SideResult = {
  runsPerSecond: 1_000,
  p50Ms: 1,
  p99Ms: 2,
  serverCpuPerThousand: 0.5,
  postgresCpuPerThousand: 0.2,
  runs: 30_000,
  failures: {},
  firstFailure: null,
  generatorLoad: 0.2,
}

const comparison = (name: string, connections: number, throughput = interval(1.2)): ComparisonResult => ({
  name,
  connections,
  rounds: 15,
  throughput,
  p50: interval(2),
  bound: side,
  bureau: side,
})

const results: BenchResults = {
  machine: '2 x CPU',
  startedAt: '2026-11-23T00:00:00.000Z',
  plan: { rounds: 15, roundMs: 2_000 },
  isolation: 'strong',
  pools: { '32': 16 },
  ceiling: { '32': 50_000 },
  comparisons: [
    comparison('1 account', 1),
    comparison('8 accounts', 8, interval(1.1, 0.9, 1.3)),
    comparison('32 accounts', 32),
    comparison(ONE_ACCOUNT, 32, interval(0.9)),
  ],
  memory: { serverRssMb: 200, treePssMb: 1_500, sandboxes: 34 },
  fresh: {
    paced: { runs: 400, p50Ms: interval(6), p99Ms: interval(50, 30, 80) },
    closed: { runsPerSecond: 60, p50Ms: 100, p99Ms: 200 },
    failures: {},
    firstFailure: null,
  },
  oneRunEach: {
    accounts: 1_000,
    first: { runsPerSecond: 25, p50Ms: 12_000, p99Ms: 25_000 },
    blanks: 700,
    steady: { offeredPerSecond: 60, runsPerSecond: 59, p50Ms: 20, p99Ms: interval(900, 800, 1_100) },
    burst: { runsPerSecond: 70, p50Ms: 7_000, p99Ms: 14_000 },
    failures: {},
    firstFailure: null,
  },
  noisy: {
    quiet: { runs: 1_000, p50Ms: 2, p99Ms: 5 },
    during: { runs: 900, p50Ms: 3, p99Ms: 9 },
    p99: interval(1.8),
    failures: 0,
    firstFailure: null,
    neighbour: { '504': 10 },
  },
}

test('the JSON holds the throughput ratio by number of accounts, each with its interval', () => {
  const json = z.looseObject({ ratio: z.unknown(), oneAccount: z.unknown() }).parse(JSON.parse(toJson(results)))
  expect(json.ratio).toEqual({ '1': interval(1.2), '8': interval(1.1, 0.9, 1.3), '32': interval(1.2) })
  expect(json.oneAccount).toEqual(interval(0.9))
})

test('an interval across its goal leaves it open, and the goal for one account is its own', () => {
  const verdicts = new Map(judgeAll(results).map(({ question, verdict }) => [question, verdict]))
  expect(verdicts.get('32 accounts: runs/s against the lower bound')).toBe('met')
  expect(verdicts.get('8 accounts: runs/s against the lower bound')).toBe('open')
  expect(verdicts.get(`${ONE_ACCOUNT}: runs/s against the lower bound`)).toBe('met')
  expect(verdicts.get('fresh sandbox, a blank ready: p99 ms')).toBe('open')
  expect(verdicts.get('1000 accounts, one run each, all at once after an idle time: runs/s')).toBe('met')
  expect(verdicts.get('… offered 60/s: p99 ms')).toBe('open')
})

test('one failed run misses the goal, however fast the others were, and the table says what failed', () => {
  const failing = {
    ...comparison('32 accounts', 32),
    bureau: { ...side, failures: { '500': 1 }, firstFailure: '500: oh no' },
  }
  const spoiled = { ...results, comparisons: [failing], noisy: { ...results.noisy, failures: 1 } }
  const verdicts = judgeAll(spoiled).map(({ verdict }) => verdict)
  expect(verdicts[0]).toBe('missed')
  expect(verdicts.at(-1)).toBe('missed')
  expect(toText(spoiled)).toContain('500: oh no')
})
