import { beforeAll, expect, test } from 'vitest'
import { anAccount, anAdmission, aRunLedger } from '../../test/support/run-ledger.ts'
import { aDatabase, type TestDatabase } from '../../test/support/database.ts'
import { createPartitions } from '../credits/index.ts'
import { statement } from '../platform/database.ts'
import { newUuidV7 } from '../platform/ids.ts'
import { createLogger } from '../platform/logger.ts'
import { createFindWaiting } from './find-waiting.ts'
import type { RunLedger } from './run-ledger.ts'
import { CLAIM } from './runs.queries.ts'

const owner = newUuidV7()
/** Ids in the order of their numbers, as the queue of an account is. */
const FILL_QUEUE = statement(
  'test.fill_queue',
  `insert into runs (id, account_id, principal, agent_id, version, creator_account_id, status, deadline_at, queued_at,
     queue_ms, life_ms, is_fresh, is_idempotent, attempts)
   select (substr(uuid_v7_floor(now())::text, 1, 19) || '8000-' || lpad(to_hex(n), 12, '0'))::uuid, $2, 'user:test',
     'agent', 1, 'creator', 'queued', now() + interval '1 hour', now(), 1000, 1000, false, false, 0
   from generate_series(1, $1::int) n`,
)
/** As autovacuum does soon after: a partition whose statistics say that it is empty is read by whatever index comes first. */
const ANALYZE = statement('test.analyze_queue', 'analyze runs')
const CLEAR = statement('test.clear_queue', `delete from runs where queued_at is not null`)
const READ = statement<{ readonly fetched: bigint; readonly scanned: bigint }>(
  'test.claims_read',
  `select sum(seq_tup_read)::bigint as scanned, sum(coalesce(idx_tup_fetch, 0))::bigint as fetched
   from pg_stat_xact_user_tables where relname ~ '^runs'`,
)

let database: TestDatabase
let ledger: RunLedger
beforeAll(async () => {
  database = await aDatabase()
  await createPartitions({ db: database.db, log: createLogger('error', 2) })
  ledger = await aRunLedger(database.url)
})

const queue = async (accountId: string, count: number): Promise<void> => {
  for (let n = 0; n < count; n += 1)
    await ledger.enqueue({ ...anAdmission(accountId), isFresh: false, isIdempotent: false })
}

/** Whose runs one call takes, in order. */
const claim = async (limit: number, perAccount: number, after = ''): Promise<string[]> =>
  (await database.db.query(CLAIM, [owner, after, limit, perAccount])).map((run) => run.account_id)

test('one call fills all places that are free: of every account in turn, and round again', async () => {
  const accounts = await Promise.all([1, 2, 3].map(() => anAccount(database.db, { granted: 1_000n })))
  const [a = '', b = '', c = ''] = accounts.toSorted()
  await queue(a, 4)
  await queue(b, 1)
  await queue(c, 3)
  expect(await claim(6, 10, a)).toEqual([b, c, a, c, a, c])
  expect(await claim(6, 10)).toEqual([a, a])
  expect(await claim(6, 10)).toEqual([])
  await database.db.execute(CLEAR)
})

test('an account gets no more places than one account may have, whoever else waits', async () => {
  const [busy, other] = [
    await anAccount(database.db, { granted: 1_000n }),
    await anAccount(database.db, { granted: 1_000n }),
  ]
  await queue(busy, 6)
  expect(await claim(8, 3)).toEqual([busy, busy, busy])
  expect(await claim(8, 3)).toEqual([])
  await queue(other, 1)
  expect(await claim(8, 3)).toEqual([other])
  await database.db.execute(CLEAR)
})

test('claiming from a queue of 20 000 reads what it takes; the places of many are told by one look', async () => {
  const crowd = await anAccount(database.db)
  await database.db.execute(FILL_QUEUE, [20_000, crowd])
  await database.db.execute(ANALYZE)
  await database.db.transaction(async (tx) => {
    // What came before in this connection may not have been counted yet.
    const [before] = await tx.query(READ)
    const claimed = await tx.query(CLAIM, [owner, '', 8, 24])
    expect(claimed.map((run) => run.id.slice(-12))).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((n) => `00000000000${n}`))
    const [read] = await tx.query(READ)
    expect(Number(read?.scanned ?? 0n) - Number(before?.scanned ?? 0n)).toBe(0)
    expect(Number(read?.fetched ?? 0n) - Number(before?.fetched ?? 0n)).toBeLessThan(200)
  })
  const waiting = createFindWaiting({ db: database.db, runsPerAccount: 24, slots: () => 32 })
  const [next] = await database.db.query(CLAIM, [owner, '', 1, 24])
  const idOf = (n: number): string => `${next?.id.slice(0, -12)}${n.toString(16).padStart(12, '0')}`
  const told = await waiting.ofMany([9, 10, 20_000].map((n) => ({ accountId: crowd, id: idOf(n) })))
  expect([...told].map(([id, { place }]) => [id, place])).toEqual([
    [idOf(10), 1],
    [idOf(20_000), 19_991],
  ])
  expect(await waiting.of({ accountId: crowd, id: idOf(20_000), status: 'queued' })).toMatchObject({ place: 19_991 })
  await database.db.execute(CLEAR)
})
