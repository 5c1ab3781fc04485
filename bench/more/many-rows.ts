import { createDatabase, statement } from '../../src/platform/database.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { startBenchSite, type BenchSite } from '../bureau-site.ts'
import { encodeRequest } from '../load/http-connection.ts'
import { startGenerator, type Generator } from '../load/start-generator.ts'
import { median, percentile } from '../statistics.ts'
import { callersOf, type BenchCaller } from './callers-of.ts'

const CALLERS = 8
const ROUNDS = 5
const ROUND_MS = 1_000
const ROWS_AT_ONCE = 100_000

/** Ended runs of the last minutes, so that they lie in the partition that the measured runs are written to; a hundredth
 * of them the measured callers' own, the rest those of other accounts. */
const FILL = statement(
  'bench.fill_runs',
  `insert into runs (id, account_id, principal, agent_id, version, creator_account_id, status, input, output, owner,
     created_at, deadline_at, finished_at, charge_micro, creator_micro, events, started_cold, wait_ms, run_ms)
   select (substr(uuid_v7_floor(now() - n * interval '1 millisecond')::text, 1, 14) || '7' ||
       substr(gen_random_uuid()::text, 16))::uuid,
     case when n % 100 = 0 then $2 else 'filler-' || n % 5000 end, 'user:filler', $3, 1, 'filler', 'succeeded', $4, $4,
     gen_random_uuid(), now(), now(), now(), 0, 0, '[]', false, 0, 1
   from generate_series(1, $1::int) n`,
)
const ANALYZE = statement('bench.analyze', 'vacuum (analyze) runs')

/** The run path and the history page, on an empty database and on one with so many runs. Both states of one start, one
 * after the other: what the machine does meanwhile shows in the lower figures' spread. */
export async function measureManyRows(rows: number, say: (line: string) => void): Promise<void> {
  await using stack = new AsyncDisposableStack()
  const generator = await startGenerator()
  stack.defer(() => generator.stop())
  const site = await startBenchSite()
  stack.defer(() => site.stop())
  const callers = await callersOf(site, CALLERS)
  await openTargets(generator, site, callers)
  const before = await measure(generator)
  say(`empty: ${describe(before)}`)
  const startedAt = performance.now()
  await fill(site, callers, rows)
  say(`${rows} rows in ${((performance.now() - startedAt) / 1_000).toFixed(0)} s`)
  const after = await measure(generator)
  say(`full:  ${describe(after)}`)
  say(
    `full / empty: run p50 ${(after.run / before.run).toFixed(2)}, history page p50 ${(after.page / before.page).toFixed(2)}`,
  )
}

async function fill(site: BenchSite, callers: readonly BenchCaller[], rows: number): Promise<void> {
  const log = createLogger('error', 2)
  const db = createDatabase({ url: site.databaseUrl, poolMax: 1, statementTimeoutMs: 600_000, log, name: 'fill' })
  await db.start(AbortSignal.timeout(10_000))
  try {
    const blob = Buffer.from([0, ...Buffer.from(site.echo.body)])
    for (let done = 0; done < rows; done += ROWS_AT_ONCE) {
      const caller = callers[(done / ROWS_AT_ONCE) % callers.length]
      if (caller === undefined) throw new Error('no caller')
      await db.execute(FILL, [Math.min(ROWS_AT_ONCE, rows - done), caller.accountId, site.echo.agentId, blob])
    }
    await db.execute(ANALYZE, [])
  } finally {
    await db.stop()
  }
}

async function openTargets(generator: Generator, site: BenchSite, callers: readonly BenchCaller[]): Promise<void> {
  const url = new URL('/api/runs?limit=20', site.server.url)
  await generator.open(
    'runs',
    site.server.url,
    callers.map((caller) => caller.request(site.echo.agentId, site.echo.body)),
  )
  await generator.open(
    'pages',
    site.server.url,
    callers.map(({ apiKey }) => encodeRequest('GET', url, { Authorization: `Bearer ${apiKey}` })),
  )
}

type P50 = { readonly run: number; readonly page: number }

async function measure(generator: Generator): Promise<P50> {
  const runs: number[] = []
  const pages: number[] = []
  for (let round = 0; round <= ROUNDS; round += 1) {
    const run = await generator.round('runs', CALLERS, ROUND_MS)
    const page = await generator.round('pages', CALLERS, ROUND_MS)
    if (run.firstFailure !== null || page.firstFailure !== null)
      throw new Error(run.firstFailure ?? page.firstFailure ?? 'failed')
    if (round === 0) continue // it warmed up
    runs.push(percentile(run.latenciesMs, 0.5))
    pages.push(percentile(page.latenciesMs, 0.5))
  }
  return { run: median(runs), page: median(pages) }
}

const describe = ({ run, page }: P50): string =>
  `run p50 ${run.toFixed(2)} ms, history page p50 ${page.toFixed(2)} ms (${CALLERS} callers)`
