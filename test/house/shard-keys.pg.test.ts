import { beforeAll, expect, test } from 'vitest'
import { statement, type Database, type Queryable } from '../../src/platform/database.ts'
import { aDatabase } from '../support/database.ts'

// The rule that keeps the database ready to be split by account: whoever writes a payer-side table finds every key of
// it, and everything it refers to, on the account's own server.

/** The tables of the payer's side. A table with an `account_id` that is not here is a fault, so that a new one is
 * either put here or given a reason. */
const PAYER_TABLES = [
  'artifacts',
  'consents',
  'idempotency_keys',
  'ledger_accounts',
  'ledger_closings',
  'ledger_deltas',
  'run_egress',
  'run_events',
  'run_retentions',
  'runs',
  'secrets',
  'transfers',
  'uploads',
  'partial_uploads',
  'upload_parts',
]

type Fault = { readonly fault: string }

/** Every way in which the schema is not ready to be split by account, as sentences. */
async function shardFaults(db: Queryable): Promise<string[]> {
  const rows = await db.query(FAULTS, [PAYER_TABLES])
  return rows.map(({ fault }) => fault)
}

const FAULTS = statement<Fault>(
  'test.shard_faults',
  `
  with tables as (
    select c.oid, c.relname as name, c.relkind = 'p' as is_partitioned, c.relname = any ($1) as is_payers,
      (select a.attnum from pg_attribute a where a.attrelid = c.oid and a.attname = 'account_id') as account,
      (select a.attnotnull from pg_attribute a where a.attrelid = c.oid and a.attname = 'account_id') as is_required
    from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
  ),
  foreign_keys as (
    select k.conname as name, f.name as from_name, t.name as to_name, t.is_partitioned, f.is_payers as from_payers,
      t.is_payers as to_payers,
      -- Inside one account: the account of the one side is paired with the account of the other.
      exists (select 1 from unnest(k.conkey, k.confkey) as pair (here, there)
        where pair.here = f.account and pair.there = t.account) as stays_inside
    from pg_constraint k join tables f on f.oid = k.conrelid join tables t on t.oid = k.confrelid
    where k.contype = 'f' and k.conparentid = 0
  )
  select name || ' of the payer''s side does not exist' as fault
    from unnest($1::text[]) name where not exists (select 1 from tables t where t.name = name.name)
  union all
  select name || ' carries account_id and is not named as a table of the payer''s side'
    from tables where account is not null and not is_payers
  union all
  select name || ' has no account_id' from tables where is_payers and account is null
  union all
  select name || '.account_id may be null' from tables where is_payers and not is_required
  union all
  select t.name || ' has no primary key' from tables t
    where is_payers and not exists (select 1 from pg_index i where i.indrelid = t.oid and i.indisprimary)
  union all
  select t.name || ': unique key ' || c.relname || ' does not include account_id'
    from tables t join pg_index i on i.indrelid = t.oid join pg_class c on c.oid = i.indexrelid
    where t.is_payers and i.indisunique
      and not (t.account = any (string_to_array(i.indkey::text, ' ')::smallint[])) is not false
  union all
  select from_name || ': foreign key ' || name || ' points to the partitioned table ' || to_name
    from foreign_keys where is_partitioned
  union all
  select from_name || ': foreign key ' || name || ' leaves its account for ' || to_name
    from foreign_keys where (from_payers or to_payers) and not stays_inside
  order by 1`,
)

let db: Database
beforeAll(async () => {
  db = (await aDatabase()).db
})

/** Thrown to roll a planted change back. */
class Undo extends Error {}

async function faultsAfter(change: string): Promise<string[]> {
  let faults: string[] = []
  const undone = db.transaction(async (tx) => {
    await tx.client.query(change)
    faults = await shardFaults(tx)
    throw new Undo()
  })
  await expect(undone).rejects.toThrow(Undo)
  return faults
}

test('every table of the payer carries its account in each key and refers to nothing outside it', async () => {
  expect(await shardFaults(db)).toEqual([])
})

test.each([
  [
    'create table receipts (account_id text not null, id uuid primary key)',
    ["receipts carries account_id and is not named as a table of the payer's side"],
  ],
  ['alter table uploads drop column account_id cascade', ['uploads has no account_id', 'uploads has no primary key']],
  [
    'alter table uploads drop constraint uploads_pkey, alter column account_id drop not null',
    ['uploads has no primary key', 'uploads.account_id may be null'],
  ],
  ['create unique index planted on artifacts (sha256)', ['artifacts: unique key planted does not include account_id']],
  [
    'alter table artifacts add constraint planted foreign key (account_id, run_id) references runs (account_id, id)',
    ['artifacts: foreign key planted points to the partitioned table runs'],
  ],
  [
    'alter table uploads add constraint planted foreign key (account_id) references "Account" (id)',
    ['uploads: foreign key planted leaves its account for Account'],
  ],
  ['drop table ledger_closings', ["ledger_closings of the payer's side does not exist"]],
])('a planted fault is found: %s', async (change, faults) => {
  expect(await faultsAfter(change)).toEqual(faults)
})
