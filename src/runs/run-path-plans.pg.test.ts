import { beforeAll, expect, test } from 'vitest'
import { createPartitions } from '../credits/index.ts'
import { statement } from '../platform/database.ts'
import { createLogger } from '../platform/logger.ts'
import { newUuidV7 } from '../platform/ids.ts'
import { aDatabase, type TestDatabase } from '../../test/support/database.ts'
import { anAccount, anAdmission, aSuccess } from '../../test/support/run-ledger.ts'
import { admitMany, admitOne } from './admit-runs.ts'
import { settleMany, settleOne } from './settle-runs.ts'

const ROWS = 20_000
const FILL_LEDGER = statement(
  'test.fill_ledger',
  `insert into ledger_accounts (account_id, kind) select 'filler-' || n, k
   from generate_series(1, $1::int) n, unnest(array['granted', 'bought']::"LedgerKind"[]) k`,
)
const FILL_KEYS = statement(
  'test.fill_keys',
  `insert into idempotency_keys select $2, 'user:test', 'key-' || n, '\\x00', gen_random_uuid(), now() + interval '1 day'
   from generate_series(1, $1::int) n`,
)
/** All open, of the same owner and payer as the runs of the test: the worst there is. */
const FILL_RUNS = statement(
  'test.fill_runs',
  `insert into runs (id, account_id, principal, agent_id, version, creator_account_id, status, owner, deadline_at)
   select (substr(uuid_v7_floor(now())::text, 1, 19) || substr(gen_random_uuid()::text, 20))::uuid, $2, 'user:test', 'agent',
     1, 'creator', 'running', $3, now() + interval '1 hour' from generate_series(1, $1::int) n`,
)
/** What this transaction read of each table, by scans of the table and by index. */
const READ = statement<{ readonly table: string; readonly scanned: bigint; readonly fetched: bigint }>(
  'test.read',
  `select relname as table, seq_tup_read as scanned, coalesce(idx_tup_fetch, 0) as fetched from pg_stat_xact_user_tables
   where relname ~ '^(runs|transfers|ledger_accounts|idempotency_keys)' and seq_tup_read + coalesce(idx_tup_fetch, 0) > 0`,
)

let database: TestDatabase
const owner = newUuidV7()
let payer: string
beforeAll(async () => {
  database = await aDatabase()
  const { db } = database
  await createPartitions({ db, log: createLogger('error', 2) })
  payer = await anAccount(db, { granted: 1_000n })
  await db.execute(FILL_LEDGER, [ROWS])
  await db.execute(FILL_KEYS, [ROWS, payer])
  await db.execute(FILL_RUNS, [ROWS, payer, owner])
})

test.each(['before', 'after'])(
  'admitting and settling five runs reads a handful of rows of tables with 20 000 each, %s they were analyzed',
  async (moment) => {
    const { db } = database
    if (moment === 'after') await db.pool.query('analyze')
    await db.transaction(async (tx) => {
      const orders = Array.from({ length: 4 }, (_, n) =>
        anAdmission(payer, { key: `new-${moment}-${n}`, fingerprint: Buffer.alloc(32) }),
      )
      const single = anAdmission(payer, { key: `single-${moment}`, fingerprint: Buffer.alloc(32) })
      const call = { lock: 'skip', isUncertain: false } as const
      const admissions = [...(await admitMany(tx, owner, orders)), await admitOne(tx, owner, single, call)]
      expect(admissions.map((answer) => answer.kind === 'done' && answer.result.kind)).toEqual(
        Array(5).fill('admitted'),
      )
      const settlements = [
        ...(await settleMany(
          tx,
          owner,
          orders.map((order) => aSuccess(order)),
        )),
        await settleOne(tx, owner, aSuccess(single), call),
      ]
      expect(settlements.map((answer) => answer.kind === 'done' && answer.result.kind)).toEqual(
        Array(5).fill('settled'),
      )
      const reads = await tx.query(READ)
      expect(reads.filter((read) => read.scanned > 0n || read.fetched > 60n)).toEqual([])
      expect(reads.length).toBeGreaterThan(0)
    })
  },
)
