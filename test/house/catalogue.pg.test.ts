import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import type { Database } from '../../src/platform/database.ts'
import { aDatabase } from '../support/database.ts'
import { readCatalogue } from './catalogue.ts'

let db: Database
beforeAll(async () => {
  db = (await aDatabase()).db
})

/** Thrown to roll a planted change back. */
class Undo extends Error {}

/** The catalogue as it would be after `change`, which is not kept. */
async function catalogueAfter(change: string): Promise<string> {
  let catalogue = ''
  const undone = db.transaction(async (tx) => {
    await tx.client.query(change)
    catalogue = await readCatalogue(tx)
    throw new Undo()
  })
  await expect(undone).rejects.toThrow(Undo)
  return catalogue
}

test('checks, functions, views, partitions and special indexes of a migrated database are those that were reviewed', async () => {
  // Meant to change? `npx vitest run --project pg test/house/catalogue -u` writes it; review the difference.
  await expect(await readCatalogue(db)).toMatchFileSnapshot('./catalogue.snapshot.txt')
})

test.each([
  ['a dropped check', 'alter table ledger_accounts drop constraint ledger_accounts_available'],
  [
    'a weakened check',
    'alter table transfers drop constraint transfers_amount, add constraint transfers_amount check (amount_micro >= 0)',
  ],
  ['a lost partial index', 'drop index runs_open_owner'],
  ['a lost default partition', 'drop table runs_default'],
  [
    'an edited function',
    `create or replace function creator_part(amount bigint, share integer) returns bigint
    language sql immutable strict parallel safe as $$ select amount $$`,
  ],
  [
    'a trigger',
    `create function nothing() returns trigger language plpgsql as $$ begin return new; end $$;
    create trigger planted before insert on transfers for each row execute function nothing()`,
  ],
  ['a lost view', 'drop view entries'],
])('%s shows in the catalogue', async (_name, change) => {
  const reviewed = readFileSync(join(import.meta.dirname, 'catalogue.snapshot.txt'), 'utf8')
  expect(await catalogueAfter(change)).not.toBe(reviewed)
})

test('a partition that the monthly job makes does not show', async () => {
  expect(await catalogueAfter(`select create_month_partition('runs', date '2031-05-01')`)).toBe(await readCatalogue(db))
})
