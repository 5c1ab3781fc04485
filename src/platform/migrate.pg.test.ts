import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { anEmptyDatabase, type EmptyDatabase } from '../../test/support/database.ts'
import { createLogger } from './logger.ts'
import { migrate, OUTSIDE_TRANSACTION } from './migrate.ts'

const log = createLogger('silent')
let directory: string
let database: EmptyDatabase

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bureau-migrations-'))
  database = await anEmptyDatabase()
})

afterEach(async () => {
  await rm(directory, { recursive: true, force: true })
  await database.stop()
})

async function write(name: string, sql: string): Promise<void> {
  await mkdir(join(directory, name), { recursive: true })
  await writeFile(join(directory, name, 'migration.sql'), sql)
}

const apply = (): Promise<string[]> => migrate({ url: database.url, directory, log })

async function rows(sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

test('migrations are applied in the order of their names, and only once', async () => {
  await write('002_add', 'alter table a add y int;')
  await write('001_init', 'create table a (x int);')
  expect(await apply()).toEqual(['001_init', '002_add'])
  expect(await apply()).toEqual([])
})

test('eight processes that start at once migrate once', async () => {
  await write('001_init', 'create table a (x int); select pg_sleep(0.1);')
  const applied = await Promise.all(Array.from({ length: 8 }, apply))
  expect(applied.flat()).toEqual(['001_init'])
})

test('a migration that fails half-way leaves nothing behind and succeeds once mended', async () => {
  await write('001_init', 'create table a (x int); select 1/0;')
  await expect(apply()).rejects.toThrow('001_init failed: division by zero')
  await write('001_init', 'create table a (x int);')
  expect(await apply()).toEqual(['001_init'])
})

test('a migration edited after it was applied is refused by name', async () => {
  await write('001_init', 'create table a (x int);')
  await apply()
  await write('001_init', 'create table a (x bigint);')
  await expect(apply()).rejects.toThrow('001_init was edited')
})

test('an older version refuses a database that a newer one migrated', async () => {
  await write('001_init', 'create table a (x int);')
  await write('002_add', 'alter table a add y int;')
  await apply()
  await rm(join(directory, '002_add'), { recursive: true })
  await expect(apply()).rejects.toThrow('002_add is in the database but not in this version')
})

test('a migration that the Prisma CLI left unfinished is refused until it is resolved', async () => {
  await write('001_init', 'create table a (x int);')
  await apply()
  await rows('update _prisma_migrations set finished_at = null')
  await expect(apply()).rejects.toThrow('001_init began and did not finish')
})

test('an index is built concurrently outside a transaction, and again after a crash in between', async () => {
  await write('001_init', 'create table a (x int);')
  await write(
    '002_index',
    `${OUTSIDE_TRANSACTION}\ndrop index concurrently if exists a_x;\ncreate index concurrently a_x on a (x);\n`,
  )
  expect(await apply()).toEqual(['001_init', '002_index'])
  await rows(`update _prisma_migrations set finished_at = null where migration_name = '002_index'`)
  expect(await apply()).toEqual(['002_index'])
  expect(await rows(`select indisvalid from pg_index where indexrelid = 'a_x'::regclass`)).toEqual([
    { indisvalid: true },
  ])
  expect(await rows('select count(*)::int as n from _prisma_migrations')).toEqual([{ n: 2 }])
})

test('a folder without its migration.sql is refused before anything is applied', async () => {
  await write('001_init', 'create table a (x int);')
  await mkdir(join(directory, '002_empty'))
  await expect(apply()).rejects.toThrow('002_empty has no readable migration.sql')
})
