import { createDatabase, statement } from '../../src/platform/database.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { startBenchSite, type BenchSite } from '../bureau-site.ts'
import { encodeRequest } from '../load/http-connection.ts'
import { startGenerator, type Generator } from '../load/start-generator.ts'
import { bootstrapMedian, median, percentile } from '../statistics.ts'
import { callersOf, type BenchCaller } from './callers-of.ts'

const CALLERS = 8
const ROUNDS = 15
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

/** The run path and the history page, on an empty database and on one with so many runs: two servers with a database
 * each, measured in turn within every round, so that what else the machine does weighs on both. */
export async function measureManyRows(rows: number, say: (line: string) => void): Promise<void> {
  await using stack = new AsyncDisposableStack()
  const generator = await startGenerator()
  stack.defer(() => generator.stop())
  const [empty, full] = [await startBenchSite(), await startBenchSite()]
  stack.defer(() => empty.stop())
  stack.defer(() => full.stop())
  const callers = await callersOf(full, CALLERS)
  await openTargets(generator, 'empty', empty, await callersOf(empty, CALLERS))
  await openTargets(generator, 'full', full, callers)
  const startedAt = performance.now()
  await fill(full, callers, rows)
  say(`${rows} rows in ${((performance.now() - startedAt) / 1_000).toFixed(0)} s`)
  const seen = await measure(generator)
  for (const path of ['run', 'page'] as const) {
    const ratio = bootstrapMedian(seen.full[path].map((ms, round) => ms / (seen.empty[path][round] ?? Number.NaN)))
    say(
      `${path === 'run' ? 'run' : 'history page'}: p50 ${median(seen.empty[path]).toFixed(2)} ms empty, ` +
        `${median(seen.full[path]).toFixed(2)} ms full, ratio ${ratio.median.toFixed(2)} ` +
        `[${ratio.low.toFixed(2)} - ${ratio.high.toFixed(2)}] (${CALLERS} callers, ${ROUNDS} rounds)`,
    )
  }
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

async function openTargets(
  generator: Generator,
  name: State,
  site: BenchSite,
  callers: readonly BenchCaller[],
): Promise<void> {
  const url = new URL('/api/runs?limit=20', site.server.url)
  await generator.open(
    `${name} run`,
    site.server.url,
    callers.map((caller) => caller.request(site.echo.agentId, site.echo.body)),
  )
  await generator.open(
    `${name} page`,
    site.server.url,
    callers.map(({ apiKey }) => encodeRequest('GET', url, { Authorization: `Bearer ${apiKey}` })),
  )
}

type State = 'empty' | 'full'
/** Milliseconds, one median a round. */
type P50s = { readonly run: number[]; readonly page: number[] }

async function measure(generator: Generator): Promise<Record<State, P50s>> {
  const seen: Record<State, P50s> = { empty: { run: [], page: [] }, full: { run: [], page: [] } }
  for (let round = 0; round <= ROUNDS; round += 1)
    for (const path of ['run', 'page'] as const)
      for (const state of round % 2 === 0 ? (['empty', 'full'] as const) : (['full', 'empty'] as const)) {
        const { firstFailure, latenciesMs } = await generator.round(`${state} ${path}`, CALLERS, ROUND_MS)
        if (firstFailure !== null) throw new Error(firstFailure)
        if (round > 0) seen[state][path].push(percentile(latenciesMs, 0.5)) // the first one warmed up
      }
  return seen
}
