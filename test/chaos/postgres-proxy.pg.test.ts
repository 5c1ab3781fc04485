import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { aDatabase, type TestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { startPostgresProxy, type PostgresProxy, type ProxyHook, type ProxyMessage } from './postgres-proxy.ts'

let database: TestDatabase
let proxy: PostgresProxy
const clients: pg.Client[] = []

beforeEach(async () => {
  database = await aDatabase()
  await database.db.pool.query('create table marks (n int primary key)')
  const { hostname, port } = new URL(database.url)
  proxy = await startPostgresProxy({ host: hostname, port: Number(port) })
})

afterEach(async () => {
  proxy.cutAll()
  await Promise.all(clients.splice(0).map((client) => client.end().catch(() => {}))) // Cut on purpose.
  await proxy.stop()
  await database.stop()
})

async function connectThrough(): Promise<pg.Client> {
  const url = new URL(database.url)
  url.port = String(proxy.port)
  const client = new pg.Client({ connectionString: url.href, application_name: 'through the proxy' })
  client.on('error', () => {}) // Cut on purpose.
  clients.push(client)
  await client.connect()
  return client
}

const mark = (client: pg.Client, n: number) =>
  client.query({ name: 'test.mark', text: 'insert into marks values ($1)', values: [n] })

async function marks(): Promise<number[]> {
  const { rows } = await database.db.pool.query<{ n: number }>('select n from marks order by n')
  return rows.map((row) => row.n)
}

function record(seen: ProxyMessage[]): ProxyHook {
  return {
    before(message) {
      seen.push(message)
      return 'forward'
    },
  }
}

describe('the proxy between server and PostgreSQL', () => {
  test('sees every message of a named statement, in both directions, under its name', async () => {
    const seen: ProxyMessage[] = []
    const client = await connectThrough()
    await mark(client, 1)
    proxy.watch(record(seen))
    await mark(client, 2)
    expect(seen.map(({ from, type }) => `${from} ${type}`)).toEqual([
      'frontend Bind',
      'frontend Describe',
      'frontend Execute',
      'frontend Sync',
      'backend BindComplete',
      'backend NoData',
      'backend CommandComplete',
      'backend ReadyForQuery',
    ])
    expect(new Set(seen.map(({ statement }) => statement))).toEqual(new Set(['test.mark']))
    expect(seen[0]?.startup).toMatchObject({ application_name: 'through the proxy' })
  })

  test('large rows, errors and several connections pass unharmed', async () => {
    const [one, two] = await Promise.all([connectThrough(), connectThrough()])
    const [rows, failure] = await Promise.all([
      one.query(`select repeat(md5(n::text), 1000) as text from generate_series(1, 300) n`),
      two.query('select 1/0').catch((error: unknown) => error),
    ])
    expect(rows.rows).toHaveLength(300)
    expect(rows.rows.every((row: { text: string }) => row.text.length === 32_000)).toBe(true)
    expect(failure).toMatchObject({ code: '22012' })
    expect((await two.query('select 2 as n')).rows).toEqual([{ n: 2 }])
  })

  test('a cut before Sync leaves nothing of the statement, a cut after it all of it', async () => {
    const cutAt = (side: 'before' | 'after'): ProxyHook => ({
      [side]: ({ type, statement }: ProxyMessage) => (type === 'Sync' && statement === 'test.mark' ? 'cut' : 'forward'),
    })
    proxy.watch(cutAt('before'))
    await expect(mark(await connectThrough(), 1)).rejects.toThrow()
    proxy.watch(cutAt('after'))
    await expect(mark(await connectThrough(), 2)).rejects.toThrow()
    proxy.watch(undefined)
    // PostgreSQL commits after our side is gone, so somebody has to look twice.
    await eventually(async () => expect(await marks()).toEqual([2]), { withinMs: 5_000 })
    await eventually(async () => expect(await openSessions()).toBe(0), { withinMs: 5_000 })
    expect(await marks()).toEqual([2])
  })

  test('a frozen proxy passes nothing until it is cut, and then new connections pass', async () => {
    const client = await connectThrough()
    proxy.freeze()
    const lost = mark(client, 1).then(
      () => 'answered',
      () => 'lost',
    )
    // Long enough for a statement that is not held back (the others of this file take under 5 ms).
    await database.db.pool.query('select pg_sleep(0.1)')
    expect(await marks()).toEqual([])
    proxy.cutAll()
    expect(await lost).toBe('lost')
    await mark(await connectThrough(), 2)
    expect(await marks()).toEqual([2])
  })
})

async function openSessions(): Promise<number> {
  const { rows } = await database.db.pool.query<{ n: number }>(
    `select count(*)::int as n from pg_stat_activity where application_name = 'through the proxy' and datname = current_database()`,
  )
  return rows[0]?.n ?? -1
}
