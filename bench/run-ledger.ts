/* Runs a second of the run path's two database steps, by hand:
 *   node bench/run-ledger.ts postgresql://… [accounts] [seconds]
 * on a migrated database of its own. Against the floor: INSERT + UPDATE of the same row by `pg`, the best of four pools.
 * Alternating rounds in one process; the noise of single figures is large, only ratios count. */
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { createDatabase } from '../src/platform/database.ts'
import { newUuidV7 } from '../src/platform/ids.ts'
import { createLogger } from '../src/platform/logger.ts'
import { createRunLedger, type RunLedger } from '../src/runs/run-ledger.ts'

const [url = '', accountsText = '32', secondsText = '2'] = process.argv.slice(2)
const accounts = Array.from({ length: Number(accountsText) }, (_, n) => `bench-${n}`)
const roundMs = Number(secondsText) * 1_000
const input = Buffer.alloc(400, 'x')
const log = createLogger('warn', 2)

/** Operations a second of `callers` closed loops, and the median and 99th percentile of one. */
async function measure(callers: number, operation: (caller: number) => Promise<void>): Promise<Figures> {
  const tookMs: number[] = []
  const from = performance.now()
  await Promise.all(
    Array.from({ length: callers }, async (_, caller) => {
      while (performance.now() - from < roundMs) {
        const at = performance.now()
        await operation(caller)
        tookMs.push(performance.now() - at)
      }
    }),
  )
  const sorted = tookMs.toSorted((a, b) => a - b)
  const rank = (p: number): number => sorted[Math.ceil(p * sorted.length) - 1] ?? 0
  return { perSecond: (1_000 * tookMs.length) / (performance.now() - from), p50Ms: rank(0.5), p99Ms: rank(0.99) }
}
type Figures = { readonly perSecond: number; readonly p50Ms: number; readonly p99Ms: number }

function runOnce(ledger: RunLedger, withKeys: boolean): (caller: number) => Promise<void> {
  return async (caller) => {
    const runId = newUuidV7()
    const accountId = accounts[caller % accounts.length] ?? ''
    const admission = await ledger.admit({
      runId,
      accountId,
      principal: 'user:bench',
      key: withKeys ? runId : null,
      fingerprint: withKeys ? Buffer.alloc(32, 1) : null,
      agentId: 'bench',
      version: 1,
      creatorAccountId: 'bench-creator',
      holdMicro: 1_000_000n,
      input,
      timeoutMs: 10_000,
      keyTtlMs: 86_400_000,
    })
    if (admission.kind !== 'admitted') throw new Error(admission.kind)
    const settlement = await ledger.settle({
      runId,
      accountId,
      status: 'succeeded',
      code: null,
      failure: null,
      output: input,
      logs: null,
      chargeMicro: 700_000n,
      creatorShare: 8_000,
      events: [{ what: 'run', count: 1, micro: '700000' }],
      startedCold: false,
      waitMs: 0,
      runMs: 1,
    })
    if (settlement.kind !== 'settled') throw new Error(settlement.kind)
  }
}

const INSERT = { name: 'floor.insert', text: 'insert into bench_floor (id, account_id, input) values ($1, $2, $3)' }
const UPDATE = { name: 'floor.update', text: 'update bench_floor set output = $2, finished_at = now() where id = $1' }

const db = createDatabase({ url, poolMax: 8, statementTimeoutMs: 15_000, log, name: 'bench' })
await db.start(AbortSignal.timeout(10_000))
await db.pool.query(
  'create table if not exists bench_floor (id uuid primary key, account_id text, input bytea, output bytea, finished_at timestamptz)',
)
await db.pool.query(
  `insert into ledger_accounts (account_id, kind, posted) select a, k, 1e15::bigint
   from unnest($1::text[]) a, unnest(array['granted','bought']::"LedgerKind"[]) k
   on conflict (account_id, kind) do update set posted = excluded.posted`,
  [accounts],
)
await db.pool.query(`select create_month_partition(t, now()::date) from unnest(array['runs', 'transfers']) t`)
const ledger = createRunLedger({ db, log, ownerId: newUuidV7() })
await ledger.start(AbortSignal.timeout(10_000))
const pools = [4, 8, 16, 32].map((max) => new pg.Pool({ connectionString: url, max }))
const floorOnce = (pool: pg.Pool) => async (): Promise<void> => {
  const id = newUuidV7()
  await pool.query({ ...INSERT, values: [id, 'bench', input] })
  await pool.query({ ...UPDATE, values: [id, input] })
}

const show = (name: string, callers: number, f: Figures): void =>
  console.log(
    `${name.padEnd(22)} ${String(callers).padStart(4)} callers ${f.perSecond.toFixed(0).padStart(7)}/s  p50 ${f.p50Ms.toFixed(2)} ms  p99 ${f.p99Ms.toFixed(2)} ms`,
  )
for (const callers of [1, 8, 32]) {
  for (let round = 0; round < 2; round++) {
    const floors: Figures[] = []
    for (const pool of pools) floors.push(await measure(callers, floorOnce(pool)))
    const best = floors.toSorted((a, b) => b.perSecond - a.perSecond)[0]
    if (best !== undefined) show('floor INSERT + UPDATE', callers, best)
    show('admit + settle', callers, await measure(callers, runOnce(ledger, false)))
    show('with keys', callers, await measure(callers, runOnce(ledger, true)))
    await db.pool.query('select roll_up_ledger(100000)')
    await pause(100)
  }
}
await ledger.stop()
await db.stop()
await Promise.all(pools.map((pool) => pool.end()))
