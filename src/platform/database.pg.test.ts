import { expect, test } from 'vitest'
import { aDatabase, onServer } from '../../test/support/database.ts'
import { eventually } from '../../test/support/eventually.ts'
import { createDatabase, statement } from './database.ts'
import { createLogger } from './logger.ts'

const { db, url } = await aDatabase()

const ONE = statement<{ n: bigint }>('test.one', 'select $1::int8 as n')
const MAKE = statement('test.make', 'create table things (n int8 primary key check (n > 0))')
const PUT = statement('test.put', 'insert into things values ($1) on conflict do nothing')
const COUNT = statement<{ count: bigint }>('test.count', 'select count(*) from things')

await db.execute(MAKE)

test('an amount above 2^53 comes back exactly', async () => {
  expect(await db.query(ONE, [9_007_199_254_740_993n])).toEqual([{ n: 9_007_199_254_740_993n }])
})

test('a guarded statement tells how many rows it changed', async () => {
  expect(await db.execute(PUT, [1])).toBe(1)
  expect(await db.execute(PUT, [1])).toBe(0)
})

test('what throws inside a transaction takes everything in it back', async () => {
  const before = await db.query(COUNT)
  await expect(
    db.transaction(async (tx) => {
      await tx.execute(PUT, [2])
      throw new Error('changed my mind')
    }),
  ).rejects.toThrow('changed my mind')
  expect(await db.query(COUNT)).toEqual(before)
})

test('a transaction that swallowed a failed statement is reported as rolled back', async () => {
  await expect(
    db.transaction(async (tx) => {
      await tx.execute(PUT, [-1]).catch(() => 0)
    }),
  ).rejects.toThrow('rolled back')
})

test('a statement that runs too long is ended by the server', async () => {
  await expect(
    db.transaction(async (tx) => {
      await tx.client.query(`set local statement_timeout = 50`)
      await tx.client.query('select pg_sleep(5)')
    }),
  ).rejects.toThrow('statement timeout')
})

test('connections lost while idle and while on loan neither end the process nor poison the pool', async () => {
  const name = new URL(url).pathname.slice(1)
  const cut = (): Promise<unknown> =>
    onServer((admin) =>
      admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]),
    )
  await expect(
    db.transaction(async (tx) => {
      await tx.execute(PUT, [3])
      await cut()
      await tx.execute(PUT, [4])
    }),
  ).rejects.toThrow()
  await cut()
  const [row] = await eventually(() => db.query(ONE, [1]), { withinMs: 2_000 })
  expect(row).toEqual({ n: 1n })
})

test('a statement name that PostgreSQL would cut is refused', () => {
  expect(() => statement('x'.repeat(64), 'select 1')).toThrow(RangeError)
})

test('a server that does not answer is DEPENDENCY_UNAVAILABLE, a statement it refuses keeps its own error', async () => {
  const nobody = createDatabase({
    url: 'postgresql://bureau:bureau@127.0.0.1:1/none',
    poolMax: 1,
    statementTimeoutMs: 1_000,
    log: createLogger('silent'),
    name: 'nobody',
  })
  try {
    await expect(nobody.query(COUNT)).rejects.toMatchObject({ code: 'DEPENDENCY_UNAVAILABLE', status: 503 })
    await expect(nobody.transaction(async () => 1)).rejects.toMatchObject({ code: 'DEPENDENCY_UNAVAILABLE' })
  } finally {
    await nobody.stop()
  }
  await expect(db.query(statement('test.wrong', 'select nothing from nowhere'))).rejects.toMatchObject({
    code: '42P01',
  })
})
