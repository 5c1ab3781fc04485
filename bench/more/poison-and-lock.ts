import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { aCaller } from '../../test/support/callers.ts'
import { publishAgent } from '../../test/support/publish-agent.ts'
import { startBenchSite } from '../bureau-site.ts'
import { startGenerator } from '../load/start-generator.ts'
import { measureNoisyNeighbour } from '../noisy-neighbour.ts'
import { callersOf } from './callers-of.ts'

const CALLERS = 8
const ROUND_MS = 6_000
const LOCK_MS = 5_000
/** What JSON allows and PostgreSQL's text does not: U+0000, a lone surrogate, a deep nest. */
const POISON = `let n = 0
export default async () => {
  n += 1
  if (n % 3 === 0) return { text: 'a\\u0000b' }
  if (n % 3 === 1) return { text: '\\ud800' }
  let deep = []
  for (let level = 0; level < 5000; level += 1) deep = [deep]
  return deep
}`

/** Eight callers while one account answers poison as fast as it can and the ledger rows of another are held by somebody
 * else for five seconds: theirs must neither fail nor wait. */
export async function measurePoisonAndLock(pairs: number, say: (line: string) => void): Promise<void> {
  await using stack = new AsyncDisposableStack()
  const [generator, neighbour] = [await startGenerator(), await startGenerator()]
  stack.defer(() => generator.stop())
  stack.defer(() => neighbour.stop())
  const site = await startBenchSite()
  stack.defer(() => site.stop())
  const callers = await callersOf(site, CALLERS + 2)
  const [poisoner, locked, ...good] = callers
  if (poisoner === undefined || locked === undefined) throw new Error('no callers')
  await generator.open(
    'good',
    site.server.url,
    good.map((caller) => caller.request(site.echo.agentId, site.echo.body)),
  )
  const creator = await aCaller(site.db, 0n, 'Poisoner')
  const poison = await publishAgent({ db: site.db, dataDir: site.dataDir }, creator, { name: 'Poison', source: POISON })
  await neighbour.open('bad', site.server.url, [
    poisoner.request(poison, '{}'),
    locked.request(site.echo.agentId, site.echo.body),
  ])
  const holding = new AbortController()
  const holder = holdRows(site.databaseUrl, locked.accountId, holding.signal)
  const result = await measureNoisyNeighbour(
    { generator, neighbour, progress: say },
    'good',
    { target: 'bad', connections: 2 },
    { pairs, roundMs: ROUND_MS, settleMs: 500 },
  )
  holding.abort()
  await holder
  say(
    `8 callers: p99 ${result.quiet.p99Ms.toFixed(1)} ms before, ${result.during.p99Ms.toFixed(1)} ms during, ratio ` +
      `${result.p99.median.toFixed(2)} [${result.p99.low.toFixed(2)} - ${result.p99.high.toFixed(2)}]; ` +
      `${result.failures} of ${result.quiet.runs + result.during.runs} failed ${result.firstFailure ?? ''}; ` +
      `poison and locked: ${JSON.stringify(result.neighbour)}`,
  )
}

/** Locks an account's ledger rows for five seconds, over and over. */
async function holdRows(url: string, accountId: string, signal: AbortSignal): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    while (!signal.aborted) {
      await client.query('begin')
      await client.query('select 1 from ledger_accounts where account_id = $1 for update', [accountId])
      await pause(LOCK_MS, undefined, { signal }).catch(() => undefined)
      await client.query('rollback')
      await pause(500)
    }
  } finally {
    await client.end()
  }
}
